"""Burned-in text planted, taken out by the reference, and judged; mistakes and clean images judged too.

    python benchmarks/pixels.py [--rounds 5] [--clean 200] [--each 80] [--sheet sheet.png]

Every representation of pixels is made in as many rounds, each of more than eighty images, de-identified by
``tce deidentify``, and judged by the rule on known pixels. Each mistake is made with so many images. Prints
what was found, writes docs/pixels.md, and ends with status 1 where text was left or the judge was wrong. With
the extra ``ocr``, ``--read N`` reads so many images with text and as many without.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from pixel_figures import reading
from pixel_figures.cleaning import Cleaner
from pixel_figures.figures import Figures, Named, over_clean, over_faults, over_reference
from pixel_figures.judging import Judge
from pixel_figures.page import page
from pixel_figures.sheet import ContactSheet
from tce_harness.fixtures.pixel_matrix import clean_matrix, pixel_matrix, representations

PAGE = Path(__file__).parents[1] / "docs" / "pixels.md"


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="of all representations (default %(default)s)")
    parser.add_argument(
        "--clean", type=int, default=200, help="clean images, no more than planted ones (default %(default)s)"
    )
    parser.add_argument("--each", type=int, default=80, help="images for each mistake (default %(default)s)")
    parser.add_argument("--read", type=int, default=40, help="images for OCR (default %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="(default %(default)s)")
    parser.add_argument("--policy", default="rcr", help="(default %(default)s)")
    parser.add_argument("--sheet", type=Path, help="a PNG of images before and after")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page (default docs/pixels.md)")
    return parser.parse_args()


def main() -> None:
    """Make, clean, judge and tell."""
    given = arguments()
    figures, sheet = Figures(), ContactSheet()
    planted: list[Named] = list(pixel_matrix(given.seed, rounds=given.rounds))
    print(f"{len(planted)} images of {len(representations())} representations", file=sys.stderr)
    twins = [
        (dirty, clean)
        for (_, dirty), (_, clean) in zip(
            planted[: given.clean], clean_matrix(given.seed, rounds=given.rounds), strict=False
        )
    ]
    with tempfile.TemporaryDirectory(prefix="pixels-") as temporary:
        judge = Judge(Path(temporary))
        figures.is_judged = judge.exists
        cleaner = Cleaner(given.policy, [image for _, image in planted], Path(temporary) / "content")
        over_reference(figures, planted, cleaner, judge, sheet)
        if judge.exists:
            over_faults(figures, planted, judge, sheet, each=given.each, seed=given.seed)
            over_clean(figures, twins, judge)
    if (reader := reading.engine()) is not None:
        some = [image for _, image in planted[:: max(1, len(planted) // max(1, given.read))]][: given.read]
        figures.reading = str(reading.read_all(reader, some, [clean for _, clean in twins[: given.read]]))
    else:
        print("OCR: the extra is not installed (pip install 'tce-harness[ocr]')", file=sys.stderr)
    text = page(figures, _command(given))
    given.out.write_text(text, encoding="utf-8")
    print(text)
    if given.sheet:
        sheet.write(given.sheet)
    sys.exit(0 if figures.is_good else 1)


def _command(given: argparse.Namespace) -> str:
    """Return the command with everything that the figures depend on."""
    names = ("policy", "rounds", "clean", "each", "read", "seed")
    return " ".join(["python benchmarks/pixels.py", *(f"--{name} {getattr(given, name)}" for name in names)])


if __name__ == "__main__":
    main()
