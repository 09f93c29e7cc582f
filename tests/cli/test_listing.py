"""``tce list``, ``tce explain`` and ``tce schema``: what there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tce_harness.cli.listing import Kind

if TYPE_CHECKING:
    from tests.cli.conftest import Tce

SOME = {
    Kind.SCENARIOS: "EM-010",
    Kind.REQUIREMENTS: "TCE-RAD53-001",
    Kind.RULES: "deid/no-canary-survives",
    Kind.SIMULATORS: "export-manager",
    Kind.RECIPES: "ct-chest",
}


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_is_listed_for_people_and_for_programs(kind: Kind, tce: Tce) -> None:
    plain, rows = tce("list", kind.value), tce("list", kind.value, "--json")
    assert (plain.status, rows.status) == (0, 0)
    found = json.loads(rows.out)
    assert [line.split()[0] for line in plain.out.splitlines()] == [row["name"] for row in found]
    if kind in SOME:
        assert SOME[kind] in {row["name"] for row in found}
    assert all(row["title"] for row in found)


def test_the_user_s_own_simulators_are_listed(tce: Tce, overlay: Path) -> None:
    assert "leaky" in tce("list", "simulators", "--content", overlay).out
    assert "leaky" not in tce("list", "simulators").out


def test_a_scenario_is_told_in_numbered_sentences(tce: Tce) -> None:
    lines = tce("explain", "EM-010").out.splitlines()
    assert [line.split(".")[0].strip() for line in lines] == [str(n) for n in range(1, len(lines) + 1)]
    assert len(lines) > 5


def test_a_policy_is_told_by_its_options_and_the_identifiers_of_hipaa(tce: Tce) -> None:
    plain = tce("explain", "policy", "basic", "--option", "modified-dates").out
    assert "113107 Retain Longitudinal Temporal Information Modified Dates Option" in plain
    assert "(0008,0020) Study Date: moved by 113107" in plain
    assert "R  Any other unique identifying number" in plain
    assert "does not show that an output identifies nobody" in plain
    told = json.loads(tce("explain", "policy", "basic", "--json").out)
    assert [identifier["letter"] for identifier in told["identifiers"]] == list("ABCDEFGHIJKLMNOPQR")
    assert told["identifiers"][0]["rows"][0]["outcome"] == "the patient's pseudonym"


def test_a_policy_that_cannot_be_told_is_refused_with_the_way_out(tce: Tce) -> None:
    assert "which policy?" in tce("explain", "policy").err
    assert "there is no policy 'basics' (did you mean basic?)" in tce("explain", "policy", "basics").err
    assert "tce explain policy basic" in tce("explain", "EM-010", "basic").err


def test_the_schemas_written_are_those_that_are_shipped(tce: Tce, tmp_path: Path) -> None:
    called = tce("schema", "--out", tmp_path / "schemas")
    written = {path.stem for path in (tmp_path / "schemas").iterdir()}
    assert {"scenario", "system", "requirements", "result"} <= written
    assert called.out.splitlines() == [str(path) for path in map(Path, called.out.splitlines())]
    for path in (tmp_path / "schemas").iterdir():
        assert json.loads(path.read_text(encoding="utf-8"))["$schema"]
