"""Other people's de-identifiers judged by ``tce check`` and timed beside ``tce deidentify``.

    python benchmarks/deidentifiers.py [--tools NAME ...] [--out docs/deidentifiers.md]

Tools from PyPI are installed into environments of their own. Orthanc, gdcmanon and openssl come from the
system's packages. Everything happens on this machine and in a temporary folder; what is started is ended.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from deidentifying.catalogue import tools
from deidentifying.comparison import Comparison
from deidentifying.environments import Environments
from deidentifying.page import page

ROOT = Path(__file__).resolve().parent.parent


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tools", nargs="+", choices=list(tools()), help="only these; all by default")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "docs" / "deidentifiers.md", help="the page to write"
    )
    parser.add_argument("--venvs", type=Path, help="where environments are kept; beside the page by default")
    parser.add_argument(
        "--timed", type=int, default=100, help="how many images are timed (default %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed (default %(default)s)")
    parser.add_argument(
        "--work", type=Path, help="a new folder for inputs, outputs and runs, which then stay"
    )
    return parser.parse_args()


def main() -> None:
    """Compare and write the page."""
    given = arguments()
    chosen = [tool for name, tool in tools().items() if not given.tools or name in given.tools]
    environments = Environments(given.venvs or given.out.parent / "deidentifiers-venvs")
    with tempfile.TemporaryDirectory(prefix="deidentifiers-") as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        comparison = Comparison(chosen, environments, work, lambda text: print(text, file=sys.stderr))
        rows = comparison.perform(timed=given.timed, rounds=given.rounds)
    given.out.write_text(page(rows, timed=given.timed, rounds=given.rounds), encoding="utf-8")
    print(f"written: {given.out}")


if __name__ == "__main__":
    main()
