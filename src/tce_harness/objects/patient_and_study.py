"""What a new document takes over from the study that it joins: patient, study, marking, character set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy

from pydicom.charset import python_encoding
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import UID, ExplicitVRLittleEndian
from pydicom.valuerep import VR

from tce_harness.model.errors import HarnessError
from tce_harness.objects.elements import as_text, element, text
from tce_harness.objects.instance import check_uid, file_meta

UNICODE = "ISO_IR 192"

# Type 2 in the Patient and General Study modules: there even when empty.
_REQUIRED = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
)
# Attributes of the same information entities that travel along where the source has them.
_OPTIONAL = (
    "SpecificCharacterSet",
    "TimezoneOffsetFromUTC",
    "IssuerOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "OtherPatientIDsSequence",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "StudyDescription",
    "IssuerOfAccessionNumberSequence",
    "ProcedureCodeSequence",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
    "ClinicalTrialSponsorName",
    "ClinicalTrialProtocolID",
    "ClinicalTrialProtocolName",
    "ClinicalTrialSiteID",
    "ClinicalTrialSiteName",
    "ClinicalTrialSubjectID",
    "ClinicalTrialSubjectReadingID",
    "ClinicalTrialTimePointID",
    "ClinicalTrialTimePointDescription",
)
_TEXT_VRS = frozenset({VR.LO, VR.LT, VR.PN, VR.SH, VR.ST, VR.UC, VR.UT})


def one_patient(instances: Iterable[Dataset]) -> tuple[str, str]:
    """Return Patient ID and its issuer, the same in all instances.

    Raises
    ------
    HarnessError
        When there is no instance, or they are of several patients. The text names no patient.
    """
    patients = {(text(each, "PatientID"), text(each, "IssuerOfPatientID")) for each in instances}
    if not patients:
        raise HarnessError("no instance was given to take the patient and study attributes from")
    if len(patients) > 1:
        raise HarnessError(
            f"the instances are of {len(patients)} patients (Patient ID (0010,0020) with its issuer); "
            "a document is about one patient, so make one for each"
        )
    return patients.pop()


def new_document(
    source: Dataset, sop_class_uid: str, series_instance_uid: str, sop_instance_uid: str
) -> FileDataset:
    """Return a document in the study of an instance, without its series' and its own attributes.

    Raises
    ------
    InstanceError
        When the instance has no valid Study Instance UID.
    """
    study = check_uid(text(source, "StudyInstanceUID"), "Study Instance UID (0020,000D)")
    meta = file_meta(sop_class_uid, sop_instance_uid, ExplicitVRLittleEndian)
    document = FileDataset("", {}, file_meta=meta, preamble=b"\x00" * 128)
    copy_patient_and_study(source, document)
    document.SOPClassUID = UID(sop_class_uid)
    document.SOPInstanceUID = UID(sop_instance_uid)
    document.StudyInstanceUID = study
    document.SeriesInstanceUID = UID(series_instance_uid)
    document.ReferencedPerformedProcedureStepSequence = []
    document.Manufacturer = ""
    return document


def copy_patient_and_study(source: Dataset, document: Dataset) -> None:
    """Copy patient, study, clinical trial and de-identification attributes; Type 2 ones at least empty."""
    for keyword in (*_OPTIONAL, *_REQUIRED):
        found = element(source, keyword)
        if found is not None:
            document[keyword] = deepcopy(found)
        elif keyword in _REQUIRED:
            setattr(document, keyword, None)


def choose_character_set(document: Dataset) -> None:
    """Keep the document's character set where it can spell all of its text; else make it ISO_IR 192."""
    declared = text(document, "SpecificCharacterSet")
    if all(_can_spell(declared, words) for words in _texts(document)):
        return
    document.SpecificCharacterSet = UNICODE


def _texts(dataset: Dataset) -> Iterator[str]:
    for each in dataset.iterall():
        if each.VR in _TEXT_VRS:
            yield as_text(each.value)


def _can_spell(declared: str, words: str) -> bool:
    """Tell whether a single character set spells a text; with code extensions only ASCII is taken as sure."""
    if words.isascii():
        return True
    try:
        words.encode(python_encoding[declared])
    except (KeyError, LookupError, UnicodeEncodeError):
        return False
    return declared != ""
