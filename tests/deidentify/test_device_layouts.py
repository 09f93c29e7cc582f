"""Layouts of devices: which images they are for, and what a file of them may say."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import uid as uids
from pydicom.dataset import Dataset

from tce_harness.content import Content
from tce_harness.deidentify import Box, load_device, load_devices
from tce_harness.deidentify.device_layouts import layout_regions
from tce_harness.model.errors import ScenarioError

HEAD = "device: mine\ntitle: t\nsource: s\nmanufacturer: Acme  Imaging\nmodel: One\nlayouts:\n"
SIZE = "sop_class: UltrasoundImageStorage, rows: 20, columns: 30"


def write(tmp_path: Path, layout: str, head: str = HEAD) -> Path:
    file = tmp_path / "mine.yaml"
    file.write_text(f"{head}  - {{{layout}}}\n")
    return file


def image(**changes: object) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.Rows, dataset.Columns = uids.UltrasoundImageStorage, 20, 30
    dataset.Manufacturer, dataset.ManufacturerModelName = "ACME Imaging ", "one"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "SCREEN SAVE"]
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    return dataset


def test_every_shipped_device_can_be_read() -> None:
    assert load_devices(Content.with_overlays())


@pytest.mark.parametrize(
    ("changes", "matches"),
    [
        ({}, True),
        ({"ManufacturerModelName": "Two"}, False),
        ({"Manufacturer": None}, False),
        ({"Rows": 21}, False),
        ({"SOPClassUID": uids.CTImageStorage}, False),
        ({"ImageType": "ORIGINAL"}, False),
    ],
)
def test_a_layout_is_for_one_device_class_and_size(
    changes: dict[str, object], matches: bool, tmp_path: Path
) -> None:
    layouts = load_device(
        write(tmp_path, f"{SIZE}, image_type: screen save, remove: [{{box: [0, 0, 9, 2]}}]")
    )
    assert (layout_regions(image(**changes), layouts) is not None) is matches


def test_what_any_matching_layout_removes_goes(tmp_path: Path) -> None:
    one = load_device(write(tmp_path, f"{SIZE}, remove: [{{box: [0, 0, 9, 2], frames: [2]}}]"))
    other = load_device(write(tmp_path, f"{SIZE}, keep: [[0, 0, 30, 10]]"))
    regions = layout_regions(image(), (*one, *other))
    assert regions is not None
    first, second = regions.mask(1, 20, 30), regions.mask(2, 20, 30)
    assert first is not None
    assert second is not None
    assert (first.sum(), second.sum()) == (300, 318)


def test_two_layouts_that_agree_on_nothing_leave_nothing(tmp_path: Path) -> None:
    one = load_device(write(tmp_path, f"{SIZE}, keep: [[0, 0, 30, 10]]"))
    other = load_device(write(tmp_path, f"{SIZE}, keep: [[0, 10, 30, 10]]"))
    regions = layout_regions(image(), (*one, *other))
    assert regions is not None
    mask = regions.mask(1, 20, 30)
    assert mask is not None
    assert mask.all()


def test_a_box_ends_where_the_next_pixel_begins() -> None:
    assert (Box(1, 2, 3, 4).right, Box(1, 2, 3, 4).bottom) == (4, 6)


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        (SIZE, "it says nothing of where text stands"),
        (f"{SIZE}, remove: [{{box: [0, 0, 31, 2]}}]", "does not lie within 30 columns and 20 rows"),
        (f"{SIZE}, remove: [{{box: [0, 0, 0, 2]}}]", "the box is empty"),
        (f"{SIZE}, keep: [[0, 0, 9]]", "layouts[0].keep[0]"),
        (f"{SIZE}, remove: []", "at least 1 item"),
        (f"{SIZE}, crop: [0, 0, 9, 9], keep: [[0, 0, 9, 9]]", "it stands beside keep"),
        (f"{SIZE}, erase: []", "unknown key 'erase'"),
        (f"{SIZE}, remove: [{{box: [0, 0, 9, 2], frames: last}}]", "frames"),
        (f"{SIZE}, remove: [{{box: [0, 0, 9, 2], frames: [0]}}]", "greater than or equal to 1"),
        ("sop_class: UltrasoundImagStorage, rows: 2, columns: 3, keep: [[0, 0, 1, 1]]", "did you mean Ultra"),
    ],
)
def test_a_layout_that_cannot_be_kept_is_refused_with_its_place(
    layout: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ScenarioError, match=r"mine\.yaml:\d+:\d+: ") as refusal:
        load_device(write(tmp_path, layout))
    assert message in str(refusal.value)


def test_a_file_is_named_after_its_device(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="the file is called mine"):
        load_device(write(tmp_path, f"{SIZE}, keep: [[0, 0, 9, 9]]", HEAD.replace("mine", "yours")))
