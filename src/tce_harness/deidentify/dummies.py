"""Dummy values that are valid for their VR (PS3.5 section 6.2)."""

from __future__ import annotations

from pydicom.dataset import Dataset

from tce_harness.deidentify.dates import TIME_ZONE, UNIVERSAL_TIME
from tce_harness.deidentify.pseudonyms import Pseudonyms

PATIENT_SEX = 0x00100040
#: Code strings that people word: Graphic Layer and Content Label.
LABELS = frozenset({0x00700002, 0x00700080})
REMOVED = "REMOVED"
DUMMY_SCHEME = "99TCE"

_FIXED: dict[str, str | bytes | int | float] = {
    "AE": REMOVED,
    "AS": "000D",
    "AT": 0,
    "CS": REMOVED,
    "DA": "20000101",
    "DS": "0",
    "DT": "20000101000000",
    "FD": 0.0,
    "FL": 0.0,
    "IS": "0",
    "LT": REMOVED,
    "ST": REMOVED,
    "TM": "000000",
    "UR": "urn:removed",
    "UT": REMOVED,
}
#: What dummies are made of, so that one met in an output is not taken for an original.
FIXED_TEXTS = frozenset(str(value) for value in _FIXED.values())
_OF_TAGS = {PATIENT_SEX: "O", TIME_ZONE: UNIVERSAL_TIME}
_BINARY = ("OB", "OD", "OF", "OL", "OV", "OW", "UN")
_KEYED = ("LO", "SH", "UC")


def dummy_value(tag: int, vr: str, original: str, pseudonyms: Pseudonyms) -> str | bytes | int | float:
    """Return a dummy for an element that is not a sequence.

    Identifiers and labels get a keyed dummy each, so that two containers stay two (D7); texts, dates and
    codes get the same everywhere.
    """
    if tag in _OF_TAGS:
        return _OF_TAGS[tag]
    if vr == "PN":
        return f"{pseudonyms.dummy('person', original)}^PSEUDONYM"
    if vr in _KEYED or tag in LABELS:
        return pseudonyms.dummy(f"{tag:08X}", original)
    if vr == "UI":
        return pseudonyms.uid(original or f"{tag:08X}")
    if vr in _BINARY:
        return b"\x00" * 8
    return _FIXED.get(vr, 0)


def dummy_code() -> Dataset:
    """Return an item of a code sequence that says only that a code was here."""
    item = Dataset()
    item.CodeValue = REMOVED
    item.CodingSchemeDesignator = DUMMY_SCHEME
    item.CodeMeaning = REMOVED
    return item


def dummy_annotation(annotation: Dataset) -> Dataset:
    """Return a point in the corner in place of an annotation, on the same layer and images (rule D3).

    Even a drawn line can be writing, and where an annotation lies tells what it marked.
    """
    point, dummy = Dataset(), Dataset()
    for keyword in ("ReferencedImageSequence", "GraphicLayer"):
        if keyword in annotation:
            dummy[keyword] = annotation[keyword]
    point.GraphicAnnotationUnits = "DISPLAY"
    point.GraphicDimensions, point.NumberOfGraphicPoints = 2, 1
    point.GraphicData, point.GraphicType = [0.0, 0.0], "POINT"
    dummy.GraphicObjectSequence = [point]
    return dummy
