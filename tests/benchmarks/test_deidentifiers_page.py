"""The page on de-identifiers: nothing that was found vanishes from it, and its figures add up."""

from __future__ import annotations

import re
from itertools import groupby

import pytest

from deidentifying.catalogue import WITH_LOG, tools
from deidentifying.claims import Claim
from deidentifying.comparison import PYDICOM, SYNTHETIC, OverSet, Row, Timed
from deidentifying.editions import is_of, rows_since
from deidentifying.found import HEAD
from deidentifying.judging import Judged, Kind, kinds_of, without_numbers
from deidentifying.known_failures import KNOWN, Known
from deidentifying.page import KNOWN_HEAD, page
from deidentifying.processes import Measured
from tce_harness.model.finding import Finding, Severity
from tce_harness.standard.confidentiality import table

FAIL, WARNING = Severity.FAIL, Severity.WARNING
Cells = list[str]


def finding(kind: str, element: str, *, subject: str = "originals/1", **facts: object) -> Finding:
    values: dict[str, object] = {"message": "it is so", "severity": FAIL, "row": None, **facts}
    return Finding(kind=kind, subject=subject, element=element, **values)  # type: ignore[arg-type]


def kind(requirement: str, name: str, elements: list[str], severity: Severity = FAIL, code: str = "") -> Kind:
    found = [
        finding(name, each, subject=f"originals/{number}", severity=severity)
        for number, each in enumerate(elements)
    ]
    return Kind(requirement, name, severity, code, found)


MANY = [f"(0010,{number:04X})" for number in range(0x1000, 0x1010)]
OWN = (
    kind("PS315-D2", "value-kept", MANY[:9], code="X"),
    kind("PS315-D2", "value-kept", ["(0008,0013)"], code="X/Z/D"),
    kind("PS315-D10", "method-code-missing", ["(0012,0064)"], WARNING),
)
YARDSTICK = (
    kind("PS315-D2", "value-kept", MANY, code="X"),
    kind("PS315-B1", "canary-survives", ["(0008,1030)", "(0008,1030)"]),
    kind("PS315-D2", "emptied-not-removed", ["(0008,1030)"], WARNING, "X"),
)
BEYOND = (kind("PS315-113101", "burned-in-annotation-not-no", ["(0028,0301)"]),)


def row(name: str = "gdcmanon", **facts: object) -> Row:
    made = Row(name, Claim("something"), "tool IN OUT", version="3.0")
    made.over = {
        SYNTHETIC: OverSet(3, 4, "one is no image", OWN, YARDSTICK, BEYOND),
        PYDICOM: OverSet(0, 4, "it ended"),
    }
    for key, value in facts.items():
        setattr(made, key, value)
    return made


def shown(*rows: Row) -> str:
    return page(rows, timed=10, rounds=2)


def tables(text: str, head: tuple[str, ...]) -> list[list[Cells]]:
    """Return the lines of every table that has these columns, its header and rule left out."""
    lines = [
        re.split(r" (?<!\\)\| ", line[2:-2]) if line.startswith("| ") else None for line in text.split("\n")
    ]
    groups = [list(each) for is_table, each in groupby(lines, key=lambda line: line is not None) if is_table]
    return [[cells for cells in each[2:] if cells] for each in groups if each[0] == list(head)]


def summary(text: str, tool: str) -> Cells:
    line = next(line for line in text.split("\n") if line.startswith(f"| {tool} | 3 of 4"))
    return line[2:-2].split(" | ")


@pytest.mark.parametrize(("column", "severity", "place"), [
    ("against its claim", FAIL, 2), ("against its claim", WARNING, 3),
    ("by the Basic Profile", FAIL, 4), ("by the Basic Profile", WARNING, 5),
])  # fmt: skip
def test_the_totals_are_the_sums_of_what_is_listed(column: str, severity: Severity, place: int) -> None:
    text = shown(row())
    (lines,) = tables(text, HEAD)
    counts = [
        int(cells[HEAD.index(column)])
        for cells in lines
        if cells[HEAD.index("severity")] == severity.value and cells[HEAD.index(column)] != "0"
    ]
    assert summary(text, "gdcmanon")[place] == f"{len(counts)} ({sum(counts)})"


def test_a_kind_of_both_judgements_has_both_figures() -> None:
    (lines,) = tables(shown(row()), HEAD)
    kept = [cells[4:6] for cells in lines if cells[:3] == ["PS315-D2", "value-kept", "X"]]
    assert kept == [["9", "16"]]
    assert len(lines) == len({each.key for each in (*OWN, *YARDSTICK, *BEYOND)})


def test_every_element_is_on_the_page() -> None:
    text = shown(row())
    for each in (*OWN, *YARDSTICK, *BEYOND):
        assert all(element in text for element in each.elements)


def test_what_wrote_nothing_says_why() -> None:
    assert "It wrote nothing: it ended" in shown(row())


def test_a_tool_that_wrote_fewer_keeps_its_line_of_time() -> None:
    run = Measured(0, 2.0, 1.0, 50.0, "")
    slow = row(timed=[Timed(run, 10, 10), Timed(run, 9, 10, "one failed")])
    text = shown(row("tce-basic", timed=[Timed(run, 10, 10)]), slow)
    assert "| tce-basic | 10 of 10 | 200 | 1.00 |  | 50.0 |" in text
    assert "| gdcmanon | 9 of 10 | no figure, as it wrote fewer: one failed |  |  | 50.0 |" in text


def test_known_failures_tell_what_is_seen_and_what_is_not() -> None:
    (lines,) = tables(shown(row()), KNOWN_HEAD)
    told = {cells[0]: cells[2] for cells in lines}
    assert told["most X rows are emptied, not removed"] == "seen"
    assert told["UIDs of nested references are partly kept"] == "not seen in 3.0"
    assert len(told) == sum(each.tool == "gdcmanon" for each in KNOWN)


def test_what_a_claim_does_not_reach_is_told_and_not_counted() -> None:
    (lines,) = tables(shown(row()), HEAD)
    assert [cells[4:7] for cells in lines if cells[0] == "PS315-113101"] == [["0", "0", "1"]]


def test_praise_holds_where_nothing_is_found() -> None:
    praise = Known("a", "all is well", "PS315-D2", "value-kept", is_praise=True)
    assert praise.among([]).holds
    assert not praise.among(OWN).holds


def test_a_query_asks_for_code_element_and_quotation() -> None:
    query = Known("a", "b", "PS315-D2", "value-kept", "(0008,*)", ("X/Z/D",))
    assert query.among(OWN).findings == 1
    assert Known("a", "b", "PS315-D2", "value-kept", observed="0001").among(OWN).findings == 0


def test_every_known_failure_is_of_a_tool_that_is_compared() -> None:
    assert {each.tool for each in KNOWN} <= set(tools())
    stated = [(each.tool, each.stated) for each in KNOWN]
    assert len(stated) == len(set(stated))


def test_what_only_a_later_edition_asks_is_not_against_a_claim() -> None:
    of_2021 = Claim("it", edition="2023b", names="2021b")
    later = finding("value-kept", "(0008,0012)", row="(0008,0012)")
    assert not of_2021.covers("PS315-D2", later, frozenset())
    assert of_2021.covers("PS315-D2", finding("value-kept", "(0008,0080)"), frozenset())
    assert of_2021.covers("PS315-D5", later, frozenset())
    assert Claim("it", edition="2023b").covers("PS315-D2", later, frozenset())


def test_rows_of_earlier_editions_are_rows_of_the_table() -> None:
    rows = {each.key for each in table("2023b").rows}
    assert rows_since("2021b", "2023b") < rows_since("2008", "2023b") < rows
    assert len(rows) - 1 - len(rows_since("2008", "2023b")) == 48
    assert is_of(frozenset({"(60xx,3000)"}), "(6002,3000)")
    assert not is_of(rows_since("2021b", "2023b"), "(6000,3000)")
    with pytest.raises(ValueError, match="2011"):
        rows_since("2011", "2023b")


def test_an_option_is_claimed_for_the_instances_that_name_it() -> None:
    claim = Claim("it", ("113100", "113101"))
    about = finding("burned-in-annotation-not-no", "(0028,0301)")
    assert claim.covers("PS315-113101", about, frozenset({"113100", "113101"}))
    assert not claim.covers("PS315-113101", about, frozenset({"113100"}))
    assert claim.covers("PS315-113101", about, frozenset())
    missing = finding("method-code-missing", "(0012,0064)")
    assert not claim.covers("PS315-D10", missing, frozenset({"113100"}))
    assert claim.covers("PS315-D10", missing, frozenset())


def test_commands_are_shown_without_the_folders_of_this_machine() -> None:
    commands = {name: tool.command for name, tool in tools().items()}
    assert commands["tce-basic"] == "tce deidentify IN OUT --policy basic"
    assert commands["dcmanon"] == "python dcmanon_folder.py IN OUT"
    assert commands["dentdeid"].endswith("run -p basic -o OUT IN --no-previews")
    assert "--log" in WITH_LOG.command
    assert not any("/tmp" in each or "/home" in each for each in commands.values())


def test_paths_are_told_without_the_numbers_of_items() -> None:
    assert without_numbers("(0040,A730)[2]/(0040,A160)") == "(0040,A730)/(0040,A160)"


def test_kinds_are_told_apart_by_the_code_of_their_row(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [finding("value-kept", each, row=each) for each in ("(0008,0012)", "(0008,0013)", "(0008,0014)")]
    monkeypatch.setattr("deidentifying.judging.findings_of", lambda _: [("PS315-D2", each) for each in kept])
    codes = [each.code for each in kinds_of(Judged(None, {}), "2026d")]  # type: ignore[arg-type]
    assert codes == ["U", "X/D", "X/Z/D"]
