from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from tce_harness.content import Content
from tce_harness.model.errors import HarnessError
from tce_harness.model.result import PASS_MEANS, RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports.html import file_link, to_html
from tce_harness.reports.notice import NOTICE_ID

VOID = {"meta", "br", "hr", "img", "input", "link"}
Value = TypeVar("Value")


class Page(HTMLParser):
    """The elements, attributes and visible text of a page, and the elements that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.misplaced: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.misplaced += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.misplaced.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def attributes(self, name: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(name)) is not None]


def with_every_text(value: Value, text: str) -> Value:
    """Return a copy of a result in which every free text is another one."""
    return _every(value, text)  # type: ignore[no-any-return]


def _every(value: Any, text: str) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: _every(getattr(value, field.name), text)
            for field in fields(value)
            if field.name not in {"schema", "kind"}
        }
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(_every(item, text) for item in value)
    return text if isinstance(value, str) and not isinstance(value, Enum) else value


def overlay(folder: Path, **templates: str) -> Content:
    (folder / "reports").mkdir()
    for name, text in templates.items():
        (folder / "reports" / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return Content.with_overlays(folder)


@pytest.fixture(scope="session")
def page(failing_run: RunResult, content: Content) -> str:
    return to_html(failing_run, content)


def test_every_element_is_closed_where_it_should_be(page: str) -> None:
    assert Page(page).misplaced == []


def test_every_id_is_there_once_and_every_link_inside_the_page_leads_somewhere(page: str) -> None:
    parsed = Page(page)
    ids = parsed.attributes("id")
    assert len(ids) == len(set(ids))
    inside = [link[1:] for link in parsed.attributes("href") if link.startswith("#")]
    assert len(inside) > 20
    assert set(inside) <= set(ids)


def test_what_a_pass_means_and_what_was_not_examined_stand_before_everything_found(
    page: str, failing_run: RunResult
) -> None:
    text = Page(page).text
    to_repair = text.index("1. The frame of reference UID is left untouched")
    assert text.index(PASS_MEANS) < to_repair
    for what in failing_run.coverage.not_examined:
        assert text.index(what) < to_repair


def test_a_template_that_lacks_the_notice_still_shows_it(failing_run: RunResult, tmp_path: Path) -> None:
    bare = overlay(tmp_path, header__html__j2="<h1>All is well</h1>", report__html__j2="", style__css="")
    parsed = Page(to_html(failing_run, bare))
    assert "All is well" in parsed.text
    assert PASS_MEANS in parsed.text
    assert failing_run.coverage.not_examined[0] in parsed.text
    assert parsed.attributes("id") == [NOTICE_ID]


@pytest.mark.parametrize(
    "header",
    ["<!--", "<div hidden>", "<template>", "<details>", "<script>", "<textarea>", "</main>", "</body>"],
)
def test_a_template_that_hides_the_notice_is_refused(
    failing_run: RunResult, tmp_path: Path, header: str
) -> None:
    with pytest.raises(HarnessError, match=r"hide what a pass means.*header\.html\.j2"):
        to_html(failing_run, overlay(tmp_path, header__html__j2=header))


def test_a_style_sheet_does_not_hide_the_notice(failing_run: RunResult, tmp_path: Path) -> None:
    page = to_html(failing_run, overlay(tmp_path, style__css=".notice { display: none !important }"))
    [style] = [
        attributes["style"] for tag, attributes in Page(page).elements if attributes.get("id") == NOTICE_ID
    ]
    assert "display:block!important" in (style or "")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ nothing.here }}", "'nothing' is undefined"),
        ("{% for %}", r"report\.html\.j2:1"),
        ("{% include '../secret' %}", "secret"),
        ("{% include 'missing.j2' %}", r"missing\.j2"),
        ("{{ ().__class__.__bases__ }}", "unsafe"),
    ],
)
def test_a_broken_template_is_told_by_name(
    failing_run: RunResult, tmp_path: Path, template: str, message: str
) -> None:
    with pytest.raises(HarnessError, match=rf"(?s)report template reports/.*{message}"):
        to_html(failing_run, overlay(tmp_path, report__html__j2=template))


def test_nothing_comes_from_the_network(page: str) -> None:
    parsed = Page(page)
    assert not {tag for tag, _ in parsed.elements} & {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
    }
    assert parsed.attributes("src") == []
    assert all(re.match(r"#|evidence/", link) for link in parsed.attributes("href"))
    assert not re.search(r"url\(|@import|@font-face", page)


def test_the_page_runs_its_own_script_and_no_other(page: str) -> None:
    script = page.rsplit("<script>", 1)[1].split("</script>", maxsplit=1)[0]
    policy = Page(page).attributes("content")[0]
    assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'")


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></svg></main><h1>fine</h1>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --><![CDATA[",
    "W" * 20_000,
    "\x00\x1b[31m\u202egnp\ud800\ufffe",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_value_is_shown_and_never_obeyed(
    failing_run: RunResult, passing_run: RunResult, content: Content, text: str
) -> None:
    result = replace(
        with_every_text(replace(failing_run, cases=failing_run.cases[:1]), text), pass_means=PASS_MEANS
    )
    page = to_html(result, content)
    parsed = Page(page)
    assert parsed.misplaced == []
    assert [tag for tag, _ in parsed.elements].count("script") == 1
    assert "img" not in {tag for tag, _ in parsed.elements}
    assert not [name for _, attributes in parsed.elements for name in attributes if name.startswith("on")]
    assert not [link for link in parsed.attributes("href") if not link.startswith("#")]
    assert "49" not in parsed.text.split()
    assert PASS_MEANS in parsed.text
    assert max(map(len, parsed.text.split()), default=0) < 1000
    assert page.encode("utf-8")


@settings(max_examples=25, deadline=None)
@given(text=st.text())
def test_any_value_stands_in_the_page_as_text(passing_run: RunResult, content: Content, text: str) -> None:
    case = passing_run.cases[0]
    step = replace(case.steps[0], detail=text)
    page = to_html(replace(passing_run, cases=(replace(case, title=text, steps=(step,)),)), content)
    parsed = Page(page)
    assert parsed.misplaced == []
    if text.isalnum():
        assert str(escape(text)) in page


@pytest.mark.parametrize(
    "path",
    [
        "javascript:alert(1)", "//host/x", "/etc/passwd", "../outside", "a/../../b", "http://host/",
        "a\\..\\b", "", " x", "data:text/html,x", "a//b", "a/\x00",
    ],
)  # fmt: skip
def test_a_path_that_leaves_the_run_is_no_link(path: str) -> None:
    assert "href" not in file_link(path)


def test_an_evidence_file_is_a_link_relative_to_the_run() -> None:
    assert file_link("evidence/instances/0a1b.dcm") == (
        '<a href="evidence/instances/0a1b.dcm"><code>evidence/instances/0a1b.dcm</code></a>'
    )


def test_each_repair_says_all_that_is_needed_to_argue_and_to_repair(
    page: str, failing_run: RunResult
) -> None:
    text = Page(page).text
    for part in (
        "1. The frame of reference UID is left untouched ✕ fail",
        "TCE-RAD53-013 : Every UID is replaced",
        "4.53; PS3.15 Table E.1-1, code U; shall; grade C: restated by the profile's authors or testers",
        "(0020,0052) Frame of Reference UID; study/1, study/2, study/3, study/4, study/5",
        "Expected a new UID",
        "Observed 2.25.1187",
        "seen to fail on planted defects: keeps-frame-of-reference-uid, per-file-uid-map, nested-uids-kept",
        "Run again tce run EM-010/TCE001 --system gateway.yaml --seed 7341",
    ):
        assert part in text
    assert set(failing_run.repairs[0].evidence_files) <= set(Page(page).attributes("href"))


def test_every_requirement_has_its_row_with_verdict_and_defects(page: str, failing_run: RunResult) -> None:
    parsed = Page(page)
    rows = {
        attributes["id"]: attributes["data-verdict"]
        for tag, attributes in parsed.elements
        if tag == "tr" and "data-verdict" in attributes
    }
    assert rows == {f"requirement-{each.requirement.id}": each.verdict for each in failing_run.requirements}
    for each in failing_run.requirements:
        row = page.split(f'<tr id="requirement-{each.requirement.id}"')[1].split("</tr>", maxsplit=1)[0]
        assert all(defect in row for defect in each.defects)
        assert each.reason is None or str(escape(each.reason)) in row


def test_a_roll_up_shows_what_it_rests_on(page: str) -> None:
    row = page.split('<tr id="requirement-RCR-B5.5e"')[1].split("</tr>", maxsplit=1)[0]
    text = Page(row).text
    assert "Rests on: TCE-RAD53-013 ✕ fail , PS315-D3 ✓ pass , PS315-113107 not judged in this run" in text


def test_counts_have_denominators_and_name_what_is_not_testable_yet(page: str) -> None:
    text = Page(page).text
    assert "13 requirements in this run 58 more of the catalogues have no check yet" in text
    assert "3 of 13 ✕ fail" in text
    assert "5 of 13 ✓ pass" in text


def test_counts_tell_how_many_only_sum_others_up_and_names_are_explained(
    page: str, failing_run: RunResult
) -> None:
    text = Page(page).text
    failed = [
        each
        for each in failing_run.requirements
        if each.verdict is Verdict.FAIL and each.requirement.proven_by
    ]
    assert f"{len(failed)} roll-up" in text.split("To repair (")[0]
    legend = text.split("How to read this report")[-1]
    for name in ("study/1", "exported/3", "e0017", "RAD-50 → 0000", "a roll-up is"):
        assert name in legend


def test_a_verdict_is_a_word_and_a_symbol_wherever_it_is_a_colour(page: str) -> None:
    for match in re.finditer(r'<span class="pill ([a-z-]+)"[^>]*>(.*?)</span>(?=[^<]|<(?!/span))', page):
        verdict = Verdict(match[1])
        assert verdict.symbol in match[2]
        assert verdict.value in match[0]


def test_no_page_speaks_of_per_cent_or_calls_data_anonymous(
    failing_run: RunResult, passing_run: RunResult, content: Content
) -> None:
    for result in (failing_run, passing_run):
        text = Page(to_html(result, content)).text.replace(PASS_MEANS, "")
        assert not re.search(r"anonym|certified|compliant|%|per cent", text, re.IGNORECASE)


def test_a_pass_has_nothing_to_repair_and_says_who_played(passing_run: RunResult, content: Content) -> None:
    text = Page(to_html(passing_run, content)).text
    assert "Nothing to repair" in text
    assert "No system under test took part" in text
    assert "4 of 5 ✓ pass" in text


def test_a_system_that_could_not_be_reached_stands_before_counts_and_repairs(
    unreached_run: RunResult, content: Content
) -> None:
    html = to_html(unreached_run, content)
    text = Page(html).text
    assert "Nothing to repair" not in text
    assert "2 of 2 cases could not be judged, so that nobody knows what is to repair." in text
    places = [
        text.index(each)
        for each in (
            "No object was examined.",
            "EXPGW at gateway.example:11112 refuses connections",
            "Check 'host' and 'port' in the system file",
            "It kept 2 of 2 cases from being judged",
            "13 of 13",
            "To repair",
        )
    ]
    assert places == sorted(places)
    assert text.count("Not judged: EXPGW at gateway.example:11112") == 2


def test_what_is_undecided_stands_beside_what_is_to_repair(page: str) -> None:
    text = Page(page).text
    assert "Undecided (1)" in text
    assert "Why: no manifest was exported: the operator did not release the case in time" in text


def test_unattributed_instances_are_listed(page: str, failing_run: RunResult) -> None:
    text = Page(page).text
    assert failing_run.unattributed[0].sop_instance_uid in text.split("Unattributed instances")[1]


def test_trouble_of_the_harness_is_shown_in_its_case(failing_run: RunResult, content: Content) -> None:
    case = replace(failing_run.cases[1], verdict=Verdict.ERROR, trouble=("the rule uid/valid broke",))
    text = Page(to_html(replace(failing_run, cases=(case,)), content)).text
    assert "The harness failed here: the rule uid/valid broke" in text


def test_evidence_of_real_patients_marks_the_page_and_each_section(
    real_patients_run: RunResult, page: str, content: Content
) -> None:
    marked = to_html(real_patients_run, content)
    assert Page(marked).text.count("Evidence of real patients: patient data") == 2
    assert '@top-center{content:"Evidence of real patients: patient data"' in marked
    headings = re.findall(r"<h2 id=.*?</h2>", marked, re.DOTALL)
    assert len(headings) > 5
    assert all("patient data" in heading for heading in headings if "how-to-read" not in heading[:30])
    assert "patient data" not in Page(page).text


def test_a_result_without_anything_still_makes_a_page(passing_run: RunResult, content: Content) -> None:
    empty = replace(
        passing_run, kind="check", cases=(), requirements=(), actors=(), coverage=replace(
            passing_run.coverage, examined=(), not_examined=()), editions=(),
        verdict=Verdict.INCONCLUSIVE, exit_status=4,
    )  # fmt: skip
    parsed = Page(to_html(empty, content))
    assert parsed.misplaced == []
    assert "no verdict of this run rests on an examination" in parsed.text


def test_long_lists_are_cut_and_say_so(failing_run: RunResult, content: Content) -> None:
    case = failing_run.cases[0]
    findings = case.rules[3].findings * 200
    many = replace(
        case,
        messages=case.messages * 100,
        rules=(*case.rules[:3], replace(case.rules[3], findings=findings)),
    )
    text = Page(to_html(replace(failing_run, cases=(many,)), content)).text
    assert "and 975 findings more, in result.json" in text
    assert "And 900 messages more, in result.json." in text
