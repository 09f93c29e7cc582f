"""The short way for images: elements that were met before become what they became then, byte for byte.

The instances of a series have most of their elements in common. The way through pydicom decides, decodes and
encodes each of them anew; here an element is known by its encoded bytes, and only what was not met before in
an instance of the same kind is decoded and handed to `Walk`. Both ways give the same bytes. Documents, and
whatever is unusual, take the long way.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import correct_ambiguous_vr, write_data_element
from pydicom.uid import UID

from tce_harness.deidentify.character_sets import CHARACTER_SET, UTF_8, is_ascii
from tce_harness.deidentify.conditions import LINKED as CONDITIONAL
from tce_harness.deidentify.dates import TIME_ZONE, is_time
from tce_harness.deidentify.element_spans import EncodedInstance, Span, UnusualEncodingError
from tce_harness.deidentify.identity import Identity, texts_of
from tce_harness.deidentify.marking import MARKS, mark
from tce_harness.deidentify.native_pixels import NativeLayout
from tce_harness.deidentify.outcome import CannotBeMadeSafe, Note, NoteKind
from tce_harness.deidentify.pixel_cleaning import FACTS as PIXEL_FACTS
from tce_harness.deidentify.pixels import clean_pixel_data
from tce_harness.deidentify.plan import Action, Plan
from tce_harness.deidentify.pseudonyms import PatientPseudonym, Pseudonyms
from tce_harness.deidentify.safe_private import SafePrivate
from tce_harness.deidentify.span_memory import Became, Encoded, Epoch, Setting, decode
from tce_harness.deidentify.span_shortcuts import shortcut
from tce_harness.deidentify.time_zones import bring_into, zone_of
from tce_harness.deidentify.trial import trial_tags
from tce_harness.deidentify.walk import TEXT_VRS, Walk
from tce_harness.deidentify.working_copy import elements_of
from tce_harness.objects.elements import DECODING_ERRORS, text

PIXEL_DATA = 0x7FE00010
SOP_CLASS_UID, SOP_INSTANCE_UID = 0x00080016, 0x00080018
STUDY_TIME, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID = 0x00080030, 0x0020000D, 0x0020000E

#: What documents are made of, and pixels that are kept in another way.
_LONG_WAY = frozenset(
    {0x0040A730, 0x0040A525, 0x00420011, 0x04000500, 0x7FE00001, 0x7FE00002, 0x7FE00008, 0x7FE00009}
)
_NEEDED = frozenset({SOP_CLASS_UID, SOP_INSTANCE_UID, PIXEL_DATA})
#: What says of which kind the instance is, whose, and how its pixels lie.
_FACTS = tuple(sorted({
    CHARACTER_SET, 0x00080008, SOP_CLASS_UID, TIME_ZONE, 0x00100020, 0x00100021, 0x00120062,
    STUDY_INSTANCE_UID, 0x00280002, 0x00280004, 0x00280008, 0x00280010, 0x00280011, 0x00280100,
    0x00280101, 0x00280102, 0x00280103, 0x00280301, *PIXEL_FACTS,
}))  # fmt: skip
#: Character set, Bits Allocated, Pixel Representation: what the decoding of other elements rests on.
_CONTEXT = (CHARACTER_SET, 0x00280100, 0x00280103)
_PRIVATE_CHARACTERISTICS = 0x00080300
_DELIMITER = 8  # bytes of the item that ends pixel data of undefined length
_LINKED_KEY = b"\x01\x00linked"  # no element begins so: group 0001 is not allowed
_OVERLAY_GROUP = 0x60
_USUAL_UID = re.compile(r"\d+(?:\.\d+){2,}|")
_MENTIONS_UID = re.compile(r"\d\.\d+\.\d")
_MOST_SETTINGS = 8
_EXPLICIT_HEADER, _IMPLICIT_HEADER = struct.Struct("<HH2sHL"), struct.Struct("<HHL")


class LongWay(Exception):
    """Raised for an instance that must be handled through pydicom."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A de-identified image.

    Parameters
    ----------
    parts
        The encoded data set in pieces, without preamble and file meta. The pixels may be a view of the
        original.
    uids
        New values of Study, Series and SOP Instance UID; empty where there is none.
    """

    parts: tuple[bytes | memoryview, ...]
    sop_class_uid: UID
    transfer_syntax_uid: UID
    uids: tuple[str, str, str]
    original_sop_instance_uid: str
    notes: tuple[Note, ...]


class _Unit(NamedTuple):
    """An element, or several, whose new values depend on no other element but those beside."""

    key: bytes
    elements: tuple[Encoded, ...]
    beside: tuple[Encoded, ...] = ()

    @property
    def is_linked(self) -> bool:
        """Whether it holds all the elements that are looked at together."""
        return self.key.startswith(_LINKED_KEY)


class SpanPass:
    """De-identifies encoded images by the memory of equal elements.

    Parameters
    ----------
    plan, pseudonyms
        As the long way uses them.
    is_usual
        Tells whether nothing speaks against writing an instance with these facts.
    patient_of
        Tells what stands in place of the patient of an instance with these facts.
    notes_of
        Tells what is noted of an instance with these facts.
    """

    def __init__(
        self,
        plan: Plan,
        pseudonyms: Pseudonyms,
        *,
        is_usual: Callable[[Dataset], bool],
        patient_of: Callable[[Dataset], PatientPseudonym],
        notes_of: Callable[[Dataset], list[Note]],
    ) -> None:
        self._plan = plan
        self._pseudonyms = pseudonyms
        self._is_usual = is_usual
        self._linked = MARKS | CONDITIONAL | trial_tags(plan.policy)
        self._patient_of = patient_of
        self._notes_of = notes_of
        self._settings: dict[tuple[object, ...], Setting] = {}

    def rewrite(self, content: bytes) -> Rewritten:
        """De-identify the file of one image.

        Raises
        ------
        LongWay
            When it is no image of the usual kind, must perhaps not be written, or holds something that has
            to be looked at as a whole.
        """
        try:
            return self._rewrite(EncodedInstance.of(content))
        except (UnusualEncodingError, CannotBeMadeSafe, *DECODING_ERRORS) as error:
            raise LongWay from error

    def _rewrite(self, encoded: EncodedInstance) -> Rewritten:
        spans = {span[0]: span for span in encoded.spans}
        if not spans.keys() >= _NEEDED or not _LONG_WAY.isdisjoint(spans):
            raise LongWay
        if self._plan.keeps_private and _PRIVATE_CHARACTERISTICS in spans:
            raise LongWay  # it speaks of private elements at every depth
        setting = self._setting(encoded, spans)
        content = encoded.content
        if self._plan.companions and self._lacks_study_time(content, spans, setting):
            raise LongWay  # its date moves with the time that others of its study tell
        elements = [
            (tag, content[start:end])
            for tag, start, _, end in encoded.spans
            if tag not in (PIXEL_DATA, CHARACTER_SET)
        ]
        epoch, uids = setting.identity_of(elements)
        if not all(map(_USUAL_UID.fullmatch, uids)):
            raise LongWay
        identity = epoch.identity.and_uids(uids)
        if self._pseudonyms.subjects is not None and identity.is_in_text(setting.patient.id):
            raise LongWay  # the subject id may be a name
        became = self._became(setting, epoch, identity, elements)
        pixels, pixel_notes = self._pixels(encoded, spans[PIXEL_DATA], setting, identity)
        pieces = dict(piece for each in became for piece in each.pieces)
        if not all(each.ascii_only for each in became):
            pieces[CHARACTER_SET] = _declaration(implicit=encoded.implicit)
        before = b"".join(pieces[tag] for tag in sorted(pieces) if tag < PIXEL_DATA)
        after = b"".join(pieces[tag] for tag in sorted(pieces) if tag > PIXEL_DATA)
        if identity.is_in_bytes(before) or identity.is_in_bytes(after):
            raise LongWay
        return Rewritten(
            parts=(before, *pixels, after),
            sop_class_uid=setting.sop_class_uid,
            transfer_syntax_uid=encoded.transfer_syntax_uid,
            uids=(
                _uid(pieces, STUDY_INSTANCE_UID),
                _uid(pieces, SERIES_INSTANCE_UID),
                _uid(pieces, SOP_INSTANCE_UID),
            ),
            original_sop_instance_uid=_uid(dict(elements), SOP_INSTANCE_UID),
            notes=(*setting.notes, *pixel_notes, *(note for each in became for note in each.notes)),
        )

    def _lacks_study_time(self, content: bytes, spans: dict[int, Span], setting: Setting) -> bool:
        if text(setting.facts, "StudyInstanceUID") not in self._pseudonyms.kinship.study_times:
            return False
        _, _, value, end = spans.get(STUDY_TIME, (0, 0, 0, 0))
        return not is_time(content[value:end].decode("ascii", "replace"))

    def _setting(self, encoded: EncodedInstance, spans: dict[int, Span]) -> Setting:
        facts = [_encoded(encoded.content, spans[tag]) for tag in _FACTS if tag in spans]
        overlays = any(tag >> 24 == _OVERLAY_GROUP for tag in spans)
        key = (encoded.transfer_syntax_uid, overlays, *facts)
        if key not in self._settings:
            if len(self._settings) >= _MOST_SETTINGS:
                self._settings.clear()
            self._settings[key] = self._new_setting(encoded, facts, overlays=overlays)
        return self._settings[key]

    def _new_setting(self, encoded: EncodedInstance, facts: list[Encoded], *, overlays: bool) -> Setting:
        if overlays and encoded.transfer_syntax_uid.is_encapsulated:
            raise LongWay  # one may lie in the compressed pixels
        dataset = decode(facts, implicit=encoded.implicit)
        dataset.add(DataElement(PIXEL_DATA, "OW", b""))
        if not self._is_usual(dataset):
            raise LongWay
        context = tuple(fact for fact in facts if fact[0] in _CONTEXT)
        sop_class = UID(str(dataset.SOPClassUID).strip())
        patient = self._patient_of(dataset)
        native = not encoded.transfer_syntax_uid.is_encapsulated
        layout = NativeLayout.of(dataset) if native else None
        notes = tuple(self._notes_of(dataset))
        return Setting(
            encoded.implicit, dataset, sop_class, patient, context, self._plan.retained, layout, notes
        )

    # -- elements

    def _units(self, elements: list[Encoded]) -> Iterator[_Unit]:
        by_tag = dict(elements)
        linked: list[Encoded] = []
        keeps_private = self._plan.keeps_private
        for element in elements:
            tag, content = element
            if tag in self._linked or (keeps_private and tag >> 16 & 1):
                linked.append(element)
                continue
            companion = self._plan.companions.get(tag)
            if companion in by_tag:
                beside = (companion, by_tag[companion])
                yield _Unit(content + beside[1], (element,), (beside,))
            else:
                yield _Unit(content, (element,))
        yield _Unit(b"".join([_LINKED_KEY, *(content for _, content in linked)]), tuple(linked))

    def _became(
        self, setting: Setting, epoch: Epoch, identity: Identity, elements: list[Encoded]
    ) -> list[Became]:
        became: list[Became] = []
        missed: list[_Unit] = []
        known = epoch.became
        for unit in self._units(elements):
            found = known.get(unit.key)
            if found is None and (found := self._shortcut(unit, setting, identity)) is not None:
                epoch.remember(unit.key, found)
            if found is None:
                missed.append(unit)
            else:
                became.append(found)
        if missed:
            became.extend(self._work(setting, epoch, identity, missed))
        return became

    def _shortcut(self, unit: _Unit, setting: Setting, identity: Identity) -> Became | None:
        if setting.implicit or unit.beside or unit.is_linked:
            return None
        return shortcut(
            unit.elements[0],
            setting.sop_class_uid,
            plan=self._plan,
            pseudonyms=self._pseudonyms,
            identity=identity,
        )

    def _work(
        self, setting: Setting, epoch: Epoch, identity: Identity, units: list[_Unit]
    ) -> Iterator[Became]:
        """De-identify what was not met before, and remember it where no UID of the instance can matter."""
        dataset = setting.decode(element for unit in units for element in (*unit.elements, *unit.beside))
        given = set(dataset.keys())
        rests_on_uids = {int(element.tag) for element in elements_of(dataset) if _may_rest_on_uids(element)}
        walk = Walk(
            self._plan,
            self._pseudonyms,
            setting.sop_class_uid,
            identity,
            setting.patient,
            author_stays=False,
        )
        if self._plan.keeps_private:
            walk.private = SafePrivate.of(self._plan.policy, dataset)
        if self._plan.companions:
            bring_into(dataset, zone_of(setting.facts, self._pseudonyms.kinship))
        walk.data_set(dataset)
        marked = any(unit.is_linked for unit in units)
        if marked:
            mark(dataset, self._plan.policy, setting.patient, author_kept=False, image=True)
        added = {int(tag) for tag in dataset.keys() - given}
        if not added <= (self._linked if marked else set()):
            raise LongWay
        written = _Written(correct_ambiguous_vr(dataset, is_little_endian=True), walk.notes, setting.implicit)
        for unit in units:
            tags = {tag for tag, _ in unit.elements} | (added if unit.is_linked else set())
            became = written.became(tags)
            if rests_on_uids.isdisjoint(tag for tag, _ in became.pieces):
                epoch.remember(unit.key, became)
            yield became

    # -- pixels

    def _pixels(
        self, encoded: EncodedInstance, span: Span, setting: Setting, identity: Identity
    ) -> tuple[tuple[bytes | memoryview, ...], list[Note]]:
        _, start, value, end = span
        content, implicit = encoded.content, encoded.implicit
        vr = "OW" if implicit else content[start + 4 : start + 6].decode("ascii")
        decision = self._plan.decision(setting.sop_class_uid, (PIXEL_DATA,), vr)
        undefined = content[value - 4 : value] == b"\xff\xff\xff\xff"
        if decision.action is not Action.KEEP or undefined is not (setting.layout is None):
            raise LongWay
        if setting.layout is not None:
            pixels, done = setting.layout.cleaned(memoryview(content)[value:end])
            group, number = PIXEL_DATA >> 16, PIXEL_DATA & 0xFFFF
            header = (
                _IMPLICIT_HEADER.pack(group, number, len(pixels))
                if implicit
                else _EXPLICIT_HEADER.pack(group, number, vr.encode("ascii"), 0, len(pixels))
            )
            if identity.is_in_bytes(pixels):
                raise LongWay
            return (header, pixels), [_pixel_note(detail) for detail in done]
        dataset = Dataset(setting.facts)
        element = DataElement(PIXEL_DATA, vr, content[value : end - _DELIMITER])
        element.is_undefined_length = True
        dataset[PIXEL_DATA] = element
        notes = [_pixel_note(detail) for detail in clean_pixel_data(dataset, encoded.transfer_syntax_uid)]
        if identity.is_in_bytes(element.value):
            raise LongWay
        return (_encode(element, implicit=implicit),), notes


@dataclass(frozen=True, slots=True)
class _Written:
    """What a walk made of some elements."""

    dataset: Dataset
    notes: list[Note]
    implicit: bool

    def became(self, tags: Iterable[int]) -> Became:
        """Return what became of some of them."""
        left = [self.dataset[tag] for tag in tags if tag in self.dataset]
        ascii_only = all([is_ascii(element) for element in left])
        wanted = {f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in tags}
        return Became(
            pieces=tuple((int(each.tag), _encode(each, implicit=self.implicit)) for each in left),
            notes=tuple(note for note in self.notes if note.element[:11] in wanted),
            ascii_only=ascii_only,
        )


def _pixel_note(detail: str) -> Note:
    return Note(kind=NoteKind.PIXELS, element="(7FE0,0010)", detail=detail)


def _may_rest_on_uids(element: DataElement) -> bool:
    """Tell whether what becomes of an element may depend on which UIDs its instance has."""
    if element.VR == "SQ":
        return any(_may_rest_on_uids(each) for item in element.value for each in elements_of(item))
    if isinstance(element.value, bytes | bytearray):
        return True
    return element.VR in TEXT_VRS and any(map(_MENTIONS_UID.search, texts_of(element)))


def _encoded(content: bytes, span: Span) -> Encoded:
    return span[0], content[span[1] : span[3]]


def _encode(element: DataElement, *, implicit: bool) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, True
    write_data_element(buffer, element, [UTF_8])
    return buffer.getvalue()


def _declaration(*, implicit: bool) -> bytes:
    return _encode(DataElement(CHARACTER_SET, "CS", UTF_8), implicit=implicit)


def _uid(pieces: dict[int, bytes], tag: int) -> str:
    # the header of a UI takes 8 bytes with and without VR
    return pieces.get(tag, b"")[8:].decode("ascii", "replace").rstrip("\0 ")
