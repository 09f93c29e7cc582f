"""What becomes of one SR content item by its concept name: Table E.3.4-1 of PS3.15, and free text.

Items are never deleted: an item by reference names its target by position (Referenced Content Item
Identifier). UIDs, person names and dates of an item are rows of Table E.1-1 and handled there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from types import MappingProxyType

from pydicom.dataset import Dataset

from tce_harness.deidentify.options import deciding
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept
from tce_harness.standard.confidentiality import ContentItemRow, OptionColumn, content_item_rows

#: Schemes whose meanings are the standard's or a terminology's, not somebody's own words.
PUBLIC_SCHEMES = frozenset(
    {
        "ACR", "BARI", "BI", "DCM", "DCMUID", "DOI", "FMA", "HL7", "I10", "I10P", "I9", "I9C", "ICD10",
        "IHERADTF",
        "ISO3166_1", "ISO639_1", "ISO639_2", "ITIS_TSN", "LN", "MA", "MDC", "MSH", "NCDR", "NCIt", "NDC",
        "NEU",
        "POS", "PUBCHEM_CID", "RADLEX", "RADELEMENT", "RFC3066", "RFC5646", "SCPECG", "SCT", "SNM3", "SRT",
        "UBERON", "UCUM", "UMLS", "UNS", "UPC", "NCDR [2.0b]",
    }
)  # fmt: skip
AUTHOR_CONCEPTS = frozenset({codes.AUTHOR, codes.AFFILIATION, codes.CONTACT})


def concept_of(item: Dataset, keyword: str = "ConceptNameCodeSequence") -> Concept | None:
    """Return the first code of a code sequence of an item, None where there is none."""
    sequence = item.get(keyword)
    if not sequence:
        return None
    code = sequence[0]
    value = code.get("CodeValue") or code.get("LongCodeValue") or code.get("URNCodeValue") or ""
    return Concept(
        str(value).strip(),
        str(code.get("CodingSchemeDesignator") or "").strip(),
        str(code.get("CodeMeaning") or "").strip(),
    )


def is_teaching_file_information(dataset: Dataset) -> bool:
    """Return whether a document is titled Additional Teaching File Information, in either code set."""
    title = concept_of(dataset)
    return title is not None and title in tuple(codes.ADDITIONAL_TEACHING_FILE_INFORMATION)


def is_public(scheme: str) -> bool:
    """Return whether a coding scheme is a published one."""
    return scheme.strip() in PUBLIC_SCHEMES


#: Where a content item of each value type holds its value (PS3.3 C.17.3 and 10.2).
VALUE_TAGS: Mapping[str, int] = MappingProxyType(
    {
        "TEXT": 0x0040A160,
        "CODE": 0x0040A168,
        "NUM": 0x0040A300,
        "NUMERIC": 0x0040A30A,
        "DATE": 0x0040A121,
        "TIME": 0x0040A122,
        "DATETIME": 0x0040A120,
        "PNAME": 0x0040A123,
        "UIDREF": 0x0040A124,
    }
)
_ANNOTATION_TEXT = 0x00700006
_OLD_SNOMED = frozenset({"SRT", "SNM3", "99SDM"})


def value_type_of(item: Dataset) -> str:
    """Return the value type of a content item, empty where it is none.

    An item of the Waveform Annotation Sequence tells none: it shows by what it holds (PS3.3 C.10.10).
    """
    if "ConceptNameCodeSequence" not in item:
        return ""
    if "ValueType" in item:
        return str(item.ValueType or "").strip()
    for kind, tag in (("CODE", VALUE_TAGS["CODE"]), ("NUM", VALUE_TAGS["NUMERIC"])):
        if tag in item:
            return kind
    return "TEXT" if _ANNOTATION_TEXT in item else ""


def row_of(item: Dataset) -> ContentItemRow | None:
    """Return the row of Table E.3.4-1 that an item falls under, by a current or a retired code."""
    name = concept_of(item)
    return (
        None if name is None else _row(name.value, name.scheme, value_type_of(item).replace("NUMERIC", "NUM"))
    )


@cache
def _row(value: str, scheme: str, value_type: str) -> ContentItemRow | None:
    if scheme in _OLD_SNOMED:
        # here, as its dictionaries take a tenth of a second and few documents are that old
        from pydicom.sr.coding import Code  # noqa: PLC0415

        # SNOMED RT spellings of what the table gives as SNOMED CT; Code's comparison knows both
        old = Code(value, "SRT", "")
        same = (key[0] for key in _rows() if key[1] == "SCT" and old == Code(key[0], "SCT", ""))
        value, scheme = next(same, value), "SCT"
    row = _rows().get((value, scheme, value_type))
    if row is None and value_type == "TEXT":
        # a name written as text is no less a name
        row = _rows().get((value, scheme, "PNAME"))
    return row


def outcome_of(row: ContentItemRow | None, columns: Collection[OptionColumn]) -> str:
    """Return what claimed options make of a row: ``K``, ``C``, or nothing where the profile decides."""
    decided = deciding(row.options, columns) if row is not None else None
    return decided[1] if decided else ""


def retained_values(item: Dataset, columns: Collection[OptionColumn]) -> frozenset[int]:
    """Return the tag of the value that an option retains in a content item, none in any other data set."""
    if not columns or "ConceptNameCodeSequence" not in item:
        return frozenset()
    tag = VALUE_TAGS.get(value_type_of(item))
    return frozenset({tag}) if tag is not None and outcome_of(row_of(item), columns) == "K" else frozenset()


@cache
def _rows() -> dict[tuple[str, str, str], ContentItemRow]:
    return {(row.code, row.scheme, row.value_type): row for row in content_item_rows()}
