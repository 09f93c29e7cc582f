"""Private attributes kept as safe, beside what the instance itself says of them (PS3.15 section E.3.10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.pairing import Pair
from tce_harness.model.finding import Finding, Judgement
from tce_harness.rules.deidentification.findings import finding, why_no_pairs
from tce_harness.rules.deidentification.places import (
    Place,
    comparable,
    is_empty,
    items,
    places,
    text_value,
    texts,
)
from tce_harness.rules.deidentification.plan import RETAIN_SAFE_PRIVATE, claims_code
from tce_harness.rules.registry import rule

_CHARACTERISTICS = 0x00080300
_GROUP, _CREATOR, _STATUS, _NONIDENTIFYING = 0x00080301, 0x00080302, 0x00080303, 0x00080304
_ACTIONS, _IDENTIFYING, _ACTION = 0x00080305, 0x00080306, 0x00080307
_UNIT = "private attributes"
_DONE = {"D": "replaced", "Z": "emptied or replaced", "X": "removed", "U": "given a new UID", "C": "cleaned"}

#: Private creator and group of a block.
Block = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Said:
    """What an instance says of one private block."""

    status: str
    nonidentifying: frozenset[int]
    actions: dict[int, str]


@rule("deid/safe-private-as-declared", judges="PS315-113111")
def safe_private_as_declared(case: CaseEvidence) -> Judgement:
    """Hold private attributes that were kept against what the original itself declares of their block."""
    if not claims_code(case, RETAIN_SAFE_PRIVATE):
        reason = "retained safe private attributes (113111) are not claimed"
        return Judgement(examined=0, unit=_UNIT, applicable=False, reason=reason)
    if not case.pairing.pairs:
        return Judgement(examined=0, unit=_UNIT, reason=why_no_pairs(case))
    examined = 0
    findings: list[Finding] = []
    for pair in case.pairing.pairs:
        said = _said(pair.original.dataset)
        for place in places(pair.original).all:
            element = place.tag & 0xFFFF
            if not place.private or len(place.tags) > 1 or element < 0x1000 or is_empty(place.element):
                continue
            examined += 1
            findings += _judged(pair, place, said.get(_block(place)))
    return Judgement(
        examined=examined,
        unit=_UNIT,
        findings=tuple(findings),
        reason=None if examined else "no original has a private attribute",
        applicable=examined > 0,
    )


def _block(place: Place) -> Block:
    creator = (place.tag & 0xFFFF0000) | (place.tag >> 8 & 0xFF)
    return text_value(place.item, creator), place.tag >> 16


def _judged(pair: Pair, place: Place, said: _Said | None) -> Iterator[Finding]:
    after = places(pair.subject).by_path.get(place.path)
    if said is None or after is None or is_empty(after.element):
        return
    own = place.tag & 0xFF
    action = said.actions.get(own)
    stands = _stands(place, after)
    if action is not None:
        if stands and action in ("D", "Z", "X", "U"):
            yield _finding(
                "private-action-not-obeyed",
                pair,
                place,
                "the original declares that it identifies and has to go, but its value still stands",
                _DONE[action],
            )
    elif stands and said.status == "UNSAFE" and own not in said.nonidentifying:
        message = (
            "the original declares its block unsafe and does not list it as nonidentifying, but it stands"
        )
        yield _finding("private-kept-though-unsafe", pair, place, message, "removed")


def _stands(place: Place, after: Place) -> bool:
    if items(place.element):
        return bool(items(after.element))
    return bool(comparable(place.element) & comparable(after.element))


def _finding(kind: str, pair: Pair, place: Place, message: str, expected: str) -> Finding:
    return finding(
        kind,
        pair.subject,
        message,
        element=place.path,
        row="PRIVATE",
        expected=expected,
        observed=", ".join(texts(place.element)) or "the original value",
    )


def _said(dataset: Dataset) -> dict[Block, _Said]:
    """Read Private Data Element Characteristics Sequence (0008,0300), PS3.3 section C.12.1.1.7."""
    found: dict[Block, _Said] = {}
    for item in items(dataset[_CHARACTERISTICS]) if _CHARACTERISTICS in dataset else ():
        numbers = _numbers(item, _GROUP)
        if len(numbers) != 1:
            continue
        actions = {
            element: text_value(each, _ACTION)
            for each in (items(item[_ACTIONS]) if _ACTIONS in item else ())
            for element in _numbers(each, _IDENTIFYING)
        }
        status = text_value(item, _STATUS)
        block = (text_value(item, _CREATOR), min(numbers))
        found[block] = _Said(status, _numbers(item, _NONIDENTIFYING), actions)
    return found


def _numbers(item: Dataset, tag: int) -> frozenset[int]:
    """Return numbers of VR US; of elements only their low byte counts, as blocks stand anywhere."""
    words = text_value(item, tag).split("\\")
    numbers = (int(word) for word in words if word.isascii() and word.isdigit())
    return frozenset(number if tag == _GROUP else number & 0xFF for number in numbers)
