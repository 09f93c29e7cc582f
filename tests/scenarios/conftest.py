from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tce_harness.scenarios import Vocabulary

WHOLE = """\
scenario: EM-010
title: Teaching-file export of one study, de-identified on the way
description: A plain export.
sut: export-manager
simulated: {selector: export-selector, archive: receiver}
matrix:
  title: [TCE001, TCE002]
data:
  study:    {recipe: ct-chest, instances: 5}
  manifest: {make: manifest, title: $title, references: study}
steps:
  - id: stored
    send: {transaction: RAD-50, from: selector, objects: study}
  - id: selected
    send: {from: selector, objects: manifest}
  - id: exported
    receive: {transaction: RAD-53, at: archive, until: manifest-complete, within: 5 min}
  - id: judged
    check: [manifest/references-match-instances, deid/no-canary-survives]
    of: exported
    against: study
"""


@pytest.fixture
def whole() -> str:
    """Return a scenario without a fault."""
    return WHOLE


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(
        simulators=frozenset({"export-selector", "export-manager", "receiver", "receiver-a700"}),
        recipes=frozenset({"ct-chest", "mr-two-studies", "sr-report"}),
        rules=frozenset(
            {
                "manifest/references-match-instances",
                "manifest/title",
                "deid/no-canary-survives",
                "export/takes-place",
                "export/absent",
            }
        ),
        requirements=frozenset({"RCR-B5.3", "TCE-RAD53-001", "TCE-RAD53-004"}),
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a file below the test's folder."""

    def _write(text: str, name: str = "EM-010-export.tce.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return _write
