"""Private elements that are known to be safe: kept as that, unless they show otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset

from tce_harness.deidentify.dates import TEMPORAL_VRS
from tce_harness.deidentify.identity import Identity, texts_of
from tce_harness.deidentify.outcome import Note, NoteKind
from tce_harness.deidentify.plan import Action, Decision, Plan
from tce_harness.deidentify.retaining import is_misused
from tce_harness.deidentify.safe_private import Known
from tce_harness.deidentify.writing_in_bytes import dates_in, writing_in
from tce_harness.objects.elements import DECODING_ERRORS

_REMOVE = Decision(Action.REMOVE, Action.REMOVE, listed=True)
#: VRs under which an element is written whose own VR its writer did not know, or did not tell.
_OPAQUE = frozenset({"UN", "OB"})
_BYTES = frozenset({"OB", "OW", "OB or OW", "OW/OB", "OD", "OF", "OL", "OV", "UN"})
_WORDED = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})
#: VRs that are handled by themselves, so that an element must not stand under another one.
_TELLING = frozenset({"SQ", "UI", "PN", *TEMPORAL_VRS})


class Walking(Protocol):
    """What a private element needs of the walk through the instance."""

    plan: Plan
    identity: Identity
    notes: list[Note]

    def data_set(
        self,
        dataset: Dataset,
        path: tuple[int, ...] = (),
        place: str = "",
        *,
        scrub: bool = False,
        retained: bool = False,
    ) -> None:
        """De-identify a data set or item."""

    def value(self, dataset: Dataset, element: DataElement, decision: Decision, place: str) -> None:
        """Do with an element that is no sequence what was decided."""


def private_element(
    walk: Walking,
    dataset: Dataset,
    element: DataElement,
    known: Known,
    *,
    path: tuple[int, ...],
    place: str,
) -> None:
    """Keep a private element that is known to be safe, unless it shows that it is not.

    Parameters
    ----------
    path, place
        Of the element, as tags and as text.
    """
    action = known.action
    walk.notes.append(Note(kind=NoteKind.PRIVATE, element=place))
    if action is not Action.RETAIN:
        asked = Action.REMOVE if element.VR == "SQ" and action is Action.DUMMY else action
        walk.value(dataset, element, replace(_REMOVE, action=asked), place)
        return
    understood = _understood(dataset, element, known.vr)
    if understood is None:
        _drop(walk, dataset, element, place)
        return
    dataset[element.tag] = understood
    if understood.VR == "SQ":
        for number, item in enumerate(understood.value or (), start=1):
            walk.data_set(item, path, f"{place}[{number}]", retained=True)
    elif understood.VR in TEMPORAL_VRS or understood.VR == "UI":
        walk.value(dataset, understood, replace(_REMOVE, action=walk.plan.by_vr(understood.VR)), place)
    elif understood.VR == "PN" or _shows_identity(walk, understood):
        _drop(walk, dataset, understood, place)


def _drop(walk: Walking, dataset: Dataset, element: DataElement, place: str) -> None:
    walk.notes[-1] = Note(kind=NoteKind.NOT_RETAINED, element=place)
    del dataset[element.tag]


def _understood(dataset: Dataset, element: DataElement, vr: str) -> DataElement | None:
    """Return an element under the VR in which it is known to be safe; None where it is none of that VR."""
    if not vr or vr == element.VR or (vr in _BYTES and element.VR in _BYTES):
        return element
    if element.VR in _OPAQUE and isinstance(element.value, bytes):
        return _decoded(dataset, element, vr)
    return None if vr in _TELLING or element.VR in _TELLING else element


def _decoded(dataset: Dataset, element: DataElement, vr: str) -> DataElement | None:
    content: bytes = element.value
    if vr == "SQ":  # a value that is one was read as such
        return None if content else DataElement(element.tag, "SQ", [])
    raw = RawDataElement(element.tag, vr, len(content), content, 0, False, True)
    try:
        declared = convert_encodings(dataset.get("SpecificCharacterSet") or "ISO_IR 6")
        decoded = convert_raw_data_element(raw, encoding=declared, ds=Dataset())
        texts = texts_of(decoded)
    except DECODING_ERRORS:
        return None
    return decoded if all(_is_text(text) and not is_misused(vr, text) for text in texts) else None


def _shows_identity(walk: Walking, element: DataElement) -> bool:
    in_bytes = isinstance(element.value, bytes | bytearray)
    texts = (writing_in(bytes(element.value)),) if in_bytes else texts_of(element)
    if any(_tells(walk, text) for text in texts) or (in_bytes and walk.identity.is_in_bytes(element.value)):
        return True
    may_date = in_bytes or element.VR in _WORDED
    return may_date and walk.plan.by_vr("DA") is not Action.KEEP and any(map(dates_in, texts))


def _tells(walk: Walking, text: str) -> bool:
    uids = () if walk.plan.retained.uids else walk.identity.uids_in_text(text)
    return bool(uids) or walk.identity.is_in_text(text)


def _is_text(text: str) -> bool:
    return "".join(text.split()).isprintable()
