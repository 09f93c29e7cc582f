"""Where devices write who is examined: layouts by manufacturer, model, class and size, read from YAML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.uid import UID

from tce_harness.content import Content, FileModel, YamlFile, near_match, read_yaml
from tce_harness.deidentify.native_pixels import number
from tce_harness.deidentify.regions import Box, Regions, TextBox
from tce_harness.model.errors import Problem, ScenarioError
from tce_harness.standard.attribute_types import is_known

FOLDER = "simulators/devices"
#: What a layout is chosen by, apart from the size: SOP class, Image Type, manufacturer and model.
FACTS = frozenset({0x00080008, 0x00080016, 0x00080070, 0x00081090, 0x00280010, 0x00280011})
_CLASSES = {name: UID(str(getattr(uids, name))) for name in dir(uids) if name.endswith("Storage")}
Place = tuple[str | int, ...]
_Side = Annotated[int, Field(ge=0, le=65535)]
_Box = tuple[_Side, _Side, _Side, _Side]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLayout:
    """Where one device writes on images of one class and size.

    Parameters
    ----------
    device
        Name of its file.
    model
        Empty for every model of the manufacturer.
    image_type
        A value that Image Type (0008,0008) has to hold; empty for any.
    """

    device: str
    manufacturer: str
    model: str
    sop_class_uid: UID
    rows: int
    columns: int
    image_type: str
    regions: Regions

    def matches(self, dataset: Dataset) -> bool:
        """Return whether an instance is of this device, class and size."""
        kinds = dataset.get("ImageType") or ()
        told = {_plain(kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)}
        return (
            self.sop_class_uid == str(dataset.get("SOPClassUID") or "").strip()
            and _plain(self.manufacturer) == _plain(dataset.get("Manufacturer"))
            and (not self.model or _plain(self.model) == _plain(dataset.get("ManufacturerModelName")))
            and (not self.image_type or _plain(self.image_type) in told)
            and (self.rows, self.columns) == (number(dataset, "Rows", 0), number(dataset, "Columns", 0))
        )


def _plain(value: object) -> str:
    return " ".join(str(value or "").split()).casefold()


def layout_regions(dataset: Dataset, layouts: Iterable[DeviceLayout]) -> Regions | None:
    """Return what the layouts that match an instance say together; None where none does."""
    found: Regions | None = None
    for layout in layouts:
        if layout.matches(dataset):
            found = layout.regions if found is None else found | layout.regions
    return found


class _RemoveFile(FileModel):
    box: _Box
    frames: Literal["all", "first"] | Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)] = (
        "all"
    )


class _LayoutFile(FileModel):
    sop_class: str
    rows: Annotated[int, Field(ge=1, le=65535)]
    columns: Annotated[int, Field(ge=1, le=65535)]
    image_type: str = ""
    remove: Annotated[list[_RemoveFile], Field(min_length=1)] | None = None
    keep: Annotated[list[_Box], Field(min_length=1)] | None = None
    crop: _Box | None = None


class _DeviceFile(FileModel):
    device: str = Field(min_length=1)
    title: str = Field(min_length=1)
    source: str = Field(min_length=1)
    manufacturer: str = Field(min_length=1)
    model: str = ""
    layouts: Annotated[list[_LayoutFile], Field(min_length=1)]


def load_device(file: Path) -> tuple[DeviceLayout, ...]:
    """Read the file of one device.

    Raises
    ------
    ScenarioError
        For every fault: an unknown key or class, a box outside the image, a layout that says nothing or too
        much.
    """
    yaml = read_yaml(file)
    model = yaml.validate(_DeviceFile)
    problems = [] if model.device == file.stem else [_name_problem(yaml, file)]
    for index, layout in enumerate(model.layouts):
        problems += [
            yaml.problem(("layouts", index, *place), text, hint) for place, text, hint in _faults(layout)
        ]
    if problems:
        raise ScenarioError(problems)
    return tuple(
        DeviceLayout(
            device=model.device,
            manufacturer=model.manufacturer,
            model=model.model,
            sop_class_uid=_class(layout.sop_class),
            rows=layout.rows,
            columns=layout.columns,
            image_type=layout.image_type,
            regions=_regions(model.device, layout),
        )
        for layout in model.layouts
    )


def load_devices(content: Content) -> tuple[DeviceLayout, ...]:
    """Read all devices of the content folders; raises `ScenarioError` for a file that has faults."""
    files = content.files(FOLDER, "*.yaml")
    return tuple(layout for file in files for layout in load_device(file))


def _name_problem(yaml: YamlFile, file: Path) -> Problem:
    return yaml.problem(("device",), f"the file is called {file.stem}: they must be the same")


def _class(name: str) -> UID:
    return _CLASSES.get(name) or UID(name)


def _faults(layout: _LayoutFile) -> Iterator[tuple[Place, str, str]]:
    if not is_known(_class(layout.sop_class)):
        hint = near_match(layout.sop_class, _CLASSES) or "such as UltrasoundImageStorage, or its UID"
        yield ("sop_class",), f"{layout.sop_class!r} is no storage SOP class", hint
    given = [name for name in ("remove", "keep", "crop") if getattr(layout, name) is not None]
    if not given:
        yield (), "it says nothing of where text stands", "give remove, keep or crop"
    if "crop" in given and len(given) > 1:
        yield ("crop",), f"it stands beside {' and '.join(given[:-1])}", "what is cropped away needs no box"
    for place, box in _boxes(layout):
        if not Box(*box).fits(layout.rows, layout.columns):
            size = f"{layout.columns} columns and {layout.rows} rows"
            yield place, f"the box is empty or does not lie within {size}", "[left, top, width, height]"


def _boxes(layout: _LayoutFile) -> Iterator[tuple[Place, _Box]]:
    for index, each in enumerate(layout.remove or ()):
        yield ("remove", index, "box"), each.box
    for index, box in enumerate(layout.keep or ()):
        yield ("keep", index), box
    if layout.crop is not None:
        yield ("crop",), layout.crop


def _regions(device: str, layout: _LayoutFile) -> Regions:
    return Regions(
        sources=(f"the layout of {device}",),
        boxes=tuple(TextBox(Box(*each.box), _frames(each)) for each in layout.remove or ()),
        keep=tuple(Box(*box) for box in layout.keep or ()),
        crop=Box(*layout.crop) if layout.crop is not None else None,
    )


def _frames(each: _RemoveFile) -> frozenset[int] | None:
    if each.frames == "all":
        return None
    return frozenset({1}) if each.frames == "first" else frozenset(map(int, each.frames))
