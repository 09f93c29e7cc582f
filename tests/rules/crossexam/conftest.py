"""The study, the clean outputs of it, and the judge as ``tce check`` asks it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from mutant import BASIC, Specimen
from specimens import specimens
from tce_harness.cli import main
from tce_harness.content import Content
from tce_harness.engine import CheckPlan, Library, check_files, load_library
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Finding
from tce_harness.objects import plain_file

_HEADER = 9_600

Told = tuple[tuple[str, Finding], ...]
Judge = Callable[..., Told]


@pytest.fixture(scope="session")
def content() -> Content:
    return Content.with_overlays()


@pytest.fixture(scope="session")
def library(content: Content) -> Library:
    return load_library(content)


@pytest.fixture(scope="session")
def study(content: Content, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Specimen]:
    """Return the specimens; `tce deidentify` makes their clean outputs."""
    folder = tmp_path_factory.mktemp("crossexam")
    key = folder / "key"
    key.write_bytes(b"the cross-examination's own key")
    key.chmod(0o600)

    def deidentify(before: Path, after: Path) -> None:
        argv = ["tce", "deidentify", str(before), str(after), "--key", str(key)]
        with patch.object(sys, "argv", argv), pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code in (0, None)

    return specimens(content, folder, deidentify)


@pytest.fixture
def judge(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Return a function that judges one exported file beside its original: requirement and finding.

    Its pixels stay in their file where they do not fit beside the header, as those of larger ones do.
    """
    monkeypatch.setattr(plain_file, "_HEAD", _HEADER)

    def _judge(specimen: Specimen, exported: bytes, claims: tuple[str, ...] = BASIC) -> Told:
        for name, content in (("originals", specimen.original), ("exported", exported)):
            (tmp_path / name).mkdir()
            (tmp_path / name / f"{specimen.name}.dcm").write_bytes(content)
        plan = CheckPlan(
            exported=tmp_path / "exported",
            originals=tmp_path / "originals",
            claims=Claims(deidentification_codes=claims),
            folder=tmp_path / "out",
            under_test="mutant",
            command="tce check",
            synthetic=True,
        )
        result = check_files(plan, library)
        rules = [rule for case in result.cases for rule in case.rules]
        assert not [rule.reason for rule in rules if rule.verdict.value == "error"]
        return tuple((rule.requirement, finding) for rule in rules for finding in rule.findings)

    return _judge
