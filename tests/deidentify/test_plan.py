"""How codes resolve by the Type of the attribute at its place."""

from __future__ import annotations

import pytest

from tce_harness.deidentify import Policy
from tce_harness.deidentify.plan import Action, Plan, resolve

CT = "1.2.840.10008.5.1.4.1.1.2"
SEG = "1.2.840.10008.5.1.4.1.1.66.4"


@pytest.mark.parametrize(
    ("code", "types", "action"),
    [
        ("X", {"3"}, Action.REMOVE),
        ("X", {"1"}, Action.DUMMY),
        ("X", {"2"}, Action.EMPTY),
        ("X", {"1C"}, Action.REMOVE),
        ("Z", {"2"}, Action.EMPTY),
        ("Z", {"3"}, Action.EMPTY),
        ("Z", {"1"}, Action.DUMMY),
        ("D", {"3"}, Action.DUMMY),
        ("U", {"1"}, Action.MAP_UID),
        ("U", set(), Action.MAP_UID),
        ("Z/D", {"2"}, Action.EMPTY),
        ("Z/D", {"1"}, Action.DUMMY),
        ("Z/D", {"3"}, Action.EMPTY),
        ("X/Z", {"3"}, Action.REMOVE),
        ("X/Z", {"2"}, Action.EMPTY),
        ("X/Z", {"1"}, Action.DUMMY),
        ("X/D", {"3"}, Action.REMOVE),
        ("X/D", {"1"}, Action.DUMMY),
        ("X/D", {"2"}, Action.DUMMY),
        ("X/Z/D", {"3"}, Action.REMOVE),
        ("X/Z/D", {"2"}, Action.EMPTY),
        ("X/Z/D", {"1C", "3"}, Action.DUMMY),
        ("X/Z/U*", {"3"}, Action.REMOVE),
        ("X/Z/U*", {"2"}, Action.KEEP),
        ("X/Z/U*", {"1C"}, Action.KEEP),
        ("D", set(), Action.REMOVE),
        ("X/Z/D", set(), Action.REMOVE),
    ],
)
def test_codes_resolve_by_the_type(code: str, types: set[str], action: Action) -> None:
    assert resolve(code, frozenset(types)) is action


@pytest.mark.parametrize(
    ("tag", "vr", "action"),
    [
        (0x00280010, "US", Action.KEEP),
        (0x00181210, "SH", Action.KEEP),
        (0x00091001, "LO", Action.REMOVE),
        (0x00090010, "LO", Action.REMOVE),
        (0x50000010, "US", Action.REMOVE),
        (0x60000010, "US", Action.REMOVE),
        (0x00080000, "UL", Action.REMOVE),
        (0x00020003, "UI", Action.REMOVE),
        (0x00100000 | 0xFEED, "LO", Action.REMOVE),
        (0x00081190, "UR", Action.REMOVE),
        (0x0040A067, "PN", Action.REMOVE),
        (0x00280304, "UI", Action.MAP_UID),
        (0x00080016, "UI", Action.KEEP),
        (0x00100033, "LO", Action.CLEAN),
        (0x00200052, "UI", Action.MAP_UID),
        (0x00080070, "LO", Action.KEEP),
        (0x00201040, "LO", Action.CLEAN),
        (0x00181160, "SH", Action.KEEP),
    ],
)
def test_attributes_that_no_row_names_go_when_they_could_tell(
    tag: int, vr: str, action: Action, basic: Policy
) -> None:
    assert Plan(basic).decision(CT, (tag,), vr).action is action


def test_an_option_cleans_what_the_profile_would_remove(basic: Policy, teaching: Policy) -> None:
    path = (0x00081030,)
    assert Plan(basic).decision(CT, path, "LO").action is Action.REMOVE
    cleaned = Plan(teaching).decision(CT, path, "LO")
    assert (cleaned.action, cleaned.fallback) == (Action.CLEAN, Action.REMOVE)


def test_the_same_attribute_differs_by_its_iod(basic: Policy) -> None:
    assert Plan(basic).decision(CT, (0x00080080,), "LO").action is Action.REMOVE
    assert Plan(basic).decision(SEG, (0x00082112,), "SQ").action is Action.REMOVE
    derivation = (0x52009230, 0x00089124, 0x00082112)
    assert Plan(basic).decision(SEG, derivation, "SQ").action is Action.KEEP
