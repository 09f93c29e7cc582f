"""Files of claims: nothing is needed but what is claimed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tce_harness.model.claims import Claims, TeachingFileTemplate
from tce_harness.model.errors import ScenarioError
from tce_harness.scenarios import load_claims, load_system, spell_claims

Write = Callable[..., Path]


def test_a_file_of_claims_needs_neither_address_nor_actor(write: Write) -> None:
    text = "deidentification: {codes: [113100, 113103], edition: 2023b}\ntemplate: base\n"
    claimed = load_claims(write(text, "claims.yaml"))
    assert claimed.name == ""
    assert claimed.claims == Claims(
        deidentification_codes=("113100", "113103"), edition="2023b", templates=(TeachingFileTemplate.BASE,)
    )


def test_a_whole_system_file_is_a_file_of_claims(write: Write) -> None:
    path = write(
        """\
system: Gateway
version: "4.2"
actors: [export-manager]
ae_title: GW
host: localhost
port: 104
calls: {archive: {ae_title: A, port: 105}}
deidentification: {codes: [113100, 113103], edition: 2023b}
""",
        "system.yaml",
    )
    claimed = load_claims(path)
    assert claimed.name == "Gateway 4.2"
    assert claimed.claims == load_system(path).claims


def test_all_faults_of_a_file_of_claims_are_told_at_once(write: Write) -> None:
    text = "system: 4\ntemplates: base\ndeidentification: {codes: [113100, 113199], edition: 2026}\n"
    with pytest.raises(ScenarioError) as caught:
        load_claims(write(text, "claims.yaml"))
    told = str(caught.value)
    for part in (":1:", "unknown key 'templates' (did you mean template?)", "codes[1]", "edition"):
        assert part in told
    assert "missing" not in told


def test_what_stands_twice_is_told(write: Write) -> None:
    with pytest.raises(ScenarioError, match="113103 stands twice"):
        load_claims(write("deidentification: {codes: [113100, 113103, 113103]}\n", "claims.yaml"))


def test_claims_that_were_spelled_are_read_back(write: Write) -> None:
    claims = Claims(deidentification_codes=("113100", "113107"), edition="2023b")
    claimed = load_claims(write(spell_claims(claims, "Tool: a 'quoted' one", "4.2"), "claims.yaml"))
    assert (claimed.name, claimed.claims) == ("Tool: a 'quoted' one 4.2", claims)
