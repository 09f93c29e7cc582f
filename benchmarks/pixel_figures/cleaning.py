"""The reference de-identifier over planted images, told of them only where the device writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixels.processing import convert_color_space

from tce_harness.content import Content
from tce_harness.deidentify import Deidentifier, Pseudonyms, Quarantined, find_policy
from tce_harness.fixtures import SyntheticInstance
from tce_harness.mutations.pixel_faults import Stored
from tce_harness.objects.instance import encode_instance, read_instance

TOP, BOTTOM = 0.23, 0.77
"""Where the layouts of the matrix keep the text that names somebody: above and below, as fractions."""
_LOSSY_STEP = 0.1


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of one image.

    Parameters
    ----------
    content
        The file; empty where it was held back.
    reason
        Why it was held back; empty where it was written.
    same_outside
        Whether every stored value outside the bands is what it was; None where there is nothing to compare.
    empty_besides
        Whether no icon, no overlay and no bit above those stored is left; None where nothing was written.
    """

    content: bytes
    reason: str
    same_outside: bool | None
    empty_besides: bool | None


class Cleaner:
    """The reference de-identifier with a device layout for every class and size among some images.

    Parameters
    ----------
    folder
        An empty one, which the layouts are written into.
    """

    def __init__(self, policy: str, images: Iterable[SyntheticInstance], folder: Path) -> None:
        _write_layouts(images, folder / "simulators" / "devices")
        found = find_policy(policy, Content.with_overlays(folder))
        self.claims = found.codes
        self._deidentifier = Deidentifier(found, Pseudonyms(b"figures on pixels"))

    def clean(self, image: SyntheticInstance) -> Cleaned:
        """De-identify one image as ``tce deidentify`` does: by its encoded elements where that is enough."""
        short = self._deidentifier.rewrite(image.content)
        if short is not None:
            content = b"".join(short.parts)
        else:
            done = self._deidentifier.deidentify(image.dataset)
            if isinstance(done, Quarantined):
                return Cleaned(b"", done.reason, None, None)
            content = encode_instance(done.dataset)
        after = read_instance(content)
        return Cleaned(content, "", same_outside(image.dataset, after), is_empty_besides(after))


def same_outside(before: Dataset, after: Dataset) -> bool:
    """Tell whether the stored values between the bands are the same, or nearly so after lossy compression.

    Decoded JPEG is written as RGB, and compared so.
    """
    old, new = Stored.of(before), Stored.of(after)
    if old.values.shape != new.values.shape:
        return False
    values = old.values
    if (
        str(before.PhotometricInterpretation).startswith("YBR_FULL")
        and after.PhotometricInterpretation == "RGB"
    ):
        values = convert_color_space(values.astype(np.uint8), "YBR_FULL", "RGB").astype(np.int64)
    rows = slice(int(np.ceil(TOP * before.Rows)) + 8, int(BOTTOM * before.Rows) - 8)
    lossy = str(before.get("LossyImageCompression") or "00") == "01"
    most = _LOSSY_STEP * (old.highest - old.lowest) if lossy else 0
    return bool(np.abs(values[:, rows] - new.values[:, rows]).max() <= most)


def is_empty_besides(dataset: Dataset) -> bool:
    """Tell whether nothing is left of an icon, of overlays, and in the bits above those stored."""
    if "IconImageSequence" in dataset or any(tag.group >> 8 == 0x60 for tag in tuple(dataset.keys())):
        return False
    wide = dataset.BitsAllocated == 16 and not dataset.PixelRepresentation
    if not wide or dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        return True
    order = "<" if dataset.file_meta.TransferSyntaxUID.is_little_endian else ">"
    above = np.frombuffer(dataset.PixelData, f"{order}u2").astype(np.int64) >> int(dataset.BitsStored)
    return not above.any()


def _write_layouts(images: Iterable[SyntheticInstance], folder: Path) -> None:
    sizes = {
        (each.dataset.SOPClassUID.keyword, int(each.dataset.Rows), int(each.dataset.Columns))
        for each in images
    }
    folder.mkdir(parents=True)
    layouts = "".join(_layout(*each) for each in sorted(sizes))
    (folder / "pixel-matrix.yaml").write_text(
        "device: pixel-matrix\ntitle: Bands above and below\nsource: painted by this harness\n"
        f"manufacturer: Fernhill Imaging\nmodel: Meridian 64\nlayouts:\n{layouts}",
        encoding="utf-8",
    )


def _layout(sop_class: str, rows: int, columns: int) -> str:
    top, bottom = int(np.ceil(TOP * rows)), int(BOTTOM * rows)
    return (
        f"  - sop_class: {sop_class}\n    rows: {rows}\n    columns: {columns}\n    remove:\n"
        f"      - {{box: [0, 0, {columns}, {top}]}}\n"
        f"      - {{box: [0, {bottom}, {columns}, {rows - bottom}]}}\n"
    )
