"""De-identifiers that are known to fall short are judged red, for what they are known for and not for more.

What each of them leaves was measured beforehand by other means than these rules.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from deidentifying.catalogue import tools
from deidentifying.comparison import SYNTHETIC, Comparison
from deidentifying.environments import Environments
from deidentifying.known_failures import KNOWN, Known
from deidentifying.page import page
from tce_harness.model.result import RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports import from_json

TOOLS = ("gdcmanon", "dicom-anonymizer", "dicognito", "dcmanon", "orthanc")
UIDS = "uid/replaced-consistently"
REFERENCES = "uid/references-resolve-or-point-at-nothing-original"

# What other measurements state and this version, or the synthetic set, does not show.
NOT_SEEN = {
    ("gdcmanon", "UIDs of nested references are partly kept"),
    ("dcmanon", "nested sequences are untouched: UIDs in them stay"),
}

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
    """What the tools made of the synthetic set, what is found, and what the page says; each runs once."""

    def __init__(self, folder: Path) -> None:
        self.comparison = Comparison(
            [tools()[name] for name in TOOLS], Environments(folder / "environments"), folder / "work", print
        )
        self.rows = {row.name: row for row in self.comparison.judge([SYNTHETIC])}
        self.page = page(list(self.rows.values()), timed=0, rounds=0)

    def result(self, name: str) -> RunResult:
        """Return what ``tce check`` says by the tool's claim."""
        return from_json(self.comparison.document(name).read_text(encoding="utf-8"))

    def section(self, title: str) -> list[list[str]]:
        """Return the cells of the first table under a title of the page."""
        under = self.page.split(f"\n{title}", maxsplit=1)[1].split("\n#")[0]
        lines = [line[2:-2].split(" | ") for line in under.splitlines() if line.startswith("| ")]
        return lines[2:]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return Judged(tmp_path_factory.mktemp("tools"))


@pytest.mark.parametrize("name", TOOLS)
def test_it_is_red(name: str, judged: Judged) -> None:
    row, result = judged.rows[name], judged.result(name)
    over = row.over[SYNTHETIC]
    assert over.written == over.given > 20
    assert result.verdict is Verdict.FAIL
    assert result.repairs
    assert row.burned_in.startswith("left")


@pytest.mark.parametrize("known", [pytest.param(each, id=f"{each.tool}: {each.stated}") for each in KNOWN])
def test_the_page_says_whether_a_known_failure_is_seen(known: Known, judged: Judged) -> None:
    version = judged.rows[known.tool].version
    told = {cells[0]: cells for cells in judged.section(f"### {known.tool} {version}: known failures")}
    seen, count, elements = told[known.stated][2], int(told[known.stated][3]), told[known.stated][6]
    if (known.tool, known.stated) in NOT_SEEN:
        assert (seen, count) == (f"not seen in {version}", 0)
    else:
        assert seen == ("it is so" if known.is_praise else "seen")
        assert bool(count) is bool(elements) is not known.is_praise


@pytest.mark.parametrize("name", TOOLS)
def test_the_page_lists_all_that_is_found(name: str, judged: Judged) -> None:
    row = judged.rows[name]
    lines = judged.section(f"#### {name}, the synthetic set")
    over = row.over[SYNTHETIC]
    for column, kinds in ((4, over.own), (5, over.yardstick), (6, over.beyond)):
        assert sum(int(cells[column]) for cells in lines) == sum(len(kind.findings) for kind in kinds)
    shown = " ".join(cells[8] for cells in lines)
    assert all(element in shown for kind in over.yardstick for element in kind.elements)


@pytest.mark.parametrize(("name", "rule"), SOUND)
def test_what_it_does_well_passes(name: str, rule: str, judged: Judged) -> None:
    (found,) = (each for case in judged.result(name).cases for each in case.rules if each.rule == rule)
    assert found.examined > 0
    assert found.verdict in {Verdict.PASS, Verdict.WARNING}, found.findings[:3]


@pytest.mark.parametrize("name", TOOLS)
def test_every_finding_names_an_instance_and_no_file(name: str, judged: Judged) -> None:
    result = judged.result(name)
    found = (each for case in result.cases for rule in case.rules for each in rule.findings)
    assert {each.subject.split("/")[0] for each in found} <= {"originals", "exported", "CHECK"}
