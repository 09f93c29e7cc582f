from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.character_sets import character_sets_agree, text_fault

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study


def test_a_clean_export_passes(make_case: CaseMaker, study: Study) -> None:
    judgement = character_sets_agree(make_case(study.originals, study.exported))
    assert judgement.examined > 10
    assert judgement.unit == "texts"
    assert judgement.findings == ()
    assert character_sets_agree(make_case(study.originals, [])).examined == 0


@pytest.mark.parametrize(
    ("term", "content", "fault"),
    [
        ("ISO_IR 100", "Anönym".encode(), "it is written in UTF-8"),
        ("ISO_IR 192", "Anönym".encode("latin-1"), "it holds bytes that the set does not know"),
        ("", "Anönym".encode("latin-1"), "it holds bytes outside the default repertoire"),
        ("ISO_IR 999", "Anönym".encode(), "the declared set is not one of DICOM's"),
        ("ISO_IR 100", b"\x1b$B;3ED", "it holds escape sequences, but a single set is declared"),
    ],
)
def test_a_replacement_in_another_character_set_fails(
    term: str, content: bytes, fault: str, *, make_case: CaseMaker, study: Study
) -> None:
    study.exported[0].SpecificCharacterSet = term
    study.exported[0].StationName = "MARKER" + "x" * (len(content) - 6)
    exported = make_case.as_bytes(study.exported[0]).replace(study.exported[0].StationName.encode(), content)
    (finding,) = character_sets_agree(make_case(study.originals, [exported, *study.exported[1:]])).findings
    assert (finding.element, finding.severity) == ("(0008,1010)", Severity.FAIL)
    assert fault in finding.message


def test_an_item_has_its_own_character_set(make_case: CaseMaker, study: Study) -> None:
    inner = Dataset()
    inner.SpecificCharacterSet = "ISO_IR 100"
    inner.PatientComments = "Anönym"
    study.exported[0].ReferencedImageSequence[0].update(inner)
    assert character_sets_agree(make_case(study.originals, study.exported)).findings == ()
    content = make_case.as_bytes(study.exported[0]).replace("Anönym".encode("latin-1"), b"\xc3\xb6nym ")
    (finding,) = character_sets_agree(make_case(study.originals, [content, *study.exported[1:]])).findings
    assert finding.element == "(0008,1140)[1]/(0010,4000)"


def test_a_fault_of_the_original_is_not_the_exporters(make_case: CaseMaker, study: Study) -> None:
    for one in (study.originals[0], study.exported[0]):
        one.Manufacturer = "Äcme"
    contents = [
        [make_case.as_bytes(one).replace("Äcme".encode(), b"\xc4cme ") for one in group]
        for group in (study.originals, study.exported)
    ]
    assert character_sets_agree(make_case(*contents)).findings == ()
    assert len(character_sets_agree(make_case([], contents[1])).findings) == 1


@given(st.binary(max_size=40), st.lists(st.sampled_from(["", "ISO_IR 100", "ISO_IR 192", "GB18030", "x"])))
def test_any_bytes_are_judged_without_an_exception(content: bytes, terms: list[str]) -> None:
    fault = text_fault(content, tuple(terms))
    assert fault is None or fault
    if terms[:1] == ["ISO_IR 192"] and "x" not in terms and b"\x1b" not in content:
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            assert fault
        else:
            assert fault is None
