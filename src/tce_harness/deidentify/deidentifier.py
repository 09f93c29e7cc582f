"""The reference de-identifier: one instance in, a de-identified one or a reason out (PS3.15 Annex E)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
)

from tce_harness.deidentify.character_sets import set_character_set
from tce_harness.deidentify.content_items import AUTHOR_CONCEPTS, concept_of, is_teaching_file_information
from tce_harness.deidentify.content_rewriting import author_stays
from tce_harness.deidentify.dates import is_time
from tce_harness.deidentify.identity import Identity
from tce_harness.deidentify.kinship import PatientKey
from tce_harness.deidentify.links import Link
from tce_harness.deidentify.marking import mark, says_yes
from tce_harness.deidentify.options import MODIFIED_DATES
from tce_harness.deidentify.outcome import (
    CannotBeMadeSafe,
    Deidentified,
    Note,
    NoteKind,
    Quarantined,
    Written,
)
from tce_harness.deidentify.pixel_cleaning import PixelCleaning
from tce_harness.deidentify.pixels import has_pixels
from tce_harness.deidentify.plan import Plan
from tce_harness.deidentify.policy import Already, Policy
from tce_harness.deidentify.pseudonyms import PatientPseudonym, Pseudonyms
from tce_harness.deidentify.recovery import Recovery
from tce_harness.deidentify.redaction import is_told, tell
from tce_harness.deidentify.safe_private import SafePrivate
from tce_harness.deidentify.span_pass import LongWay, SpanPass
from tce_harness.deidentify.time_zones import NO_OFFSET, bring_into, says_zone_badly, zone_of
from tce_harness.deidentify.vocabulary import words_of
from tce_harness.deidentify.walk import Walk
from tce_harness.deidentify.working_copy import elements_of, working_copy
from tce_harness.objects.elements import DECODING_ERRORS, text
from tce_harness.objects.instance import encode_instance, file_meta, prefix
from tce_harness.standard.attribute_types import is_known

PATIENT_IDENTITY_REMOVED = "(0012,0062)"


class Deidentifier:
    """De-identifies instances by one policy.

    Parameters
    ----------
    policy
        What is claimed and kept.
    pseudonyms
        The mapping of UIDs and identifiers; instances handled with the same one stay linked.
    recovery
        Lets the originals travel encrypted; None where they do not.
    """

    def __init__(self, policy: Policy, pseudonyms: Pseudonyms, recovery: Recovery | None = None) -> None:
        self.policy = policy
        self.recovery = recovery
        self.pseudonyms = pseudonyms
        self._plan = Plan(policy)
        self._pixels = PixelCleaning(policy)
        self.span_pass = SpanPass(
            self._plan,
            pseudonyms,
            is_usual=self._is_usual,
            patient_of=self._patient,
            notes_of=self._pixels.notes,
        )

    def rewrite(self, content: bytes) -> Written | None:
        """De-identify the file of an image by its encoded elements.

        Returns
        -------
        Written or None
            The same bytes that `deidentify` leads to; None where the instance has to be read and given to
            that, as all have where originals travel, whose envelope is made of decoded elements.
        """
        if self.recovery is not None:
            return None
        try:
            short = self.span_pass.rewrite(content)
        except LongWay:
            return None
        start = prefix(short.sop_class_uid, short.uids[2], short.transfer_syntax_uid)
        return Written((start, *short.parts), *short.uids, short.original_sop_instance_uid, short.notes)

    def date_shift(self, patient: PatientKey) -> timedelta | None:
        """Return by how much the dates of a patient are moved; None where they are not."""
        if MODIFIED_DATES not in self.policy.codes:
            return None
        return self.pseudonyms.shift(patient.patient_id, patient.issuer, self.policy.shift_days)

    def deidentify(self, dataset: Dataset) -> Deidentified | Quarantined:
        """De-identify one instance; the data set that is given is not changed.

        Parameters
        ----------
        dataset
            With its file meta, which tells the transfer syntax; without one, Explicit VR Little Endian
            counts.

        Returns
        -------
        Deidentified or Quarantined
            The new data set has a file meta of the harness's own. It keeps the transfer syntax of the old
            one, unless text had to be taken out of pixels compressed with loss.
            What may show text, is of a private SOP class, or cannot be searched or written, is quarantined.
        """
        try:
            return self._deidentify(dataset)
        except CannotBeMadeSafe as error:
            return Quarantined(str(error))
        except DECODING_ERRORS as error:
            return Quarantined(f"the data set cannot be decoded or written: {type(error).__name__}")

    def _deidentify(self, original: Dataset) -> Deidentified | Quarantined:
        old_meta = getattr(original, "file_meta", None) or FileMetaDataset()
        dataset = working_copy(original)
        sop_class = UID(
            str(dataset.get("SOPClassUID") or old_meta.get("MediaStorageSOPClassUID") or "").strip()
        )
        syntax = UID(old_meta.get("TransferSyntaxUID") or ExplicitVRLittleEndian)
        dataset.SOPClassUID = sop_class
        if reason := self._refusal(dataset):
            return Quarantined(reason)
        if not dataset.get("SOPInstanceUID"):
            return Quarantined("SOP Instance UID (0008,0018) is missing")
        if (done := self._already(dataset, syntax)) is not None:
            return done
        identity = self._identity(dataset)
        teaching = is_teaching_file_information(dataset)
        keep_author = author_stays(self._plan, teaching_file_information=teaching)
        patient = self._patient(dataset)
        if self._subject_id_tells(patient, identity) and not says_yes(dataset):
            raise CannotBeMadeSafe(
                "the subject id of the list holds a name of the patient or of another person"
            )
        walk = Walk(self._plan, self.pseudonyms, sop_class, identity, patient, keep_author)
        if self._plan.keeps_private:
            walk.private = SafePrivate.of(self.policy, dataset)
        walk.notes.extend(_already_notes(dataset))
        # before the overlays go, as they tell where in the pixels one may hide
        told_before = is_told(dataset)
        syntax, notes, redacted = self._pixels.clean(dataset, syntax)
        walk.notes.extend([*self._pixels.notes(dataset), *notes])
        with self._on_one_clock(dataset, walk.notes):
            walk.data_set(dataset)
        if redacted or told_before:
            tell(dataset)
        author_kept = keep_author and _has_author(dataset)
        mark(dataset, self.policy, patient, author_kept=author_kept, image=has_pixels(dataset))
        if self.recovery is not None:
            walk.notes.extend(self.recovery.protect(original, dataset, syntax))
        set_character_set(dataset)
        dataset.file_meta = file_meta(sop_class, dataset.SOPInstanceUID, syntax)
        dataset.preamble = b"\x00" * 128
        _search(encode_instance(dataset), syntax, identity)
        return Deidentified(dataset, tuple(walk.notes))

    def link(self, original: Dataset, new_uids: tuple[str, str, str], content: bytes = b"") -> Link | None:
        """Return what a pseudonym log keeps of an instance that was de-identified.

        Parameters
        ----------
        original
            The instance, or no more of it than `identifying_part` gives.
        new_uids
            Of study, series and instance.
        content
            The original file, of which a keyed digest is kept.

        Returns
        -------
        Link or None
            None where the policy passes the instance as it is, so that nothing stands for anything.
        """
        if self.policy.already is Already.PASS and says_yes(original):
            return None
        shift = self.date_shift(self.pseudonyms.key_of(original))
        return Link.between(original, new_uids, self.pseudonyms, content=content, date_shift=shift)

    def _already(self, dataset: Dataset, syntax: UID) -> Deidentified | Quarantined | None:
        """Return what becomes of an instance that says it is de-identified, None where it is done again."""
        if not says_yes(dataset) or self.policy.already is Already.AGAIN:
            return None
        if self.policy.already is Already.REFUSE:
            return Quarantined(
                "Patient Identity Removed (0012,0062) is YES already, and the policy refuses such instances"
            )
        dataset.file_meta = file_meta(UID(dataset.SOPClassUID), UID(dataset.SOPInstanceUID), syntax)
        dataset.preamble = b"\x00" * 128
        note = Note(kind=NoteKind.ALREADY, element=PATIENT_IDENTITY_REMOVED, detail="passed as it is")
        return Deidentified(dataset, (note,))

    @contextmanager
    def _on_one_clock(self, dataset: Dataset, notes: list[Note]) -> Iterator[None]:
        """Let the dates of an instance move by the time and the zone that they are told in."""
        if not self._plan.companions:
            yield
            return
        if says_zone_badly(dataset):
            notes.append(Note(kind=NoteKind.NOT_A_TIME, element="(0008,0201)"))
            del dataset.TimezoneOffsetFromUTC
        bring_into(dataset, zone_of(dataset, self.pseudonyms.kinship))
        own = text(dataset, "StudyTime")
        known = self.pseudonyms.kinship.study_times.get(text(dataset, "StudyInstanceUID"), "")
        if not known or is_time(own):
            yield
            return
        had = "StudyTime" in dataset
        dataset.StudyTime = known
        yield
        if own:
            notes.append(Note(kind=NoteKind.NOT_A_TIME, element="(0008,0030)"))
        dataset.StudyTime = ""
        if not had:
            del dataset.StudyTime

    def _identity(self, dataset: Dataset) -> Identity:
        """Return what identifies in an instance, without what stays as other instances are passed with it."""
        kinship = self.pseudonyms.kinship
        passed = kinship.passed_patients.get(self.pseudonyms.key_of(dataset))
        if passed is None and not kinship.passed_uids:
            return Identity.of(dataset, self._plan.retained)
        stays = dict(zip(("PatientID", "PatientName"), passed or (), strict=False))
        told = Dataset(
            {
                each.tag: each
                for each in elements_of(dataset)
                if each.keyword not in stays or stays[each.keyword] != text(dataset, each.keyword)
            }
        )
        identity = Identity.of(told, self._plan.retained)
        needles = {uid.encode() for uid in kinship.passed_uids}
        return replace(identity, uids=identity.uids - kinship.passed_uids, needles=identity.needles - needles)

    def _subject_id_tells(self, patient: PatientPseudonym, identity: Identity) -> bool:
        """Tell whether a subject id that somebody gave out is a name; an earlier output is called so."""
        return self.pseudonyms.subjects is not None and not identity.name_words.isdisjoint(
            words_of(patient.id)
        )

    def _refusal(self, dataset: Dataset) -> str | None:
        """Return why an instance must not be written, None where nothing speaks against it."""
        return _reason_for_class(UID(str(dataset.SOPClassUID).strip())) or self._pixels.refusal(dataset)

    def _is_usual(self, facts: Dataset) -> bool:
        """Tell whether an instance can be written with its pixels, and was not de-identified before."""
        if self.pseudonyms.kinship.passed_uids:
            return False  # what stays because of them has to be told from what identifies
        if self._plan.companions and says_zone_badly(facts):
            return False
        sop_class = UID(str(facts.SOPClassUID).strip())
        return not _reason_for_class(sop_class) and self._pixels.is_usual(facts) and not says_yes(facts)

    def _patient(self, dataset: Dataset) -> PatientPseudonym:
        key = self.pseudonyms.key_of(dataset)
        if MODIFIED_DATES in self.policy.codes and key in self.pseudonyms.kinship.passed_patients:
            raise CannotBeMadeSafe(
                "other instances of its patient are passed with their dates, and those of this one would move"
            )
        shift = self.pseudonyms.shift(key.patient_id, key.issuer, self.policy.shift_days)
        if self._plan.companions:
            shift -= zone_of(dataset, self.pseudonyms.kinship) or NO_OFFSET
        return replace(self.pseudonyms.patient(key.patient_id, key.issuer), shift=shift)


def _already_notes(dataset: Dataset) -> list[Note]:
    if not says_yes(dataset):
        return []
    return [Note(kind=NoteKind.ALREADY, element=PATIENT_IDENTITY_REMOVED, detail="de-identified again")]


def _reason_for_class(sop_class: UID) -> str | None:
    if not sop_class:
        return "SOP Class UID (0008,0016) is missing"
    if is_known(sop_class) and sop_class != MediaStorageDirectoryStorage:
        return None
    if sop_class.is_private:
        return "de-identification of a private SOP class is not defined (PS3.15 E.1.1)"
    return f"{sop_class.name} is no storage SOP class whose attributes are known"


def _has_author(dataset: Dataset) -> bool:
    return any(concept_of(item) in AUTHOR_CONCEPTS for item in dataset.get("ContentSequence") or [])


def _search(content: bytes, syntax: UID, identity: Identity) -> None:
    """Look for original UIDs and identifiers in what would be written: the last guard."""
    if syntax == DeflatedExplicitVRLittleEndian:
        # group length (0002,0000) is the first element of the file meta, 12 bytes after the prefix
        start = 144 + struct.unpack("<L", content[140:144])[0]
        content = zlib.decompress(content[start:], -zlib.MAX_WBITS)
    if identity.is_in_bytes(content):
        raise CannotBeMadeSafe("an original identifier or UID would remain in the output")
