"""The report as a real browser shows it; fails where there is no Chromium."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import sample_runs
from tce_harness.content import Content
from tce_harness.model.result import PASS_MEANS, RunResult
from tce_harness.reports import to_html

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
    "--enable-logging=stderr", "--log-level=0", "--virtual-time-budget=3000",
)  # fmt: skip

# Measures the page inside a frame of the wanted width: a window cannot be made as narrow as a phone. The
# page's own policy would not let this run, so it runs in a page around it.
MEASURE = """<!DOCTYPE html><iframe id=f style="border:0;width:%dpx;height:900px" src="report.html"></iframe>
<script>onload = () => {
  const page = document.getElementById('f').contentDocument, root = page.documentElement;
  const box = (element) => element.getBoundingClientRect();
  const wide = [...page.body.querySelectorAll('*')].filter((each) => !each.closest('.scroll')
    && box(each).width && box(each).right > root.clientWidth + 1).map((each) => each.outerHTML.slice(0, 120));
  const scrolled = [...page.querySelectorAll('svg.sequence')].map((svg) => {
    const around = box(svg);
    return [...svg.querySelectorAll('text')].filter((text) => box(text).width
      && (box(text).left < around.left - 1 || box(text).right > around.right + 1))
      .map((text) => text.textContent);
  }).flat();
  const tiny = [...page.querySelectorAll('svg.sequence text, p, td, dd, li')]
    .filter((each) => box(each).width && parseFloat(getComputedStyle(each).fontSize) < 10).length;
  const notice = page.getElementById('what-a-pass-means');
  document.title = JSON.stringify({
    wide, scrolled, tiny, page: root.scrollWidth, window: root.clientWidth,
    notice: [box(notice).top, box(notice).bottom], seen: notice.checkVisibility(),
    buttons: page.querySelectorAll('.filter button').length,
    height: root.scrollHeight,
  });
}</script>"""


RUNS: dict[str, Callable[[], RunResult]] = {
    "failing": sample_runs.failing_run,
    "passing": sample_runs.passing_run,
    "real patients": sample_runs.real_patients_run,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a browser made of a page.

    Parameters
    ----------
    dom
        The document after its scripts ran.
    console
        What it complained of.
    """

    dom: str
    console: list[str]

    @property
    def measures(self) -> dict[str, Any]:
        title = re.search(r"<title>(.*?)</title>", self.dom, re.DOTALL)
        assert title is not None, self.dom[:500]
        measures = json.loads(unescape(title[1]))
        assert isinstance(measures, dict)
        return measures


def chromium(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program is not None, f"none of {', '.join(NAMES)} is installed; these tests need one"
    return subprocess.run(
        [program, *OPTIONS, f"--user-data-dir={folder / 'profile'}", *arguments],
        capture_output=True, encoding="utf-8", errors="replace", timeout=120, check=True,
    )  # fmt: skip


def opened(page: Path, *arguments: str) -> Seen:
    done = chromium("--dump-dom", *arguments, page.as_uri(), folder=page.parent)
    return Seen(done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line])


def written(run: RunResult, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(to_html(run, Content.with_overlays()), encoding="utf-8")
    return path


@pytest.mark.parametrize("run", RUNS)
def test_the_page_opens_without_a_complaint(run: str, tmp_path: Path) -> None:
    seen = opened(written(RUNS[run](), tmp_path))
    assert seen.console == []
    assert PASS_MEANS in seen.dom
    assert 'class="filter"' in seen.dom, "the page's own script did not run"


def test_a_script_that_does_not_belong_to_the_page_is_not_run(tmp_path: Path) -> None:
    page = written(sample_runs.failing_run(), tmp_path)
    text = page.read_text(encoding="utf-8")
    page.write_text(
        text.replace("<main>", "<main><script>document.title = 'taken'</script>"), encoding="utf-8"
    )
    seen = opened(page)
    assert "<title>taken</title>" not in seen.dom
    assert len(seen.console) == 1, "the browser reports what the policy refused"


def test_without_script_everything_is_there(tmp_path: Path) -> None:
    page = written(sample_runs.failing_run(), tmp_path)
    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL), encoding="utf-8")
    seen = opened(page)
    for each in sample_runs.failing_run().requirements:
        assert f'id="requirement-{each.requirement.id}"' in seen.dom
    assert " hidden" not in seen.dom


@pytest.mark.parametrize("width", [420, 1180])
@pytest.mark.parametrize("run", RUNS)
def test_nothing_is_cut_off_or_too_small(run: str, width: int, tmp_path: Path) -> None:
    written(RUNS[run](), tmp_path)
    frame = tmp_path / "frame.html"
    frame.write_text(MEASURE % width, encoding="utf-8")
    measures = opened(frame, "--allow-file-access-from-files", "--window-size=1300,1000").measures
    assert measures["window"] == width
    assert measures["wide"] == []
    assert measures["page"] <= width
    assert measures["scrolled"] == [], "text of a drawing stands outside of it"
    assert measures["tiny"] == 0


@pytest.mark.parametrize("run", RUNS)
def test_what_a_pass_means_is_on_the_first_screen(run: str, tmp_path: Path) -> None:
    written(RUNS[run](), tmp_path)
    frame = tmp_path / "frame.html"
    frame.write_text(MEASURE % 1180, encoding="utf-8")
    measures = opened(frame, "--allow-file-access-from-files", "--window-size=1300,1000").measures
    assert measures["seen"]
    assert 0 < measures["notice"][0] < measures["notice"][1] < 800


def test_the_page_prints(tmp_path: Path) -> None:
    page = written(sample_runs.real_patients_run(), tmp_path)
    sheet = tmp_path / "report.pdf"
    chromium(f"--print-to-pdf={sheet}", page.as_uri(), folder=tmp_path)
    content = sheet.read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) > 3
