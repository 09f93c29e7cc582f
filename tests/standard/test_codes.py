"""Concepts are their value and scheme."""

from __future__ import annotations

from typing import Any, cast

from pydicom.sr._concepts_dict import concepts

from tce_harness.standard import codes
from tce_harness.standard.codes import Concept


def test_every_dcm_concept_has_the_meaning_that_ps3_16_gives_it() -> None:
    by_keyword = cast(dict[str, dict[str, Any]], concepts["DCM"])
    known = {value: entry[0] for by_value in by_keyword.values() for value, entry in by_value.items()}
    groups = (*codes.REJECTION_NOTE_TITLES, *codes.KEY_IMAGE_NOTE_TITLES, *codes.DEIDENTIFICATION_METHODS)
    singles = [value for value in vars(codes).values() if isinstance(value, Concept)]
    ours = [c for c in (*groups, *singles, *(pair.dcm for pair in codes.PAIRS)) if c.scheme == "DCM"]
    assert len(ours) > 60
    assert [concept for concept in ours if known.get(concept.value) != concept.meaning] == []


def test_no_value_of_the_profile_stands_twice() -> None:
    values = [pair.iheradtf.value for pair in codes.PAIRS]
    assert len(values) == len(set(values)) == 29


def test_a_concept_is_the_same_whatever_its_meaning() -> None:
    assert Concept("TCE001", "IHERADTF", "For teaching") == codes.TEACHING_FILE_EXPORT.iheradtf
    assert codes.same_concept(Concept("TCE001", "IHERADTF", ""), codes.TEACHING_FILE_EXPORT.iheradtf)
    assert Concept("TCE001", "DCM", "For Teaching File Export") != codes.TEACHING_FILE_EXPORT.iheradtf


def test_the_two_code_sets_are_paired_in_both_directions() -> None:
    title = codes.RESEARCH_COLLECTION_EXPORT
    assert codes.equivalent(title.iheradtf, title.dcm)
    assert codes.equivalent(title.dcm, title.iheradtf)
    assert not codes.equivalent(title.dcm, codes.PUBLICATION_EXPORT.iheradtf)
    assert codes.partner(title.dcm) == title.iheradtf
    assert codes.partner(codes.AUTHOR) is None


def test_a_title_under_the_wrong_scheme_is_not_an_export_title() -> None:
    assert codes.is_export_title("TCE001", "IHERADTF")
    assert codes.is_export_title("128710", "DCM")
    assert not codes.is_export_title("128710", "IHERADTF")
    assert not codes.is_export_title("TCE001", "DCM")
    assert not codes.is_export_title("128712", "DCM")
    assert not codes.is_export_title("113004", "DCM")


def test_delay_reasons_are_known_in_both_code_sets() -> None:
    assert codes.is_delay_reason("TCE012", "IHERADTF")
    assert codes.is_delay_reason("128722", "DCM")
    assert not codes.is_delay_reason("TCE012", "DCM")


def test_a_method_outside_cid_7050_is_unknown() -> None:
    method = codes.deidentification_method("113104")
    assert method is not None
    assert method.meaning == "Clean Structured Content Option"
    assert codes.deidentification_method("113113") is None
