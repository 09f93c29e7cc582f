"""What the de-identifier hands back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydicom.dataset import Dataset

from tce_harness.objects.instance import encode_instance


class NoteKind(StrEnum):
    """What is worth telling the person who looks through the result."""

    WORDS_DROPPED = "words dropped"
    IDENTIFYING_VALUE = "identifying value in an attribute that no row names"
    AUTHOR_KEPT = "author kept"
    PIXELS = "pixel data"
    DOCUMENT = "encapsulated document replaced"
    NOT_RECOVERABLE = "original not among the encrypted ones"
    RETAINED = "retained value that holds a word of a name of the same instance"
    NOT_RETAINED = "value that an option retains, not kept as it holds an identifier of the same instance"
    NOT_A_TIME = "date or time that cannot be moved, handled as the profile says"
    PRIVATE = "private element kept as known to be safe"
    FACES = "pixels by which a person could be recognised"
    ALREADY = "instance that says it is de-identified already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that was done and cannot be read off the table.

    Parameters
    ----------
    element
        Path, such as ``(0040,A730)[2]/(0040,A160)``.
    detail
        What was done; it quotes no value.
    words
        The words that cleaning dropped. They are values of the original: keep them where the originals are
        kept.
    """

    kind: NoteKind
    element: str
    detail: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A de-identified instance, and notes on it."""

    dataset: Dataset
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """The file of a de-identified instance, and notes on it.

    Parameters
    ----------
    parts
        The file in pieces.
    study_instance_uid, series_instance_uid, sop_instance_uid
        The new ones; empty where the instance has none.
    original_sop_instance_uid
        What it was before.
    """

    parts: tuple[bytes | memoryview, ...]
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    original_sop_instance_uid: str
    notes: tuple[Note, ...]

    @classmethod
    def of(cls, outcome: Deidentified, original_sop_instance_uid: str) -> Written:
        """Encode a de-identified data set.

        Raises
        ------
        InstanceError
            When it holds what no file can.
        """
        dataset = outcome.dataset
        return cls(
            (encode_instance(dataset),),
            str(dataset.get("StudyInstanceUID") or ""),
            str(dataset.get("SeriesInstanceUID") or ""),
            str(dataset.SOPInstanceUID),
            original_sop_instance_uid,
            outcome.notes,
        )


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An instance that could not be made safe; the reason quotes none of its values."""

    reason: str


class CannotBeMadeSafe(Exception):
    """Raised inside the de-identifier; its caller gets `Quarantined`."""
