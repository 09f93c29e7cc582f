"""``tce check``: a folder that some tool wrote, with the originals and without."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom.data import get_testdata_file

if TYPE_CHECKING:
    from tests.cli.conftest import Tce


CLAIMS = """\
system: Gateway
version: "4.2"
actors: [export-manager]
ae_title: GW
host: localhost
port: 104
calls: {archive: {ae_title: A, port: 105}}
deidentification: {codes: [113100, 113103], edition: 2023b}
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, tce: Tce) -> Path:
    """Return a folder with originals, and what ``tce deidentify`` made of them."""
    root = tmp_path_factory.mktemp("check")
    (root / "received").mkdir()
    shutil.copyfile(str(get_testdata_file("CT_small.dcm")), root / "received" / "a.dcm")
    assert tce("deidentify", root / "received", root / "cleaned").status == 0
    return root


def test_what_our_own_de_identifier_wrote_fails_nothing(folders: Path, tce: Tce, tmp_path: Path) -> None:
    out = tmp_path / "out"
    called = tce("check", folders / "cleaned", "--originals", folders / "received", "--out", out)
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert called.status == result["exit_status"]
    assert called.status != 3, called.out
    verdicts = {rule["rule"]: rule["verdict"] for rule in result["cases"][0]["rules"]}
    assert verdicts["deid/no-canary-survives"] == "pass"
    assert sorted(path.name for path in out.iterdir()) == [
        "evidence",
        "junit.xml",
        "report.html",
        "result.json",
    ]


def test_what_was_not_de_identified_fails_and_no_value_is_printed(
    folders: Path, tce: Tce, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    called = tce("check", folders / "received", "--originals", folders / "received", "--out", out)
    assert called.status == 3
    printed = called.out + "".join(path.read_text(encoding="utf-8") for path in out.glob("*.*"))
    for value in ("CompressedSamples^CT1", "JFK IMAGING CENTER", "1.3.6.1.4.1.5962.1.2.1"):
        assert value not in printed
    assert out.stat().st_mode & 0o777 == 0o700


def test_without_the_originals_what_files_show_is_judged(folders: Path, tce: Tce, tmp_path: Path) -> None:
    called = tce("check", folders / "received", "--json", "--out", tmp_path / "out")
    assert called.status == 3
    verdicts = {rule["rule"]: rule["verdict"] for rule in json.loads(called.out)["cases"][0]["rules"]}
    assert verdicts["deid/marked-as-de-identified"] == "fail"
    assert verdicts["deid/no-canary-survives"] == "inconclusive"


def test_claims_come_from_a_system_file(folders: Path, tce: Tce, tmp_path: Path) -> None:
    claims = tmp_path / "gateway.yaml"
    claims.write_text(CLAIMS, encoding="utf-8")
    called = tce("check", folders / "cleaned", "--claims", claims, "--json", "--out", tmp_path / "out")
    result = json.loads(called.out)
    assert result["under_test"] == "Gateway 4.2"
    assert result["claims"]["deidentification_codes"] == ["113100", "113103"]
    assert result["claims"]["edition"] == "2023b"


def test_it_can_be_judged_again(folders: Path, tce: Tce, tmp_path: Path) -> None:
    first = tce("check", folders / "received", "--originals", folders / "received", "--out", tmp_path / "out")
    again = tce("rejudge", tmp_path / "out")
    assert again.status == first.status
    assert "as recorded" in again.out


def test_claims_need_no_address(folders: Path, tce: Tce, tmp_path: Path) -> None:
    claims = tmp_path / "claims.yaml"
    claims.write_text("deidentification: {codes: [113100, 113103]}\n", encoding="utf-8")
    called = tce("check", folders / "cleaned", "--claims", claims, "--json", "--out", tmp_path / "out")
    result = json.loads(called.out)
    assert result["under_test"] == "Files in the folder given"
    assert result["claims"]["deidentification_codes"] == ["113100", "113103"]
    assert result["notes"] == []


@pytest.fixture(scope="module")
def teaching(tmp_path_factory: pytest.TempPathFactory, folders: Path, tce: Tce) -> Path:
    """Return what the policy teaching-file made of the originals."""
    out = tmp_path_factory.mktemp("teaching") / "cleaned"
    assert tce("deidentify", folders / "received", out, "--policy", "teaching-file").status == 0
    return out


def test_what_the_files_record_and_nobody_claimed_is_told_with_the_claims_to_pass(
    teaching: Path, tce: Tce, tmp_path: Path
) -> None:
    called = tce("check", teaching, "--out", tmp_path / "out")
    line = next(line for line in called.out.splitlines() if line.startswith("Note: "))
    assert "The files record 113100, " in line
    assert "were judged by 113100 alone, since nothing was claimed" in line
    assert "--claims recorded" in line
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "since nothing was claimed" in report
    (tmp_path / "claims.yaml").write_text(line[line.index("deidentification:") :], encoding="utf-8")
    again = tce("check", teaching, "--claims", tmp_path / "claims.yaml", "--json", "--out", tmp_path / "two")
    asked = tce("check", teaching, "--claims", "recorded", "--json", "--out", tmp_path / "three")
    by_file, by_word = json.loads(again.out), json.loads(asked.out)
    assert by_file["claims"] == by_word["claims"]
    assert len(by_word["claims"]["deidentification_codes"]) > 1
    assert by_file["notes"] == []
    assert by_word["notes"][0].startswith("The claims are those recorded in (0012,0064) by 1 file: 113100, ")


def test_recorded_claims_are_the_same_when_it_is_judged_again(
    teaching: Path, tce: Tce, tmp_path: Path
) -> None:
    first = tce("check", teaching, "--claims", "recorded", "--out", tmp_path / "out")
    again = tce("rejudge", tmp_path / "out")
    assert (again.status, "as recorded" in again.out) == (first.status, True)


def test_files_that_record_nothing_make_no_claims(folders: Path, tce: Tce, tmp_path: Path) -> None:
    called = tce("check", folders / "received", "--claims", "recorded", "--out", tmp_path / "out")
    assert called.status == 5
    assert "no file of" in called.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("policy", ["basic", "teaching-file", "clinical-trial"])
def test_the_claims_of_a_policy_judge_what_it_made(
    folders: Path, tce: Tce, tmp_path: Path, policy: str
) -> None:
    cleaned, claims = tmp_path / "cleaned", tmp_path / "claims.yaml"
    assert tce("deidentify", folders / "received", cleaned, "--policy", policy).status == 0
    claims.write_text(tce("explain", "policy", policy, "--claims").out, encoding="utf-8")
    called = tce(
        "check", cleaned, "--originals", folders / "received", "--claims", claims, "--out", tmp_path / "out"
    )
    result = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert result["under_test"].startswith(f"tce deidentify by policy {policy} ")
    verdicts = {rule["rule"]: rule["verdict"] for rule in result["cases"][0]["rules"]}
    assert "fail" not in verdicts.values(), called.out
    assert verdicts["deid/method-codes"] == "pass"
