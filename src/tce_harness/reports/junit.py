"""One run result as JUnit XML, for the build servers that read nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from tce_harness.model.result import CaseResult, RequirementResult, RuleResult, RunResult, StepResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports.sequence import finding_verdict
from tce_harness.reports.withhold import withhold_quotes
from tce_harness.reports.wording import REAL_PATIENTS, counted, element_name, exit_means, shown

MOST_FINDINGS: Final = 25


def to_junit(result: RunResult) -> str:
    """Return the result as JUnit XML.

    A suite for each case holds a test for each step that is no check, one for each rule, and one for each
    trouble of the harness. A last suite, ``requirements``, holds those that no rule of a case judged:
    roll-ups, attestations, what was not run. The verdicts become:

    ====================  ==========================================================================
    fail                  ``failure``, type ``fail``
    inconclusive          ``failure``, type ``inconclusive``, where the requirement is required, since
                          the exit status is not 0 then either; else ``skipped``
    error                 ``error``
    not-run               ``skipped``, with the reason
    not-applicable        ``skipped``, with the reason
    warning, attested     a passed test with the findings or the reason in ``system-out``
    pass                  a passed test
    ====================  ==========================================================================

    What a pass means and what was and was not examined are properties of every suite.
    """
    result = withhold_quotes(result)
    root = Element("testsuites", {"name": shown(f"TCE conformance of {result.under_test}")})
    required = {each.requirement.id for each in result.requirements if each.required}
    for case in result.cases:
        suite = _suite(root, case.id, result)
        for number, trouble in enumerate(case.trouble, 1):
            _test(suite, f"harness, trouble {number}", case.scenario, Verdict.ERROR, trouble)
        for step in case.steps:
            if step.verb != "check":
                _step(suite, case, step)
        for rule in case.rules:
            _rule(suite, case, rule, rule.requirement in required)
        _count(suite)
    _requirements(root, result)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, name: str, result: RunResult) -> Element:
    suite = SubElement(root, "testsuite", {"name": shown(name), "timestamp": shown(result.started)})
    properties = SubElement(suite, "properties")
    said = [
        ("pass-means", result.pass_means),
        *(("note", note) for note in result.notes),
        *(("first-to-put-right", f"{each.title}. {each.remedy}") for each in result.obstacles),
        *((f"examined: {what}", amount) for what, amount in result.coverage.examined),
        *(("not-examined", what) for what in result.coverage.not_examined),
        ("under-test", result.under_test),
        ("suite", result.suite),
        *((f"edition: {standard}", edition) for standard, edition in result.editions),
        ("exit-status", f"{result.exit_status}: {exit_means(result.exit_status)}"),
        ("requirements-not-testable-yet", str(result.not_testable_yet)),
        ("evidence-head", result.evidence_head),
    ]
    if result.real_patients:
        said.insert(0, ("patient-data", REAL_PATIENTS))
    for key, value in said:
        SubElement(properties, "property", {"name": shown(key), "value": shown(value, 2000)})
    return suite


def _requirements(root: Element, result: RunResult) -> None:
    judged = {rule.requirement for case in result.cases for rule in case.rules}
    left = [each for each in result.requirements if each.requirement.id not in judged]
    if not left and result.cases:
        return
    suite = _suite(root, "requirements", result)
    for each in left:
        test = _test(
            suite,
            f"{each.requirement.id}: {each.requirement.text}",
            "requirements",
            each.verdict,
            _requirement_reason(each),
            required=each.required,
        )
        _say(
            test, [f"rests on {', '.join(each.requirement.proven_by)}"] if each.requirement.proven_by else []
        )
    _count(suite)


def _requirement_reason(each: RequirementResult) -> str:
    if each.reason:
        return each.reason
    rests = f"; it rests on {', '.join(each.requirement.proven_by)}" if each.requirement.proven_by else ""
    return f"examined {counted(each.examined, each.unit)}, {counted(each.findings, 'findings')}{rests}"


def _step(suite: Element, case: CaseResult, step: StepResult) -> None:
    detail = f"{step.text} {step.detail}" if step.detail else step.text
    # A step has no requirement of its own; that of the rules that depend on it says whether it matters.
    _test(suite, f"step {step.id}", case.scenario, step.verdict, detail, required=False)


def _rule(suite: Element, case: CaseResult, rule: RuleResult, required: bool) -> None:
    findings = [_sentence(rule, index) for index in range(min(len(rule.findings), MOST_FINDINGS))]
    if len(rule.findings) > MOST_FINDINGS:
        findings.append(f"and {len(rule.findings) - MOST_FINDINGS} more, in result.json")
    reason = rule.reason or (rule.findings[0].message if rule.findings else "no reason was given")
    where = f"{case.file}:{rule.line}, step {rule.step}, examined {counted(rule.examined, rule.unit)}"
    test = _test(
        suite,
        f"{rule.requirement} {rule.rule} (step {rule.step})",
        case.scenario,
        rule.verdict,
        reason,
        body=[*findings, where, f"run again: {case.command}"],
        required=required,
    )
    test.set("file", shown(case.file))
    test.set("line", str(rule.line))


def _sentence(rule: RuleResult, index: int) -> str:
    finding = rule.findings[index]
    verdict = finding_verdict(rule, finding)
    element = " ".join(filter(None, (finding.element, element_name(finding.element))))
    parts = (
        f"{verdict.value if verdict else 'remark'}: {finding.subject}",
        element,
        finding.message,
        finding.expected and f"expected {finding.expected}",
        finding.observed and f"observed {finding.observed}",
        finding.evidence and f"evidence {', '.join(finding.evidence[:6])}",
    )
    return " | ".join(shown(part) for part in parts if part)


def _test(
    suite: Element,
    name: str,
    scenario: str,
    verdict: Verdict,
    reason: str,
    *,
    body: Iterable[str] = (),
    required: bool = True,
) -> Element:
    test = SubElement(suite, "testcase", {"name": shown(name), "classname": shown(scenario)})
    if verdict is Verdict.ERROR:
        _outcome(test, "error", verdict, reason, body)
    elif verdict is Verdict.FAIL or (verdict is Verdict.INCONCLUSIVE and required):
        _outcome(test, "failure", verdict, reason, body)
    elif verdict in {Verdict.INCONCLUSIVE, Verdict.NOT_RUN, Verdict.NOT_APPLICABLE}:
        SubElement(test, "skipped", {"message": shown(f"{verdict}: {reason}")})
    elif verdict in {Verdict.WARNING, Verdict.ATTESTED}:
        _say(test, [f"{verdict}: {reason}", *body])
    return test


def _outcome(test: Element, kind: str, verdict: Verdict, reason: str, body: Iterable[str]) -> None:
    element = SubElement(test, kind, {"type": verdict.value, "message": shown(reason)})
    element.text = "\n".join(shown(line, 2000) for line in body)


def _say(test: Element, lines: Iterable[str]) -> None:
    """Add lines to what the test says on its standard output, after what it says already."""
    text = "\n".join(shown(line, 2000) for line in lines)
    if not text:
        return
    said = test.find("system-out")
    if said is None:
        said = SubElement(test, "system-out")
    said.text = f"{said.text}\n{text}" if said.text else text


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
