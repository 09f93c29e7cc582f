"""Files judged without a network: with the originals, and without."""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tce_harness.deidentify import Deidentifier, Pseudonyms, Quarantined, find_policy
from tce_harness.engine import CheckPlan, Library, check_files, differences, rejudge
from tce_harness.fixtures import find_recipe, synthesise
from tce_harness.model.claims import Claims
from tce_harness.model.errors import HarnessError
from tce_harness.model.result import RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.reports import repair_lines, to_html, to_json

Check = Callable[..., RunResult]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Path:
    """Return a folder of folders: the originals, and what was made of them well and badly."""
    root = tmp_path_factory.mktemp("check")
    study = synthesise(find_recipe("ct-chest", library.content), seed=3, block=4, name="study", instances=2)
    cleaner = Deidentifier(find_policy("basic", library.content), Pseudonyms(b"0123456789abcdef"))
    for name in ("originals", "clean", "leaky"):
        (root / name / "deep").mkdir(parents=True)
    for number, instance in enumerate(study.instances):
        outcome = cleaner.deidentify(read_instance(instance.content))
        assert not isinstance(outcome, Quarantined)
        (root / "originals" / f"{number}.dcm").write_bytes(instance.content)
        (root / "clean" / "deep" / f"new{number}.dcm").write_bytes(encode_instance(outcome.dataset))
        (root / "leaky" / f"new{number}.dcm").write_bytes(instance.content)
    return root


@pytest.fixture
def check(folders: Path, library: Library, tmp_path: Path) -> Check:
    def _check(exported: str, originals: str | None, **options: object) -> RunResult:
        plan = CheckPlan(
            exported=folders / exported,
            originals=folders / originals if originals is not None else None,
            folder=tmp_path / "out",
            under_test="Tool 1",
            command="tce check",
            **{"claims": Claims(), **options},  # type: ignore[arg-type]
        )
        return check_files(plan, library)

    return _check


def verdicts(result: RunResult) -> dict[str, Verdict]:
    return {rule.rule: rule.verdict for case in result.cases for rule in case.rules}


def test_a_clean_folder_fails_nothing(check: Check, library: Library, tmp_path: Path) -> None:
    result = check("clean", "originals")
    found = verdicts(result)
    for rule in (
        "deid/no-canary-survives",
        "uid/no-original-left",
        "uid/replaced-consistently",
        "deid/private-removed",
    ):
        assert found[rule] is Verdict.PASS, rule
    assert (result.kind, result.under_test, result.simulated) == ("check", "Tool 1", False)
    assert differences(result, rejudge(tmp_path / "out", library)) == ()


def test_a_leaky_folder_fails_and_quotes_nothing(check: Check, folders: Path, tmp_path: Path) -> None:
    result = check("leaky", "originals")
    found = verdicts(result)
    assert found["deid/no-canary-survives"] is Verdict.FAIL
    assert found["uid/no-original-left"] is Verdict.FAIL
    assert result.exit_status == 3
    original = read_instance(folders / "originals" / "0.dcm")
    output = to_json(result)
    for keyword in ("PatientName", "PatientID", "AccessionNumber", "StudyInstanceUID", "SOPInstanceUID"):
        assert str(original[keyword].value) not in output, keyword
    for folder in (tmp_path / "out", tmp_path / "out" / "evidence"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_what_is_synthetic_may_be_quoted(check: Check, tmp_path: Path) -> None:
    result = check("leaky", "originals", synthetic=True)
    assert not result.real_patients
    (found,) = (rule for case in result.cases for rule in case.rules if rule.rule == "uid/no-original-left")
    assert any(finding.observed and "withheld" not in finding.observed for finding in found.findings)


def test_without_the_originals_only_what_files_show_is_judged(check: Check) -> None:
    found = verdicts(check("leaky", None))
    assert found["deid/marked-as-de-identified"] is Verdict.FAIL
    assert found["deid/private-removed"] is Verdict.FAIL
    assert found["deid/no-canary-survives"] is Verdict.INCONCLUSIVE
    assert found["uid/replaced-consistently"] is not Verdict.PASS


def test_a_file_that_is_no_instance_is_judged_and_not_lost(check: Check, folders: Path) -> None:
    mixed = folders / "mixed"
    mixed.mkdir()
    (mixed / "a.dcm").write_bytes((folders / "clean" / "deep" / "new0.dcm").read_bytes())
    (mixed / "b.dcm").write_bytes(b"not DICOM")
    assert verdicts(check("mixed", "originals"))["object/readable"] in {Verdict.FAIL, Verdict.WARNING}


def test_a_finding_names_the_file_inside_the_folder_that_was_judged(
    check: Check, folders: Path, tmp_path: Path, library: Library
) -> None:
    study = folders / "named" / "study 1"
    study.mkdir(parents=True)
    (study / "clean.dcm").write_bytes((folders / "clean" / "deep" / "new0.dcm").read_bytes())
    (study / "leaky.dcm").write_bytes((folders / "leaky" / "new1.dcm").read_bytes())
    result = check("named", "originals", synthetic=True)
    first = result.repairs[0]
    assert first.instances == ("originals/2",)
    assert first.file_names == ("study 1/leaky.dcm",)
    assert "Files:        study 1/leaky.dcm" in "\n".join(repair_lines(result))
    page = to_html(result, library.content)
    assert page.count("study 1/leaky.dcm") > 2  # beside repairs, and beside the findings of each rule
    assert rejudge(tmp_path / "out", library).repairs == result.repairs


def test_of_real_patients_a_file_is_called_by_its_number_and_the_way_to_its_name_is_told(
    check: Check, folders: Path, tmp_path: Path, library: Library
) -> None:
    named = folders / "doe"
    named.mkdir()
    (named / "DOE_JANE.dcm").write_bytes((folders / "leaky" / "new0.dcm").read_bytes())
    result = check("doe", "originals")
    assert result.repairs[0].file_names == ("exported/1",)
    for output in (to_json(result), to_html(result, library.content), "\n".join(repair_lines(result))):
        assert "DOE_JANE" not in output
    for output in (to_html(result, library.content), "\n".join(repair_lines(result))):
        assert "their names stand in evidence/log.jsonl, under path" in html.unescape(output)
    log = (tmp_path / "out" / "evidence" / "log.jsonl").read_text(encoding="utf-8")
    assert '"path":"DOE_JANE.dcm"' in log


def test_where_nothing_was_painted_the_user_is_told_how_to_decide_about_pixels(check: Check) -> None:
    claims = Claims(deidentification_codes=("113100", "113101"))
    result = check("clean", "originals", claims=claims)
    (pixels,) = (each for each in result.cases[0].rules if each.rule == "deid/burned-in-text-removed")
    assert pixels.verdict is Verdict.INCONCLUSIVE
    assert pixels.reason is not None
    assert "; pass --ocr, or look at the images yourself, as on the contact sheets" in pixels.reason


def test_a_file_name_that_is_no_text_is_no_obstacle(check: Check, folders: Path) -> None:
    odd = folders / "odd"
    odd.mkdir()
    content = (folders / "clean" / "deep" / "new0.dcm").read_bytes()
    Path(os.fsdecode(bytes(odd) + b"/caf\xe9.dcm")).write_bytes(content)
    result = check("odd", "originals")
    assert result.cases[0].trouble == ()
    assert to_json(result)


def test_a_linked_folder_is_judged_with_the_rest(check: Check, folders: Path) -> None:
    linked = folders / "linked"
    linked.mkdir()
    (linked / "a.dcm").write_bytes((folders / "clean" / "deep" / "new0.dcm").read_bytes())
    (linked / "more").symlink_to(folders / "leaky")
    (linked / "back").symlink_to(linked)
    (linked / "up").symlink_to(folders)
    found = check("linked", "originals")
    assert verdicts(found)["uid/no-original-left"] is Verdict.FAIL
    (rule,) = (each for case in found.cases for each in case.rules if each.rule == "object/readable")
    assert rule.examined == 3


@pytest.mark.parametrize(
    ("exported", "originals", "message"),
    [
        ("nowhere", None, "nowhere: there is no such folder"),
        ("empty", None, "empty: it holds no file"),
        ("clean", "nowhere", "nowhere: there is no such folder"),
        ("clean", "empty", "no file there is a DICOM instance"),
    ],
)
def test_a_folder_with_nothing_to_judge_is_told(
    exported: str, originals: str | None, message: str, check: Check, folders: Path, tmp_path: Path
) -> None:
    (folders / "empty").mkdir(exist_ok=True)
    with pytest.raises(HarnessError, match=message):
        check(exported, originals)
    assert not (tmp_path / "out").exists()


def test_without_claims_a_finding_on_dates_bears_the_label_that_the_other_rules_give(
    check: Check, folders: Path
) -> None:
    result = check("leaky", "originals", claims_from="default")
    (dates,) = (each for each in result.cases[0].rules if each.rule == "deid/temporal-information")
    assert {each.subject for each in dates.findings} == {"originals/1", "originals/2"}
    assert {each.quotes for each in dates.findings} == {False}


def test_where_an_exported_file_lay_is_recorded_and_never_told(check: Check, folders: Path) -> None:
    content = (folders / "clean" / "deep" / "new0.dcm").read_bytes()
    folder = folders / "named" / "Wotherspoon-Quill"
    folder.mkdir(parents=True)
    (folder / "new0.dcm").write_bytes(content)
    result = check("named", "originals")
    assert "Wotherspoon" not in to_json(result)
