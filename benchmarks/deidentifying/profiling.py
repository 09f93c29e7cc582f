"""Where the time of ``tce deidentify`` goes: its own time by part of the program, and by function."""

from __future__ import annotations

import pstats
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

_SHOWN = 15
_SECONDS = 1800
_PACKAGE = re.compile(r"(tce_harness/[a-z_]+|site-packages/[A-Za-z_0-9]+)")


def where_time_goes(originals: Path, work: Path) -> str:
    """Profile one run over a folder and return what took longest.

    The profiler makes every call dearer, so the parts tell proportions, not seconds of a normal run. Where
    the command has worker processes it is profiled with one.
    """
    work.mkdir()
    script = Path(sys.executable).parent / "tce"
    profile = work / "profile"
    done = subprocess.run(
        [sys.executable, "-m", "cProfile", "-o", profile, script, "deidentify", originals, work / "out",
         *_one_process(script)],
        capture_output=True, text=True, encoding="utf-8", timeout=_SECONDS, check=False,
    )  # fmt: skip
    if not profile.is_file():
        return f"no profile: tce deidentify ended {done.returncode}: {done.stderr[-500:]}"
    return _table(pstats.Stats(str(profile)))


def _one_process(script: Path) -> list[str]:
    helped = subprocess.run(
        [script, "deidentify", "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    option = re.search(r"--(workers|processes|jobs)\b", helped.stdout)
    return [option.group(), "1"] if option else []


def _table(stats: pstats.Stats) -> str:
    parts: dict[str, float] = defaultdict(float)
    functions = []
    for (file, line, name), (_, calls, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        parts[_part(file)] += own
        functions.append((own, calls, f"{_short(file)}:{line} {name}" if line else name))
    total = sum(parts.values())
    lines = [f"\nwhere our time goes (profiled: {total:.1f} s in all)"]
    largest = sorted(parts.items(), key=lambda each: -each[1])[:_SHOWN]
    lines.extend(f"  {100 * own / total:5.1f} %  {part}" for part, own in largest)
    lines.append("the functions that take longest themselves")
    for own, calls, name in sorted(functions, reverse=True)[:_SHOWN]:
        lines.append(f"  {100 * own / total:5.1f} %  {calls:9d} calls  {name}")
    return "\n".join(lines)


def _part(file: str) -> str:
    found = _PACKAGE.search(file.replace("\\", "/"))
    if found:
        return found.group().removeprefix("site-packages/").replace("/", ".")
    if file.startswith("<frozen importlib"):
        return "importing"
    return "built-in functions, files among them" if file in ("~", "") else "Python's library"


def _short(file: str) -> str:
    return "/".join(Path(file).parts[-2:])
