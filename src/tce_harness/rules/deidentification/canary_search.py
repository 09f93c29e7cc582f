"""One search for all planted values over the decoded values and the bytes of an exported instance."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.rules.deidentification.beside import beside
from tce_harness.rules.deidentification.byte_search import SHORTEST, ByteSearch
from tce_harness.rules.deidentification.bytes_of_case import Found as FoundInBytes
from tce_harness.rules.deidentification.containers import open_value
from tce_harness.rules.deidentification.embedded import EmbeddedSearch
from tce_harness.rules.deidentification.hits import Found, Hit, Searched, Value, how_it_stands, telling
from tce_harness.rules.deidentification.layout import layout_of
from tce_harness.rules.deidentification.original_uids import UID_IN_TEXT, is_whole_uid
from tce_harness.rules.deidentification.places import Place, places, spell, tags_of, texts, walk
from tce_harness.rules.deidentification.spellings import (
    SHORTEST_IN_BYTES,
    Part,
    Reach,
    byte_forms,
    forms,
    normal,
    weight,
)
from tce_harness.rules.deidentification.word_search import (
    WordSearch,
    is_parted_from_digits,
    is_parted_in_bytes,
)

_PIXEL_DATA = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_NUMBERS = frozenset({"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT", "SQ"})
_TEMPORAL = frozenset({"DA", "DT", "TM"})
_COMMON = 5
_SHORTEST_CODE = 8
_LONGEST_TEXT = 1 << 18
_SHORTEST_OF_OTHERS = 3
_MOST_KNOWN = 1 << 16
_PIXELS = 0x7FE00010
_COMMENTS = 0x00204000
_ENCAPSULATED_DOCUMENT = 0x00420011
_READ_KINDS = (b"%PDF", b"<", b"PK\x03\x04", b"solid", b"\xef\xbb\xbf", b"{")

_NOTHING: frozenset[Found] = frozenset()


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is known of an element: its normalised texts, apart and joined, and the planted values in them.

    Those of ``if_own`` count only in the instances in which they were planted.
    """

    element: DataElement
    observed: frozenset[str]
    whole: str
    found: frozenset[Found]
    if_own: frozenset[Found] = _NOTHING


class CanarySearch:
    """Searches for planted values.

    Parameters
    ----------
    canaries
        What must be gone.
    staying
        What must stay: a value that is part of it is looked for only where it was planted.
    retained
        Of ``canaries``, those that a claimed option retains at their element.
    in_bytes
        Gives what finds the encodings of all of ``canaries`` in bytes, and perhaps more.
    """

    def __init__(
        self,
        canaries: Sequence[Canary],
        staying: Iterable[Canary],
        retained: frozenset[Canary],
        in_bytes: Callable[[], ByteSearch],
    ) -> None:
        self._byte_search = in_bytes
        self.planted: dict[Value, list[Canary]] = defaultdict(list)
        for canary in canaries:
            self.planted[canary.kind, canary.value].append(canary)
        self._staying = "|".join(f" {normal(each.value)} " for each in staying)
        self._subjects = {canary.subject for canary in canaries}
        self._local = {(each.kind, each.value) for each in retained}
        self._text: dict[str, set[Found]] = defaultdict(set)
        self._whole: dict[str, set[Found]] = defaultdict(set)
        self._parts: dict[str, set[Found]] = defaultdict(set)
        self._at: dict[tuple[int, ...], dict[str, list[Canary]]] = defaultdict(dict)
        self._moments: dict[str, dict[str, list[Canary]]] = defaultdict(lambda: defaultdict(list))
        self._known: dict[tuple[int, tuple[int, ...]], _Texts] = {}
        self.unsearched = 0
        for value, group in self.planted.items():
            self._add(value, [each for each in group if each not in retained] if retained else group)
        self._forget_common_parts()
        self._searches()
        elsewhere = {value: group for value, group in self.planted.items() if value not in self._local}
        self._embedded = EmbeddedSearch(elsewhere, self._is_part_of_what_stays)
        self._holders = {
            value: frozenset(each.subject for each in group) for value, group in elsewhere.items()
        }

    def _add(self, value: Value, group: list[Canary]) -> None:
        if not group:
            return
        paths = [(tags, each) for each in group if (tags := tags_of(each.element)) is not None]
        for tags, each in paths:
            self._add_at(tags, each)
        searched = bool(paths)
        if value not in self._local:
            searched |= self._add_anywhere(value, group[0])
        self.unsearched += not searched

    def _add_at(self, tags: tuple[int, ...], canary: Canary) -> None:
        text = normal(canary.value)
        if text and canary.kind in (CanaryKind.DATE, CanaryKind.TIME):
            self._moments[canary.element][canary.subject].append(canary)
        elif text:
            self._at[tags].setdefault(text, []).append(canary)

    def _add_anywhere(self, value: Value, canary: Canary) -> bool:
        tables = {Reach.ANYWHERE: self._text, Reach.WHOLE: self._whole, Reach.NAME_PART: self._parts}
        searched = canary.kind is CanaryKind.UID
        for form in forms(canary.kind, canary.value):
            if form.reach in tables and not self._is_part_of_what_stays(form.text):
                tables[form.reach][form.text].add((value, form.part))
                searched = True
        return searched or bool(byte_forms(canary.kind, canary.value))

    def _is_part_of_what_stays(self, text: str) -> bool:
        return f" {text} " in self._staying

    def _forget_common_parts(self) -> None:
        """Look for no part that many names share, such as the word by which a de-identifier marks its own."""
        for table in (self._text, self._parts):
            for text, found in list(table.items()):
                common = {each for each in found if each[1] is Part.OTHER}
                if len(common) >= _COMMON:
                    found.difference_update(common)
                if not found:
                    del table[text]

    def _searches(self) -> None:
        self._text_search = WordSearch(self._text)
        squashed: dict[str, set[Found]] = defaultdict(set)
        for form, values in self._text.items():
            names = {each for each in values if each[0][0] is CanaryKind.NAME}
            if " " in form and names and weight(form) > SHORTEST_IN_BYTES:
                squashed[form.replace(" ", "")] |= names
            if " " not in form and len(form) >= (SHORTEST_IN_BYTES if form.isdigit() else _SHORTEST_CODE):
                squashed[form] |= {each for each in values if each[0][0] is CanaryKind.IDENTIFIER}
        self._squashed_search = WordSearch(squashed, is_parted_from_digits)

    @cached_property
    def _bytes(self) -> dict[bytes, set[Found]]:
        """The values whose encoding each string of bytes is; most exports hold none."""
        found: dict[bytes, set[Found]] = defaultdict(set)
        for kind, value in self.planted:
            if kind is not CanaryKind.UID and (kind, value) in self._holders:
                for encoded in byte_forms(kind, value):
                    found[encoded].add(((kind, value), Part.WHOLE))
        return found

    @cached_property
    def _uids(self) -> dict[str, Value]:
        return {
            value[1]: value
            for value in self.planted
            if value[0] is CanaryKind.UID and value not in self._local
        }

    def search(self, subject: EvidenceInstance, in_file: FoundInBytes) -> Searched:
        """Search one instance: its values, what is packed in them, then its bytes.

        Parameters
        ----------
        in_file
            What stands in the bytes of its file, as `found_in_bytes` tells it.
        """
        hits: dict[tuple[Value, str], Hit] = {}
        closed: list[tuple[str, str]] = []
        meta = getattr(subject.dataset, "file_meta", None) or Dataset()
        for place in chain(walk(meta), places(subject).all):
            found_here = self.in_place(place, subject.label, closed)
            for value, part in telling(found_here) if found_here else ():
                hits.setdefault((value, place.path), Hit(value, part, place))
        found = {value for value, _ in hits}
        for (value, part), offset in self.named(in_file, subject.content) if in_file else ():
            if value not in found:
                found.add(value)
                hits[value, ""] = Hit(value, part, None, offset)
        for value, part in telling(self._beside(subject, closed)):
            if value not in found:
                hits.setdefault((value, ""), Hit(value, part, None))
        return Searched(tuple(hits.values()), tuple(closed))

    def _beside(self, subject: EvidenceInstance, closed: list[tuple[str, str]]) -> set[Found]:
        """Search, unpacked, what stands beside the elements, and a deflated data set as a whole."""
        found: set[Found] = set()
        for what, content in beside(subject):
            opened = open_value(content)
            if opened.closed is not None:
                closed.append((spell(_PIXELS), f"{what}: {opened.closed}"))
            for each in opened.contents:
                found |= self.in_unpacked(each)
        layout = layout_of(subject)
        if layout.deflated:
            found |= self._in_bytes(layout.body)
        return found

    def in_place(self, place: Place, label: str, closed: list[tuple[str, str]]) -> frozenset[Found]:
        """Search one element.

        Parameters
        ----------
        label
            Of the instance that holds it.
        closed
            Gets the path of what could not be opened, and why.
        """
        if place.element.VR in _NUMBERS or place.tags[-1] in _PIXEL_DATA:
            return _NOTHING
        known = self._texts_of(place)
        found = self._at_planted(place, label, known)
        content = place.element.value
        if isinstance(content, bytes):
            found = found | self._in_binary(place, content, closed)
        if known.if_own:
            own = (each for each in known.if_own if self._is_own(each[0], label))
            found = found.union(own)
        return found | known.found if known.found else found

    def _is_own(self, value: Value, label: str) -> bool:
        """Return whether a value was planted in the original of an instance, or nobody knows its original."""
        return label in self._holders[value] or label not in self._subjects

    def _texts_of(self, place: Place) -> _Texts:
        """Return the texts of an element and what stands in them, which depends on no instance.

        Elements that are equal in bytes and character set are one object (`element_reader`), which is looked
        at once for each path without item numbers. It is held, so that its identity stays its own.
        """
        key = (id(place.element), place.tags)
        known = self._known.get(key)
        if known is None:
            known = self._read_texts(place)
            if not isinstance(place.element.value, bytes):
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[key] = known
        return known

    def _read_texts(self, place: Place) -> _Texts:
        read = texts(place.element)
        found: set[Found] = set()
        own: set[Found] = set()
        for text in read if place.element.VR not in _TEMPORAL else ():
            found |= self._in_text(text, place)
            own |= self._embedded.find(text, normal(text), place)
        whole = normal("\\".join(read)) if len(read) > 1 else ""
        observed = frozenset(map(normal, read))
        return _Texts(place.element, observed, whole, frozenset(found), frozenset(own - found))

    def _at_planted(self, place: Place, label: str, known: _Texts) -> frozenset[Found]:
        """Compare with what was planted at this very path, whatever the numbers of the items."""
        wanted = self._at.get(place.tags)
        moments = self._moments_at(place, label)
        if not wanted and not moments:
            return _NOTHING
        observed, whole = known.observed, known.whole
        hits = {
            ((canary.kind, canary.value), Part.WHOLE)
            for text in (*observed, whole)
            for canary in (wanted or {}).get(text, ())
            if len(text) >= _SHORTEST_OF_OTHERS or self._is_of(canary, label)
        }
        standing = ((canary, how_it_stands(canary, observed, whole)) for canary in moments)
        return frozenset(hits) | {
            ((each.kind, each.value), part) for each, part in standing if part is not None
        }

    def _moments_at(self, place: Place, label: str) -> Sequence[Canary]:
        """Return the dates and times of this instance, or of all where it is none that anything stands for.

        A shifted date may be the date of another instance.
        """
        planted = self._moments.get(place.path)
        if planted is None:
            return ()
        if label in self._subjects:
            return planted.get(label, ())
        return [each for group in planted.values() for each in group]

    def _is_of(self, canary: Canary, label: str) -> bool:
        """Return whether a letter that is met again can only be the planted one, and not another's."""
        return canary.subject == label or label not in self._subjects

    def _in_text(self, text: str, place: Place) -> set[Found]:
        uids = UID_IN_TEXT.findall(text) if "." in text else ()
        found = {(self._uids[uid], Part.WHOLE) for uid in uids if uid in self._uids}
        if place.element.VR == "UI":
            return found
        spelled = normal(text)
        found |= self._whole.get(spelled, set())
        if place.element.VR == "PN":
            for part in {spelled, *map(normal, re.split("[=^]", text)), *map(normal, text.split("="))}:
                found |= self._name_parts(part, place)
        found |= self._in_normal(spelled)
        packed = UID_IN_TEXT.sub(" ", text) if uids else text  # the digits of a UID are no hexadecimal text
        if len(packed) >= SHORTEST_IN_BYTES:
            for opened in open_value(packed.encode("utf-8", "replace")).contents[1:]:
                found |= self.in_unpacked(opened)
        return found

    def _name_parts(self, part: str, place: Place) -> set[Found]:
        """Return the names of which this is a part; where it was planted a family name is the whole."""
        found = set()
        for value, which in self._parts.get(part, set()):
            planted = any(tags_of(each.element) == place.tags for each in self.planted[value])
            found.add((value, which if planted or which is Part.WHOLE else Part.OTHER))
        return found

    def _in_normal(self, spelled: str) -> set[Found]:
        found: set[Found] = set()
        for values in self._text_search.find(spelled):
            found |= values
        for values in self._squashed_search.find(spelled.replace(" ", "")):
            found |= values
        return found

    def _in_binary(self, place: Place, content: bytes, closed: list[tuple[str, str]]) -> set[Found]:
        opened = open_value(content)
        if any(len(each) > _LONGEST_TEXT for each in opened.contents):
            long = f"more than {_LONGEST_TEXT >> 10} KiB are searched by bytes alone, not as text"
            closed.append((place.path, long))
        if opened.closed is not None:
            closed.append((place.path, opened.closed))
        elif place.tag == _ENCAPSULATED_DOCUMENT and not content.lstrip().startswith(_READ_KINDS):
            closed.append((place.path, "an encapsulated document of a kind that is not opened"))
        found: set[Found] = set()
        for each in opened.contents:
            found |= self.in_unpacked(each)
        return found

    def in_unpacked(self, content: bytes) -> set[Found]:
        """Search some bytes as they are, and as text."""
        found = self._in_bytes(content)
        if len(content) <= _LONGEST_TEXT:
            found |= self._in_normal(normal(content.decode(_encoding(content), "replace")))
        return found

    def in_any_instance(self, content: bytes) -> frozenset[Found]:
        """Return what stands in the text of some bytes that elsewhere counts in its own instance alone."""
        if len(content) > _LONGEST_TEXT:
            return _NOTHING
        text = content.decode(_encoding(content), "replace")
        element = DataElement(_COMMENTS, "LT", "", already_converted=True)
        return self._embedded.find(text, normal(text), Place("", (_COMMENTS,), element, Dataset()))

    def _in_bytes(self, content: bytes) -> set[Found]:
        if len(content) < SHORTEST:
            return set()
        return {value for value, _ in self.named(self._byte_search().find(content), content)}

    def named(self, found: Iterable[tuple[bytes, int]], content: bytes) -> Iterator[tuple[Found, int]]:
        """Yield the planted values among strings found in bytes; of numbers and UIDs only whole ones."""
        for form, start in found:
            end = start + len(form)
            for value in self._bytes.get(form, ()):
                if value[0][0] is not CanaryKind.IDENTIFIER or is_parted_in_bytes(content, start, end):
                    yield value, start
            uid = self._uids.get(form.decode("latin-1"))
            if uid is not None and is_whole_uid(content, start, end):
                yield (uid, Part.WHOLE), start


def _encoding(content: bytes) -> str:
    """Return the encoding that text in some bytes is likely to be in, told by where its zeros are."""
    quarter = len(content) // 4
    if content[1::2].count(0) > quarter:
        return "utf-16-le"
    return "utf-16-be" if content[::2].count(0) > quarter else "utf-8"
