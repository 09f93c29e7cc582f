"""What becomes of one SR content item by its concept name: Table E.3.4-1 of PS3.15, and free text.

Items are never deleted: an item by reference names its target by position (Referenced Content Item
Identifier). UIDs, person names and dates of an item are rows of Table E.1-1 and handled there.
"""

from __future__ import annotations

from functools import cache

from pydicom.dataset import Dataset

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


def row_of(item: Dataset) -> ContentItemRow | None:
    """Return the row of Table E.3.4-1 that an item falls under."""
    name = concept_of(item)
    if name is None:
        return None
    return _rows().get((name.value, name.scheme, str(item.get("ValueType") or "")))


def text_may_be_cleaned(item: Dataset) -> bool:
    """Return whether the option Clean Descriptors keeps the cleaned text of an item.

    Items that no row names keep theirs; for those with a row, its column decides.
    """
    row = row_of(item)
    return row is None or row.options.get(OptionColumn.CLEAN_DESCRIPTORS) == "C"


@cache
def _rows() -> dict[tuple[str, str, str], ContentItemRow]:
    return {(row.code, row.scheme, row.value_type): row for row in content_item_rows()}
