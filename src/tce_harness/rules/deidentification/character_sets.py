"""Whether the text of exported instances is written in the character set that its item declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO

from pydicom import dcmread
from pydicom.charset import python_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.finding import Finding, Judgement
from tce_harness.objects.elements import DECODING_ERRORS, raw_elements
from tce_harness.rules.deidentification.findings import NOTHING_EXPORTED, finding
from tce_harness.rules.deidentification.places import spell
from tce_harness.rules.registry import rule

_SPECIFIC_CHARACTER_SET = 0x00080005
_CODED_VRS = frozenset({"SH", "LO", "ST", "LT", "UC", "UT", "PN"})
_ESCAPE = b"\x1b"
_SINGLE_BYTE = frozenset(
    f"{scheme} {number}"
    for scheme in ("ISO_IR", "ISO 2022 IR")
    for number in (100, 101, 109, 110, 126, 127, 138, 144, 148, 166)
)

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """Bytes of one text element and the character sets that hold for it."""

    path: str
    content: bytes
    terms: Terms


@rule("deid/character-sets-agree", judges="PS315-D5C")
def character_sets_agree(case: CaseEvidence) -> Judgement:
    """Decode every text, at every depth, in the Specific Character Set that its own item declares."""
    originals = {pair.subject.digest: pair.original for pair in case.pairing.pairs}
    examined = 0
    findings: list[Finding] = []
    for subject in case.subjects:
        found = _texts(subject)
        examined += len(found)
        faults = [(text, fault) for text in found if (fault := text_fault(text.content, text.terms))]
        original = originals.get(subject.digest) if faults else None
        before = {each.content for each in _texts(original)} if original is not None else set()
        findings += [
            finding(
                "text-not-in-declared-set",
                subject,
                f"the text is not written in the declared character set: {fault}",
                element=text.path,
                expected="\\".join(text.terms) or "the default repertoire",
            )
            for text, fault in faults
            if text.content not in before
        ]
    reason = None if case.subjects else NOTHING_EXPORTED
    return Judgement(examined=examined, unit="texts", findings=tuple(findings), reason=reason)


def text_fault(content: bytes, terms: Terms) -> str | None:
    """Return what is wrong with coded text under declared character sets; None where nothing is.

    Parameters
    ----------
    content
        As it stands in the element.
    terms
        Values of Specific Character Set (0008,0005); empty for the default repertoire.
    """
    if content.isascii() and _ESCAPE not in content:
        return None
    if any(term and term not in python_encoding for term in terms):
        return "the declared set is not one of DICOM's"
    if _ESCAPE in content:
        return None if len(terms) > 1 else "it holds escape sequences, but a single set is declared"
    return _unescaped_fault(content, terms[0] if terms else "")


def _unescaped_fault(content: bytes, term: str) -> str | None:
    if term in ("", "ISO_IR 6", "ISO 2022 IR 6"):
        return "it holds bytes outside the default repertoire"
    try:
        content.decode(python_encoding[term])
    except (UnicodeDecodeError, LookupError):
        return "it holds bytes that the set does not know"
    if term in _SINGLE_BYTE and _is_utf_8(content):
        return "it is written in UTF-8"
    return None


def _is_utf_8(content: bytes) -> bool:
    """Return whether bytes beyond ASCII form UTF-8; by chance single-byte text hardly ever does."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Decoded(Exception):
    """The bytes of a text that is not plain ASCII are at hand no longer."""


def _texts(instance: EvidenceInstance) -> tuple[_Text, ...]:
    """Return text as bytes; an instance of which text was decoded is read once more without decoding it."""
    try:
        return tuple(_walk(instance.dataset, "", ()))
    except _Decoded:
        try:
            dataset = dcmread(BytesIO(instance.content), force=True)
        except DECODING_ERRORS:
            return ()
        return tuple(_walk(dataset, "", ()))


def _decoded_text(element: DataElement) -> str:
    if type(element.value) is str:
        return element.value
    several = element.value if isinstance(element.value, MultiValue | list) else [element.value]
    return "\\".join(str(each) for each in several if each is not None)


def _walk(dataset: Dataset, prefix: str, inherited: Terms) -> Iterator[_Text]:
    terms = _declared(dataset, inherited)
    for tag, element in sorted(raw_elements(dataset).items(), key=_tag):
        vr = element.VR or _vr(tag)
        if vr in _CODED_VRS:
            content = _content(element)
            if content:
                yield _Text(prefix + spell(tag), content, terms)
        elif vr == "SQ":
            for number, item in enumerate(_items(dataset, tag), start=1):
                yield from _walk(item, f"{prefix}{spell(tag)}[{number}]/", terms)


def _items(dataset: Dataset, tag: BaseTag) -> Iterable[Dataset]:
    try:
        value = dataset[tag].value
    except DECODING_ERRORS:
        return ()
    return value if isinstance(value, Sequence) else ()


def _tag(item: tuple[BaseTag, object]) -> int:
    return int(item[0])


def _content(element: DataElement | RawDataElement) -> bytes:
    """Return text as it was coded; raises `_Decoded` where that cannot be told."""
    if isinstance(element, RawDataElement) or isinstance(element.value, bytes):
        return element.value or b""
    text = _decoded_text(element)
    if not text.isascii() or "\x1b" in text:
        raise _Decoded
    return text.encode("ascii")


def _vr(tag: BaseTag) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def _declared(dataset: Dataset, inherited: Terms) -> Terms:
    if _SPECIFIC_CHARACTER_SET not in dataset:
        return inherited
    try:
        value = dataset.get_item(_SPECIFIC_CHARACTER_SET).value
    except DECODING_ERRORS:
        return inherited
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace").split("\\")
    terms = value if isinstance(value, list | tuple | MultiValue) else [value or ""]
    return tuple(str(term).strip() for term in terms)
