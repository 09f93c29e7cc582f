"""Attributes that may be there only beside another one, and go when that one was removed.

PS3.5 section 7.4.2: a Type 1C attribute whose condition is not met shall not be included. The conditions are
those of PS3.3 that rest on an attribute which Table E.1-1, or this de-identifier, takes away.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

_ETHICS_NAME, _ETHICS_NUMBER = 0x00120081, 0x00120082
_DEVICE_IDENTIFIER = 0x3010001B

#: Attribute to the attributes of which one must be there with a value.
RESTS_ON: Mapping[int, tuple[int, ...]] = MappingProxyType(
    {
        0x00102298: (0x00102297,),  # Responsible Person Role: Responsible Person (C.7.1.1)
        0x00100035: (0x00100033, 0x00100034),  # Patient's Alternative Calendar: dates in it (C.7.1.1)
        _ETHICS_NAME: (_ETHICS_NUMBER,),  # Ethics Committee Name: Approval Number (C.7.1.3)
        0x00400033: (0x00400032,),  # Universal Entity ID Type: Universal Entity ID (10.17)
        0x3010001C: (_DEVICE_IDENTIFIER,),  # Device Alternate Identifier Type
        0x3010001D: (_DEVICE_IDENTIFIER,),  # Device Alternate Identifier Format
    }
)
_SHUTTER_SHAPE, _BITMAP = 0x00181600, "BITMAP"
#: Shutter Overlay Group (C.7.6.15); all overlays are taken away.
_SHUTTER_OVERLAY = 0x00181623
_SHUTTER = (_SHUTTER_SHAPE, _SHUTTER_OVERLAY, 0x00181622, 0x00181624)
#: Every attribute that is looked at together with others here.
LINKED = (
    frozenset(RESTS_ON)
    | frozenset(tag for needed in RESTS_ON.values() for tag in needed)
    | frozenset(_SHUTTER)
)


def remove_unmet(dataset: Dataset, retained: AbstractSet[int] = frozenset()) -> None:
    """Remove from a data set or item, in place, what rests on an attribute that is not there or is empty.

    Parameters
    ----------
    retained
        Attributes that an option has to keep, whatever they rest on.
    """
    for tag, needed in RESTS_ON.items():
        if tag not in dataset or tag in retained:
            continue
        if not any(other in dataset and not dataset[other].is_empty for other in needed):
            del dataset[tag]
    if _SHUTTER_SHAPE in dataset:
        _remove_bitmap_shutter(dataset)


def _remove_bitmap_shutter(dataset: Dataset) -> None:
    value = dataset[_SHUTTER_SHAPE].value
    shapes = list(value) if isinstance(value, MultiValue | list) else [value]
    if _BITMAP not in shapes:
        return
    others = [shape for shape in shapes if shape != _BITMAP]
    for tag in (_SHUTTER_OVERLAY,) if others else _SHUTTER:
        if tag in dataset:
            del dataset[tag]
    if others:
        dataset[_SHUTTER_SHAPE].value = others
