from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from hypothesis import given
from hypothesis import strategies as st

from tce_harness.model.result import PASS_MEANS, RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports.junit import to_junit


def found(root: Element, suite: str, start: str) -> Element:
    return next(
        test
        for test in root.findall(f"testsuite[@name='{suite}']/testcase")
        if test.attrib["name"].startswith(start)
    )


def parsed(result: RunResult) -> Element:
    return ElementTree.fromstring(to_junit(result))


def test_each_case_is_a_suite_and_each_rule_a_test(failing_run: RunResult) -> None:
    root = parsed(failing_run)
    assert [suite.attrib["name"] for suite in root] == [
        *(case.id for case in failing_run.cases),
        "requirements",
    ]
    for case, suite in zip(failing_run.cases, root, strict=False):
        steps = [step for step in case.steps if step.verb != "check"]
        assert len(suite.findall("testcase")) == len(case.rules) + len(steps)


def test_counts_are_those_of_the_elements(failing_run: RunResult) -> None:
    root = parsed(failing_run)
    for name, tag in (
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        assert int(root.attrib[name]) == len(root.findall(f".//{tag}"))
        for suite in root:
            assert int(suite.attrib[name]) == len(suite.findall(f".//{tag}"))


def test_a_fail_is_a_failure_with_its_findings(failing_run: RunResult) -> None:
    test = found(parsed(failing_run), "EM-010/TCE001", "TCE-RAD53-013")
    failure = test.find("failure")
    assert failure is not None
    assert failure.attrib["type"] == "fail"
    assert "study/5 | (0020,0052) Frame of Reference UID" in (failure.text or "")
    assert "tce run EM-010/TCE001" in (failure.text or "")


def test_a_warning_passes_and_says_why(failing_run: RunResult) -> None:
    test = found(parsed(failing_run), "EM-010/TCE001", "TCE-RAD53-009")
    assert [child.tag for child in test] == ["system-out"]
    assert "did not survive the export" in (test[0].text or "")


def test_a_required_requirement_left_inconclusive_is_a_failure(failing_run: RunResult) -> None:
    test = found(parsed(failing_run), "EM-030/TCE011", "TCE-RAD53-010")
    assert [(child.tag, child.attrib["type"]) for child in test] == [("failure", "inconclusive")]


def test_what_was_not_run_or_does_not_apply_is_skipped_with_the_reason(failing_run: RunResult) -> None:
    root = parsed(failing_run)
    for start, reason in (
        ("RCR-B5.3", "not-run: no operator"),
        ("TCE-RAD53-017", "not-applicable: the option"),
    ):
        skipped = found(root, "requirements", start).find("skipped")
        assert skipped is not None
        assert skipped.attrib["message"].startswith(reason)


def test_an_attestation_passes_and_names_who_gave_it(failing_run: RunResult) -> None:
    test = found(parsed(failing_run), "requirements", "RCR-B1")
    assert [child.tag for child in test] == ["system-out"]
    assert "J. Okafor" in (test[0].text or "")


def test_a_roll_up_names_what_it_rests_on(failing_run: RunResult) -> None:
    failure = found(parsed(failing_run), "requirements", "RCR-B5.5e").find("failure")
    assert failure is not None
    assert "TCE-RAD53-013, PS315-D3, PS315-113107" in failure.attrib["message"]


def test_trouble_of_the_harness_is_an_error(failing_run: RunResult) -> None:
    case = replace(failing_run.cases[0], trouble=("the rule uid/valid raised ZeroDivisionError",))
    test = found(parsed(replace(failing_run, cases=(case,))), case.id, "harness")
    assert [child.tag for child in test] == ["error"]


def test_a_pass_has_no_failure(passing_run: RunResult) -> None:
    root = parsed(passing_run)
    assert (root.attrib["failures"], root.attrib["errors"]) == ("0", "0")
    assert int(root.attrib["tests"]) > 4


def test_each_suite_says_what_a_pass_means_and_what_was_not_examined(failing_run: RunResult) -> None:
    for suite in parsed(failing_run):
        said = [(each.attrib["name"], each.attrib["value"]) for each in suite.findall("properties/property")]
        assert ("pass-means", PASS_MEANS) in said
        assert ("examined: rows of Table E.1-1", "653 of 653") in said
        for what in failing_run.coverage.not_examined:
            assert ("not-examined", what) in said


def test_each_suite_says_what_kept_the_system_from_being_judged(unreached_run: RunResult) -> None:
    root = ElementTree.fromstring(to_junit(unreached_run))
    for suite in root.iter("testsuite"):
        said = {each.get("name"): each.get("value") for each in suite.iter("property")}
        assert str(said["first-to-put-right"]).startswith("EXPGW at gateway.example:11112 refuses")
        assert str(said["pass-means"]).startswith("No object was examined. ")


def test_evidence_of_real_patients_is_marked_in_each_suite(real_patients_run: RunResult) -> None:
    for suite in parsed(real_patients_run):
        first = suite.find("properties/property")
        assert first is not None
        assert first.attrib["name"] == "patient-data"


def test_a_run_without_cases_still_says_what_a_pass_means(passing_run: RunResult) -> None:
    root = parsed(replace(passing_run, cases=(), requirements=(), verdict=Verdict.INCONCLUSIVE))
    assert root.find("testsuite/properties/property[@name='pass-means']") is not None


@given(text=st.text())
def test_any_foreign_value_gives_xml_that_parses(passing_run: RunResult, text: str) -> None:
    case = passing_run.cases[0]
    rule = replace(case.rules[0], verdict=Verdict.FAIL, reason=text)
    result = replace(
        passing_run, under_test=text, cases=(replace(case, title=text, trouble=(text,), rules=(rule,)),)
    )
    root = parsed(result)
    assert root.find(".//error") is not None
    assert to_junit(result).encode("utf-8")
