"""The Type of an attribute at its place in an IOD (PS3.3), for every storage SOP class.

Generated from highdicom's tables (see NOTICE). Which of several modules applies to an instance, and whether
the condition of a Type 1C or 2C is met, is not decided here.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple

CONTENT_SEQUENCE = 0x0040A730


class _Attribute(NamedTuple):
    types: frozenset[str]
    children: int | None


class _Document(NamedTuple):
    sop_classes: dict[str, str]
    iods: dict[str, list[int]]
    nodes: list[str]


NOT_DEFINED: frozenset[str] = frozenset()


def attribute_types(sop_class_uid: str, path: tuple[int, ...]) -> frozenset[str]:
    """Return the Types that the IOD's modules give an attribute at a place.

    Parameters
    ----------
    sop_class_uid
        The storage SOP class.
    path
        Tags from the main data set to the attribute, such as ``(0x00400275, 0x00321060)``. Overlay groups
        60xx count as 6000; content items below content items count as those of the first level.

    Returns
    -------
    frozenset of str
        Out of ``1``, ``1C``, ``2``, ``2C``, ``3``; several where modules of the IOD differ; empty where no
        module defines the attribute there, or where the SOP class is not known (`is_known`).
    """
    if not path:
        return NOT_DEFINED
    return _types(sop_class_uid, _normal(path))


def is_known(sop_class_uid: str) -> bool:
    """Return whether the SOP class is among the standard's storage classes that the table covers."""
    return sop_class_uid in _document().sop_classes


@cache
def _types(sop_class_uid: str, path: tuple[int, ...]) -> frozenset[str]:
    document = _document()
    level = document.iods.get(document.sop_classes.get(sop_class_uid, ""), [])
    found: list[_Attribute] = []
    for tag in path:
        found = [attribute for node in level if (attribute := _node(node).get(tag)) is not None]
        level = [attribute.children for attribute in found if attribute.children is not None]
    return frozenset().union(*(attribute.types for attribute in found))


def _normal(path: tuple[int, ...]) -> tuple[int, ...]:
    normal: list[int] = []
    for tag in path:
        if tag == CONTENT_SEQUENCE and normal and normal[-1] == CONTENT_SEQUENCE:
            continue
        normal.append(0x60000000 | (tag & 0xFFFF) if tag >> 24 == 0x60 else tag)
    return tuple(normal)


@cache
def _node(number: int) -> dict[int, _Attribute]:
    node = {}
    for entry in _document().nodes[number].split():
        tag, _, rest = entry.partition(":")
        types, _, child = rest.partition(">")
        node[int(tag, 16)] = _Attribute(frozenset(types.split("|")) - {""}, int(child) if child else None)
    return node


@cache
def _document() -> _Document:
    content = files(__package__).joinpath("tables", "attribute-types.json").read_text(encoding="utf-8")
    document = json.loads(content)
    return _Document(document["sop_classes"], document["iods"], document["nodes"])
