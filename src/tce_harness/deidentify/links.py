"""What one de-identified instance was before: the facts that a pseudonym log keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from pydicom import dcmread
from pydicom.dataset import Dataset

from tce_harness.deidentify.kinship import PatientKey
from tce_harness.deidentify.pseudonyms import PatientPseudonym, Pseudonyms
from tce_harness.objects.elements import text

_NEEDED = (
    "SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "PatientName", "PatientID", "IssuerOfPatientID",
    "PatientBirthDate", "PatientIdentityRemoved", "StudyInstanceUID", "SeriesInstanceUID",
    "StudyTime", "TimezoneOffsetFromUTC",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Replaced:
    """A UID, and what stands in its place."""

    original: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An instance and its original.

    It holds patient data. It needs no log to be made, so that several processes can make links and one
    records them.

    Parameters
    ----------
    name, birth_date
        Of the patient as this instance had them.
    subject_id
        From a list of subjects; None where the pseudonym follows from the key.
    date_shift
        How far the dates were moved; None where they were not.
    file_digest
        Keyed digest of the original file; empty where there was none.
    """

    patient: PatientKey
    name: str
    birth_date: str
    pseudonym: PatientPseudonym
    subject_id: str | None
    date_shift: timedelta | None
    study: Replaced
    series: Replaced
    instance: Replaced
    sop_class_uid: str
    file_digest: str

    @classmethod
    def between(
        cls,
        original: Dataset,
        new_uids: tuple[str, str, str],
        pseudonyms: Pseudonyms,
        *,
        content: bytes = b"",
        date_shift: timedelta | None = None,
    ) -> Link:
        """Return the link between an instance and what the de-identifier made of it.

        Parameters
        ----------
        original
            The instance, or no more of it than `identifying_part` gives.
        new_uids
            Of study, series and instance.
        pseudonyms
            Those that the de-identifier worked with.
        content
            The original file, of which a keyed digest is kept.
        """
        patient = pseudonyms.key_of(original)
        pseudonym = pseudonyms.patient(patient.patient_id, patient.issuer)
        return cls(
            patient=patient,
            name=text(original, "PatientName"),
            birth_date=text(original, "PatientBirthDate"),
            pseudonym=pseudonym,
            subject_id=None if pseudonyms.subjects is None else pseudonym.id,
            date_shift=date_shift,
            study=Replaced(text(original, "StudyInstanceUID"), new_uids[0]),
            series=Replaced(text(original, "SeriesInstanceUID"), new_uids[1]),
            instance=Replaced(text(original, "SOPInstanceUID"), new_uids[2]),
            sop_class_uid=text(original, "SOPClassUID"),
            file_digest=pseudonyms.file_digest(content) if content else "",
        )


def identifying_part(content: bytes) -> Dataset:
    """Return of a Part 10 file that was found readable what a link needs, without decoding the rest of it."""
    return dcmread(BytesIO(content), force=True, stop_before_pixels=True, specific_tags=list(_NEEDED))
