"""De-identifiers that are known to fall short are judged red, for what they are known for and not for more.

What each of them leaves was measured beforehand by other means than these rules.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from deidentifying import inputs
from deidentifying.catalogue import tools
from deidentifying.environments import Environments
from deidentifying.judging import burned_in_text, without_numbers
from foreign.ours import check
from tce_harness.model.finding import Finding
from tce_harness.model.result import RunResult
from tce_harness.model.verdict import Verdict

TOOLS = ("gdcmanon", "dicom-anonymizer", "dicognito", "dcmanon", "orthanc")
VALID = "deid/valid-instances"
ROWS = "deid/basic-profile-rows"
UIDS = "uid/replaced-consistently"
REFERENCES = "uid/references-resolve-or-point-at-nothing-original"
EVIDENCE = "(0040,A375)/(0008,1115)/(0008,1199)/(0008,1155)"
CONTENT = "(0040,A730)/(0008,1199)/(0008,1155)"
GRAPHICS = "(0008,1115)/(0008,1140)/(0008,1155)"

# Tool, what it is known for, and the rule, kind and element by which that must be found.
KNOWN = [
    ("gdcmanon", "a table of 2008: much that has to go stays", ROWS, "value-kept", "(0008,0012)"),
    ("gdcmanon", "what has to go is emptied", ROWS, "emptied-not-removed", "(0008,1030)"),
    ("gdcmanon", "private blocks stay", "deid/private-removed", "private-kept", "(0009,0010)"),
    ("gdcmanon", "UIDs that its table does not know stay", UIDS, "uid-kept", "(0018,1002)"),
    ("gdcmanon", "so do those in sequences", UIDS, "uid-kept", "(0020,9222)/(0020,9164)"),
    ("gdcmanon", "and anywhere else", "uid/no-original-left", "original-uid-left", "(0008,1190)"),
    ("gdcmanon", "a report no longer resolves", REFERENCES, "reference-broken", CONTENT),
    ("gdcmanon", "no codes of the method", "deid/method-codes", "method-code-missing", "(0012,0064)"),
    ("gdcmanon", "planted text can be read", "deid/no-canary-survives", "canary-survives", "(0010,2110)"),
    ("gdcmanon", "YES though text is in the pixels", "deid/no-burned-in-contradiction",
     "burned-in-contradiction", "(0028,0301)"),
    ("dicom-anonymizer", "UIDs differ between files", UIDS, "uid-mapped-inconsistently", EVIDENCE),
    ("dicom-anonymizer", "UIDs in sequences stay", UIDS, "uid-kept", EVIDENCE),
    ("dicom-anonymizer", "reports no longer resolve", REFERENCES, "reference-broken", EVIDENCE),
    ("dicom-anonymizer", "nor presentation states", REFERENCES, "reference-broken", GRAPHICS),
    ("dicom-anonymizer", "evidence points at originals", REFERENCES, "reference-to-original", EVIDENCE),
    ("dicom-anonymizer", "dates of the year 1 are no dates", VALID, "not-valid", "(0008,0020)"),
    ("dicom-anonymizer", "not marked", "deid/marked-as-de-identified", "not-marked-de-identified",
     "(0012,0062)"),
    ("dicom-anonymizer", "no method", "deid/method-recorded", "method-missing", "(0012,0064)"),
    ("dicom-anonymizer", "file meta stays", "deid/file-meta-is-new", "file-meta-kept", "(0002,0016)"),
    ("dicom-anonymizer", "frame comments stay", ROWS, "value-kept", "(5200,9230)/(0020,9111)/(0020,9158)"),
    ("dicom-anonymizer", "dates in sequences stay", ROWS, "value-kept", "(0018,A001)/(0018,A002)"),
    ("dicognito", "UIDs of an arc that nobody has", VALID, "not-valid", "(0008,0018)"),
    ("dicognito", "which is no UID", "uid/new-uids-are-valid", "uid-invalid", "(0008,0018)"),
    ("dicognito", "private blocks stay", "deid/private-removed", "private-kept", "(0009,0010)"),
    ("dicognito", "Study Description stays", ROWS, "value-kept", "(0008,1030)"),
    ("dicognito", "telephone numbers stay", ROWS, "value-kept", "(0008,0094)"),
    ("dicognito", "Ethnic Group stays", ROWS, "value-kept", "(0010,2160)"),
    ("dicognito", "not all are marked", "deid/marked-as-de-identified", "not-marked-de-identified",
     "(0012,0062)"),
    ("dcmanon", "UIDs that begin with 9999", "uid/new-uids-are-valid", "uid-invalid", "(0008,0018)"),
    ("dcmanon", "it does not go into sequences", ROWS, "value-kept", "(0040,A370)/(0040,1001)"),
    ("dcmanon", "not marked", "deid/marked-as-de-identified", "not-marked-de-identified", "(0012,0062)"),
    ("dcmanon", "no method", "deid/method-recorded", "method-missing", "(0012,0064)"),
    ("orthanc", "Instance Creation Date stays", ROWS, "value-kept", "(0008,0012)"),
    ("orthanc", "and Time", ROWS, "value-kept", "(0008,0013)"),
    ("orthanc", "overlays stay", ROWS, "value-kept", "(6000,3000)"),
    ("orthanc", "and what is written about them", ROWS, "value-kept", "(6000,4000)"),
    ("orthanc", "Retrieve AE Title stays", ROWS, "value-kept", "(0008,0054)"),
    ("orthanc", "reports are hollow", VALID, "not-valid", "(0040,A730)"),
]  # fmt: skip

# What each does well, so that a judge who condemns everything is noticed too.
SOUND = [
    ("gdcmanon", "deid/marked-as-de-identified"),
    ("gdcmanon", "deid/no-private-sop-class"),
    ("gdcmanon", "object/readable"),
    ("dicom-anonymizer", "deid/private-removed"),
    ("dicom-anonymizer", "deid/no-private-sop-class"),
    ("dicom-anonymizer", "object/readable"),
    ("dicognito", UIDS),
    ("dicognito", REFERENCES),
    ("dicognito", "object/readable"),
    ("dcmanon", UIDS),
    ("dcmanon", "deid/private-removed"),
    ("dcmanon", "object/readable"),
    ("orthanc", UIDS),
    ("orthanc", "deid/private-removed"),
    ("orthanc", "deid/marked-as-de-identified"),
    ("orthanc", "object/readable"),
]


class Judged:
    """What the tools made of the synthetic set, and what is found in it; each runs once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.originals = folder / "originals"
        self.burned_in = inputs.write_synthetic(self.originals)
        self._results: dict[str, tuple[int, RunResult, str]] = {}

    def of(self, name: str) -> tuple[int, RunResult, str]:
        """Return exit status and result of ``tce check``, and what became of text in pixels."""
        if name not in self._results:
            tool = tools()[name]
            tool.prepare(Environments(self.folder / "environments"))
            work = self.folder / name
            work.mkdir()
            out = tool.run(self.originals, work).out
            assert inputs.instances_in(out) == inputs.instances_in(self.originals) > 20
            self._results[name] = (
                *check(out, self.originals, work / "run"),
                burned_in_text(out, self.burned_in),
            )
        return self._results[name]

    def findings(self, name: str) -> list[tuple[str, Finding]]:
        """Return rule and finding."""
        result = self.of(name)[1]
        return [(rule.rule, each) for case in result.cases for rule in case.rules for each in rule.findings]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return Judged(tmp_path_factory.mktemp("tools"))


@pytest.mark.parametrize("name", TOOLS)
def test_it_is_red(name: str, judged: Judged) -> None:
    status, result, burned_in = judged.of(name)
    assert status == 3
    assert result.verdict is Verdict.FAIL
    assert result.repairs
    assert burned_in.startswith("left")


@pytest.mark.parametrize(
    ("name", "rule", "kind", "element"),
    [
        pytest.param(name, rule, kind, element, id=f"{name}: {why}")
        for name, why, rule, kind, element in KNOWN
    ],
)
def test_what_it_is_known_for_is_found(name: str, rule: str, kind: str, element: str, judged: Judged) -> None:
    places = {
        without_numbers(finding.element or "")
        for by, finding in judged.findings(name)
        if (by, finding.kind) == (rule, kind)
    }
    assert element in places


@pytest.mark.parametrize(("name", "rule"), SOUND)
def test_what_it_does_well_passes(name: str, rule: str, judged: Judged) -> None:
    (found,) = (each for case in judged.of(name)[1].cases for each in case.rules if each.rule == rule)
    assert found.examined > 0
    assert found.verdict in {Verdict.PASS, Verdict.WARNING}, found.findings[:3]


def test_the_report_that_orthanc_hollows_out_is_told_by_an_empty_sequence(judged: Judged) -> None:
    told = [
        finding.observed or ""
        for rule, finding in judged.findings("orthanc")
        if finding.element == "(0040,A730)"
    ]
    assert any("Empty attribute" in each for each in told)


def test_the_uids_of_dicognito_are_told_by_their_root(judged: Judged) -> None:
    told = [finding.observed or "" for rule, finding in judged.findings("dicognito") if rule == VALID]
    assert any("Illegal root for UID" in each for each in told)


@pytest.mark.parametrize("name", TOOLS)
def test_every_finding_names_an_instance_and_no_file(name: str, judged: Judged) -> None:
    named = {finding.subject.split("/")[0] for _, finding in judged.findings(name)}
    assert named <= {"originals", "exported", "CHECK"}
