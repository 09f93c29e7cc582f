"""``tce deidentify`` over the synthetic set and over all of pydicom's files: what is written has no finding.

    python benchmarks/clean_sweep.py [--policies NAME ...] [--work DIR]

Prints for each policy and set what was written, what was held back and why, what ``tce check`` finds in the
output, and the errors that dciodvfy reports of an output and not of its original. Ends with status 1 where a
file is not accounted for, or anything is found.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from deidentifying.sweep import SETS, Sweep, policies


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = policies()
    parser.add_argument("--policies", nargs="+", choices=names, default=names, help="only these")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS), help="only these")
    parser.add_argument(
        "--work", type=Path, help="a new folder for inputs, outputs and runs, which then stay"
    )
    return parser.parse_args()


def main() -> None:
    """Sweep and print."""
    given = arguments()
    clean = True
    with tempfile.TemporaryDirectory(prefix="clean-sweep-") as temporary:
        work = given.work or Path(temporary)
        for policy in given.policies:
            for name in given.sets:
                sweep = Sweep(policy, name, work / policy / name)
                print(sweep.perform(), flush=True)
                clean &= sweep.is_clean
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
