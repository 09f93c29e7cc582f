"""A contact sheet: images before and after, for a person to look at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from pydicom.dataset import Dataset

from tce_harness.mutations.pixel_faults import Stored

_WIDTH, _HEIGHT, _CAPTION = 320, 200, 14
_COLUMNS = 8


class ContactSheet:
    """Collects pictures in pairs and writes them as one PNG."""

    def __init__(self) -> None:
        self._tiles: list[Image.Image] = []

    def add(self, name: str, before: Dataset, after: Dataset | None, told: str, frame: int = 1) -> None:
        """Add one image before and after; None, where there is none after, gives an empty field."""
        self._tiles.append(_tile(before, name, frame))
        self._tiles.append(_tile(after, told, frame))

    def write(self, file: Path) -> None:
        """Write the sheet."""
        rows = -(-len(self._tiles) // _COLUMNS)
        sheet = Image.new("RGB", (_COLUMNS * _WIDTH, max(1, rows) * (_HEIGHT + _CAPTION)), "#444")
        for number, tile in enumerate(self._tiles):
            place = (number % _COLUMNS * _WIDTH, number // _COLUMNS * (_HEIGHT + _CAPTION))
            sheet.paste(tile, place)
        sheet.save(file)


def _tile(dataset: Dataset | None, caption: str, frame: int) -> Image.Image:
    tile = Image.new("RGB", (_WIDTH, _HEIGHT + _CAPTION), "#222")
    if dataset is not None:
        picture = as_seen(dataset, frame)
        picture.thumbnail((_WIDTH - 4, _HEIGHT - 4))
        tile.paste(picture, (2, _CAPTION))
    ImageDraw.Draw(tile).text((3, 1), caption[: _WIDTH // 6], fill="#fff")
    return tile


def as_seen(dataset: Dataset, frame: int) -> Image.Image:
    """Return a frame about as a viewer shows it, over the full range of its bits."""
    stored = Stored.of(dataset)
    values = stored.values[min(frame, len(stored.values)) - 1]
    if stored.photometric == "PALETTE COLOR":
        tables = [
            np.frombuffer(dataset[f"{colour}PaletteColorLookupTableData"].value, "<u2") >> 8
            for colour in ("Red", "Green", "Blue")
        ]
        return Image.fromarray(np.stack([table[values[..., 0]] for table in tables], -1).astype(np.uint8))
    if stored.photometric.startswith("YBR"):
        size = (values.shape[1], values.shape[0])
        return Image.frombytes("YCbCr", size, values.astype(np.uint8).tobytes()).convert("RGB")
    grey = (values - stored.lowest) * 255 // (stored.highest - stored.lowest)
    if stored.photometric == "MONOCHROME1":
        grey = 255 - grey
    return Image.fromarray(grey.astype(np.uint8).squeeze()).convert("RGB")
