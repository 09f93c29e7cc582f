"""Options that several commands share, and the content that they lead to."""

from __future__ import annotations

import secrets
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.content import Content
from tce_harness.engine import Library, load_library

ContentOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--content", metavar="DIR", help="Lay your own simulators, scenarios and fixtures over ours."
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Where results go; a folder that holds anything is refused."),
]
OcrOption = Annotated[
    bool,
    typer.Option(
        "--ocr",
        help="Read the pixels by OCR as a second opinion: about a second a frame. Needs the extra 'ocr'.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]


def content_of(overlays: list[Path] | None) -> Content:
    """Return the shipped content with the user's over it."""
    return Content.with_overlays(*(overlays or ()))


def library_of(overlays: list[Path] | None, *, ocr: bool = False) -> Library:
    """Return everything a run draws on."""
    library = load_library(content_of(overlays))
    return library.reading_pixels() if ocr else library


def out_folder(out: Path | None, what: str) -> Path:
    """Return where results go: as asked, or ``./tce-WHAT-<UTC>``."""
    return out or Path(f"tce-{what}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")


def seed_of(seed: int | None) -> int:
    """Return the seed, drawn where none is given."""
    return seed if seed is not None else secrets.randbelow(100_000)


def command_line() -> str:
    """Return the command as the user typed it."""
    return shlex.join(["tce", *sys.argv[1:]])
