from __future__ import annotations

from pathlib import Path

import pytest

from tce_harness.content import FOLDERS, Content
from tce_harness.model.errors import HarnessError


def put(root: Path, relative: str) -> None:
    path = root / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")


def test_the_shipped_content_holds_the_four_folders() -> None:
    (shipped,) = Content.with_overlays().roots
    assert all((shipped / folder / "README.md").is_file() for folder in FOLDERS)


def test_the_users_file_hides_the_shipped_one_of_the_same_path(tmp_path: Path) -> None:
    upper, lower = tmp_path / "upper", tmp_path / "lower"
    put(lower, "scenarios/a.yaml")
    put(lower, "scenarios/deep/b.yaml")
    put(upper, "scenarios/a.yaml")
    put(upper, "scenarios/c.yaml")
    content = Content((upper, lower))
    assert [content.relative(path) for path in content.files("scenarios", "**/*.yaml")] == [
        "scenarios/a.yaml",
        "scenarios/c.yaml",
        "scenarios/deep/b.yaml",
    ]
    assert content.file("scenarios/a.yaml") == upper / "scenarios" / "a.yaml"
    assert content.file("scenarios/deep/b.yaml") == lower / "scenarios" / "deep" / "b.yaml"


def test_the_last_overlay_is_on_top(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    put(first, "reports/x")
    put(second, "reports/x")
    assert Content.with_overlays(first, second).file("reports/x") == second / "reports" / "x"


def test_a_missing_content_file_is_told_with_where_it_was_sought(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="content file fixtures/x is in none of"):
        Content((tmp_path,)).file("fixtures/x")


def test_an_overlay_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="there is no such folder"):
        Content.with_overlays(tmp_path / "missing")
    with pytest.raises(HarnessError, match="it holds none of the folders"):
        Content.with_overlays(tmp_path)


def test_a_path_outside_the_content_is_printed_as_it_is(tmp_path: Path) -> None:
    outside = tmp_path / "out" / "x"
    assert Content((tmp_path / "in",)).relative(outside) == outside.as_posix()
