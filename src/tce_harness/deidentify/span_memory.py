"""What the span pass remembers: which traces equal elements leave, and what they became."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import UID

from tce_harness.deidentify.identity import IDENTITY_TAGS, Identity, Traces
from tce_harness.deidentify.native_pixels import NativeLayout
from tce_harness.deidentify.outcome import Note
from tce_harness.deidentify.plan import STRUCTURAL_UIDS, Retained
from tce_harness.deidentify.pseudonyms import PatientPseudonym
from tce_harness.deidentify.working_copy import working_copy

_NO_TRACES = 0
_MOST_EPOCHS, _MOST_ELEMENTS = 8, 20_000
LONGEST_KEY = 1 << 16
#: VRs whose values leave no traces, as far as no attribute is known to identify.
_SILENT_VRS = frozenset(
    {
        b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"OB", b"OW", b"SL", b"SS",
        b"TM", b"UL", b"US",
    }
)  # fmt: skip

#: Tag and encoded bytes of an element, header and value.
Encoded = tuple[int, bytes]
#: Number of all that an element tells besides UIDs, and its UIDs.
_Traced = tuple[int, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Became:
    """What one element, or several linked ones, became.

    Parameters
    ----------
    pieces
        The new elements; none where all were removed.
    """

    pieces: tuple[Encoded, ...]
    notes: tuple[Note, ...]
    ascii_only: bool


@dataclass(slots=True)
class Epoch:
    """Instances with the same names and identifiers, so that equal elements become the same.

    Parameters
    ----------
    identity
        What identifies in all of them, without their UIDs.
    became
        By the encoded bytes of an element, or of all linked ones together.
    """

    identity: Identity
    became: dict[bytes, Became] = field(default_factory=dict)

    def remember(self, key: bytes, became: Became) -> None:
        """Keep what an element became, as long as there is room."""
        if len(key) <= LONGEST_KEY and len(self.became) < _MOST_ELEMENTS:
            self.became[key] = became


@dataclass(slots=True)
class Setting:
    """Instances of one kind: equal in class, patient, study, character set and layout of their pixels.

    Parameters
    ----------
    facts
        What they have in common, decoded.
    context
        Encoded elements that the decoding of others rests on.
    retained
        What the policy keeps, which leaves no traces.
    layout
        Of pixels that are not compressed.
    notes
        What is told of each of them.
    """

    implicit: bool
    facts: Dataset
    sop_class_uid: UID
    patient: PatientPseudonym
    context: tuple[Encoded, ...]
    retained: Retained
    layout: NativeLayout | None
    notes: tuple[Note, ...] = ()
    _traces: dict[bytes, _Traced] = field(default_factory=dict)
    _numbers: dict[Traces, int] = field(default_factory=lambda: {Traces(): _NO_TRACES})
    _epochs: dict[frozenset[int], Epoch] = field(default_factory=dict)

    def decode(self, elements: Iterable[Encoded]) -> Dataset:
        """Return a working copy of encoded elements, and of the context."""
        return decode((*elements, *self.context), implicit=self.implicit)

    def identity_of(self, elements: list[Encoded]) -> tuple[Epoch, frozenset[str]]:
        """Return the epoch that an instance belongs to by its elements, and its UIDs."""
        if len(self._traces) > _MOST_ELEMENTS:
            self._forget()
        known = self._traces
        missing = [element for element in elements if element[1] not in known]
        if missing:
            known.update(self._plain_traces(missing))
            known.update(self._traces_of([element for element in missing if element[1] not in known]))
        numbers: set[int] = set()
        uids: set[str] = set()
        for _, content in elements:
            number, found = known[content]
            if number:
                numbers.add(number)
            if found:
                uids |= found
        return self._epoch(frozenset(numbers)), frozenset(uids)

    def _plain_traces(self, elements: list[Encoded]) -> Iterator[tuple[bytes, _Traced]]:
        """Yield the traces of elements that need not be decoded: values that tell nothing, and UIDs."""
        if self.implicit:
            return
        for tag, content in elements:
            vr = content[4:6]
            if vr in _SILENT_VRS and tag not in IDENTITY_TAGS:
                yield content, (_NO_TRACES, frozenset())
            elif vr == b"UI" and (uid := plain_uid(content)):
                stays = tag in STRUCTURAL_UIDS or self.retained.uids or tag in self.retained.tags
                yield content, (_NO_TRACES, frozenset() if stays else frozenset({uid}))

    def _traces_of(self, elements: list[Encoded]) -> Iterator[tuple[bytes, _Traced]]:
        if not elements:
            return
        dataset = self.decode(elements)
        for tag, content in elements:
            single = Dataset()
            single[tag] = dataset[tag]
            traces = Traces.of(single, self.retained)
            without = replace(traces, uids=frozenset())
            yield content, (self._numbers.setdefault(without, len(self._numbers)), traces.uids)

    def _epoch(self, numbers: frozenset[int]) -> Epoch:
        if numbers not in self._epochs:
            if len(self._epochs) >= _MOST_EPOCHS:
                self._epochs.clear()
            traces = (traces for traces, number in self._numbers.items() if number in numbers)
            self._epochs[numbers] = Epoch(Identity.from_traces(Traces.union(traces)))
        return self._epochs[numbers]

    def _forget(self) -> None:
        self._traces.clear()
        self._epochs.clear()
        self._numbers = {Traces(): _NO_TRACES}


def plain_uid(content: bytes) -> str:
    """Return the value of an encoded element of VR UI; empty where it is not one ordinary UID."""
    uid = content[8:].rstrip(b"\0")
    return uid.decode("ascii") if uid.replace(b".", b"").isdigit() else ""


def decode(elements: Iterable[Encoded], *, implicit: bool) -> Dataset:
    """Return a working copy of encoded elements; the character set must be among them."""
    content = b"".join(encoded for _, encoded in sorted(dict(elements).items()))
    return working_copy(read_dataset(BytesIO(content), is_implicit_VR=implicit, is_little_endian=True))
