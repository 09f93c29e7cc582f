"""``tce deidentify`` timed against gdcmanon, dicognito and dicom-anonymizer in one run.

    python benchmarks/deidentify_speed.py [--images 1000] [--rounds 3] [--tools NAME ...]

CT images of 0.5 MB with 250 elements before the pixels. Each tool runs as a whole process from start to end;
the tools take turns, so that what else the machine does falls on all of them. Prints medians, ratios,
the memory of the largest process of each, and where our own time goes.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from deidentifying import inputs
from deidentifying.catalogue import WITH_LOG, tools
from deidentifying.environments import Environments, UnavailableError
from deidentifying.processes import Measured, last_said
from deidentifying.profiling import where_time_goes
from deidentifying.tools import Tool

OURS, BASE = "tce-basic", "gdcmanon"
TOOLS = (OURS, WITH_LOG.name, BASE, "dicognito", "dicom-anonymizer")


def timed_tools() -> dict[str, Tool]:
    """Return what can be timed by name: the tools that are compared, and ours with a pseudonym log."""
    return {**tools(), WITH_LOG.name: WITH_LOG}


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=1000, help="how many (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="how often (default %(default)s)")
    parser.add_argument("--tools", nargs="+", choices=list(timed_tools()), default=TOOLS, help="which")
    parser.add_argument(
        "--venvs", type=Path, default=Path("deidentifiers-venvs"), help="where environments are kept"
    )
    parser.add_argument(
        "--work", type=Path, help="where inputs and outputs go; a temporary folder by default"
    )
    return parser.parse_args()


def main() -> None:
    """Time and print."""
    given = arguments()
    chosen = _prepared([timed_tools()[name] for name in given.tools], Environments(given.venvs))
    with tempfile.TemporaryDirectory(prefix="deidentify-speed-", dir=given.work) as temporary:
        work = Path(temporary)
        inputs.write_timed(work / "images", given.images)
        size = sum(path.stat().st_size for path in (work / "images").iterdir()) / 1e6
        print(
            f"{given.images} CT images, {size:.0f} MB, {given.rounds} rounds; {os.cpu_count()} processors, "
            f"{platform.system()}, Python {platform.python_version()}"
        )
        measured: dict[str, list[Measured]] = {tool.name: [] for tool in chosen}
        for number in range(1, given.rounds + 1):
            for tool in chosen:
                measured[tool.name].append(_once(tool, work, given.images))
                print(f"round {number}: {tool.name} {measured[tool.name][-1].seconds:.2f} s", file=sys.stderr)
        _print(measured, given.images)
        print(where_time_goes(work / "images", work / "profiled"))


def _prepared(wanted: list[Tool], environments: Environments) -> list[Tool]:
    ready = []
    for tool in wanted:
        try:
            tool.prepare(environments)
        except UnavailableError as error:
            print(f"{tool.name} is left out: {error}", file=sys.stderr)
        else:
            ready.append(tool)
    return ready


def _once(tool: Tool, work: Path, images: int) -> Measured:
    folder = work / "out"
    folder.mkdir()
    ran = tool.run(work / "images", folder)
    written = inputs.files_in(ran.out) if ran.out.is_dir() else 0
    shutil.rmtree(folder)
    if written != images:
        sys.exit(f"{tool.name} wrote {written} of {images}: {last_said(ran.measured, ran.told)}")
    return ran.measured


def _print(measured: dict[str, list[Measured]], images: int) -> None:
    seconds = {name: median(each.seconds for each in runs) for name, runs in measured.items()}
    head = f"{'seconds':>9s}{'from':>8s}{'to':>8s}{'ms each':>9s}{'CPU s':>8s}{'peak MB':>9s}"
    print(f"\n{'tool':18s}{head}  {'of ' + OURS:>12s}  {'of ' + BASE:>12s}")
    for name, runs in measured.items():
        own = seconds[name]
        lowest, highest = min(each.seconds for each in runs), max(each.seconds for each in runs)
        cpu = median(each.cpu_seconds or 0.0 for each in runs)
        peak = max(each.peak_megabytes or 0.0 for each in runs)
        ratios = "  ".join(f"{own / seconds[base]:12.2f}" for base in (OURS, BASE) if base in seconds)
        line = (
            f"{name:18s}{own:9.2f}{lowest:8.2f}{highest:8.2f}{1000 * own / images:9.2f}{cpu:8.2f}{peak:9.0f}"
        )
        print(f"{line}  {ratios}")


if __name__ == "__main__":
    main()
