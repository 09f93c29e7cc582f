"""One file in, one file out: what a worker process does, and hands back to whoever keeps count."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from pathlib import Path

from pydicom.dataset import Dataset

from tce_harness.deidentify.deidentifier import Deidentifier
from tce_harness.deidentify.dropped_words import Dropped, dropped_by
from tce_harness.deidentify.input_files import read_file
from tce_harness.deidentify.links import Link, identifying_part
from tce_harness.deidentify.outcome import Note, NoteKind, Quarantined, Written
from tce_harness.deidentify.pictures import Preview, pixel_digest, preview_of
from tce_harness.deidentify.pixels import has_pixels
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.objects.instance import check_uid, read_instance
from tce_harness.objects.manifest import is_key_object_selection

#: Of a file that is not yet where it belongs.
UNFINISHED = ".part"
_COUNTED_APART = frozenset({NoteKind.WORDS_DROPPED, NoteKind.NOT_RECOVERABLE})


class Look(Enum):
    """What a person is to see of the pixels."""

    NONE = auto()
    #: An instance is written if its pixels were confirmed.
    CONFIRMED = auto()
    #: Pictures are made and nothing is written.
    PREVIEW = auto()


AWAITS = "it awaits the look of a person at the preview"


class Became(Enum):
    """What became of a file."""

    WRITTEN = auto()
    HELD = auto()
    SELECTION = auto()


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file.

    Parameters
    ----------
    became
        A key object selection is left for the end, when it is known what it may list.
    sop_instance_uid
        Of the original; empty where it could not be read.
    reason
        Why it was held.
    target
        Where it is to be written.
    unfinished
        Where it was written.
    link
        What a pseudonym log keeps of it; None where nothing was written, it was passed on
        as it is, or no log is kept.
    words_dropped
        How often which words were dropped from texts. They are patient data.
    not_recoverable
        How many attributes do not travel although originals do.
    told
        How often what was done that cannot be read off the table, by the kind of the note.
    pixels
        Digest of the pixels that were written; empty where there are none, or nobody has to confirm them.
    preview
        What a person is shown in place of writing it.
    """

    path: Path
    became: Became
    sop_instance_uid: str = ""
    reason: str = ""
    target: Path | None = None
    unfinished: Path | None = None
    link: Link | None = None
    words_dropped: Mapping[Dropped, int] = field(default_factory=dict)
    not_recoverable: int = 0
    told: Mapping[str, int] = field(default_factory=dict)
    pixels: str = ""
    preview: Preview | None = None


class FileWorker:
    """De-identifies files into a folder.

    Parameters
    ----------
    out
        Files go to ``<study>/<series>/<instance>.dcm`` in it, named by the new UIDs.
        A file gets a name that ends in ``.part`` at first: whoever has recorded what was replaced, and knows
        that no other file has the name already, renames it.
    with_links
        Whether what was replaced is to be recorded.
    look
        What a person is to see of the pixels.
    """

    def __init__(
        self, deidentifier: Deidentifier, out: Path, *, with_links: bool, look: Look = Look.NONE
    ) -> None:
        self._deidentifier = deidentifier
        self._out = out
        self._with_links = with_links
        self._look = look
        self._numbers = count()

    def file(self, path: Path) -> FileOutcome:
        """De-identify one file; what cannot be written is held, never dropped."""
        uid = ""
        try:
            content = read_file(path)
            written = self._deidentifier.rewrite(content)
            if written is not None:
                return self._write(path, content, written)
            dataset = read_instance(path)
            uid = str(dataset.SOPInstanceUID)
            if is_key_object_selection(dataset):
                return FileOutcome(path, Became.SELECTION, uid)
            return self.instance(path, dataset)
        except InstanceError as error:
            return FileOutcome(path, Became.HELD, uid, reason=str(error))

    def instance(self, path: Path, dataset: Dataset) -> FileOutcome:
        """De-identify the instance of a file, or what has to be written in its place.

        Raises
        ------
        InstanceError
            When it cannot be written.
        """
        outcome = self._deidentifier.deidentify(dataset)
        if isinstance(outcome, Quarantined):
            return FileOutcome(path, Became.HELD, str(dataset.SOPInstanceUID), reason=outcome.reason)
        return self._write(path, read_file(path), Written.of(outcome, str(dataset.SOPInstanceUID)))

    def _write(self, path: Path, content: bytes, written: Written) -> FileOutcome:
        if self._look is Look.PREVIEW:
            return _previewed(path, content, written)
        target = self._out.joinpath(
            check_uid(written.study_instance_uid, "Study Instance UID (0020,000D)"),
            check_uid(written.series_instance_uid, "Series Instance UID (0020,000E)"),
            check_uid(written.sop_instance_uid, "SOP Instance UID (0008,0018)") + ".dcm",
        )
        original = written.original_sop_instance_uid
        unfinished = target.with_name(f"{target.name}.{os.getpid()}-{next(self._numbers)}{UNFINISHED}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("xb") as file:
                file.writelines(written.parts)
        except OSError as error:
            raise HarnessError(f"{target} cannot be written: {error.strerror}") from None
        link = self._link(content, written) if self._with_links else None
        return FileOutcome(
            path,
            Became.WRITTEN,
            original,
            target=target,
            unfinished=unfinished,
            link=link,
            words_dropped=dict(dropped_by(written.notes)),
            not_recoverable=sum(note.kind is NoteKind.NOT_RECOVERABLE for note in written.notes),
            told=dict(Counter(_spelled(note) for note in written.notes if note.kind not in _COUNTED_APART)),
            pixels=pixel_digest(_dataset(written)) if self._look is Look.CONFIRMED else "",
        )

    def _link(self, content: bytes, written: Written) -> Link | None:
        uids = (written.study_instance_uid, written.series_instance_uid, written.sop_instance_uid)
        return self._deidentifier.link(identifying_part(content), uids, content)


def _previewed(path: Path, content: bytes, written: Written) -> FileOutcome:
    output = _dataset(written)
    shown = preview_of(read_instance(content), output, written.notes) if has_pixels(output) else None
    return FileOutcome(path, Became.HELD, written.original_sop_instance_uid, reason=AWAITS, preview=shown)


def _dataset(written: Written) -> Dataset:
    return read_instance(b"".join(written.parts))


def _spelled(note: Note) -> str:
    return f"{note.kind}, {note.detail}" if note.kind is NoteKind.ALREADY else str(note.kind)
