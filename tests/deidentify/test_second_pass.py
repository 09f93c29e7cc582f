"""De-identifying an output again changes only what is mapped, UIDs, pseudonyms, dates, and the history."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from tce_harness.deidentify import Deidentified, Deidentifier, Policy, Pseudonyms
from tce_harness.deidentify.options import SHORT_NAMES

METHOD, DATES = "00120063", {"DA", "TM", "DT"}
OPTIONS = st.sets(st.sampled_from(sorted(set(SHORT_NAMES.values()) - {"113106", "113107"})))
TEMPORAL = st.sampled_from([set(), {"113106"}, {"113107"}])
KEYWORDS = st.sampled_from(
    ["SeriesDescription", "InstitutionName", "StationName", "PatientComments", "StudyDate", "SeriesTime",
     "DeviceSerialNumber", "PatientAge", "Allergies", "Manufacturer", "ProtocolName", "ImageComments",
     "StudyID", "RetrieveAETitle", "ContentDate", "AcquisitionDateTime", "OperatorsName"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["lung", "Hand", "9991234564", "Small mass, 5 mm", "20240229", "235959", "095Y", "Dr Who", "ROOM 3",
     "1.2.826.0.1.3680043.8.498.11", "20240229235959.5+0100", "1985", "Hand Clinic"]
)  # fmt: skip


def normal(element: Any, *, moved: bool) -> Any:
    """Return an element of the JSON model with what may be mapped anew left out."""
    if isinstance(element, list):
        return [normal(each, moved=moved) for each in element]
    if not isinstance(element, dict):
        return element
    if moved and element.get("vr") in DATES:
        return {
            "vr": element["vr"],
            "Value": [re.sub(r"\d", "0", str(each)) for each in element.get("Value", [])],
        }
    return {key: normal(value, moved=moved) for key, value in element.items()}


def spelled(element: Any, *, moved: bool) -> str:
    text = re.sub(r"2\.25\.\d+", "UID", json.dumps(normal(element, moved=moved), sort_keys=True))
    return re.sub(r"TCE-[A-Z2-7]{12}|\bR[A-Z2-7]{10}\b", "PSEUDONYM", text)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    options=OPTIONS,
    temporal=TEMPORAL,
    which=st.integers(0, 5),
    changes=st.lists(st.tuples(KEYWORDS, VALUES), max_size=5),
)
def test_a_second_pass_changes_only_what_is_mapped_and_the_history(
    options: set[str],
    temporal: set[str],
    which: int,
    changes: list[tuple[str, str]],
    everything: tuple[Dataset, ...],
    teaching: Policy,
    pseudonyms: Pseudonyms,
) -> None:
    dataset = copy.deepcopy(everything[which])
    for keyword, value in changes:
        setattr(dataset, keyword, value)
    codes = tuple(sorted({"113100", *options, *temporal}))
    deidentifier = Deidentifier(dataclasses.replace(teaching, codes=codes), pseudonyms)
    once = deidentifier.deidentify(dataset)
    assert isinstance(once, Deidentified), once
    twice = deidentifier.deidentify(once.dataset)
    assert isinstance(twice, Deidentified), twice
    first: dict[str, Any] = json.loads(once.dataset.to_json())
    second: dict[str, Any] = json.loads(twice.dataset.to_json())
    assert set(first) == set(second)
    moved = "113107" in codes
    changed = {tag for tag in first if spelled(first[tag], moved=moved) != spelled(second[tag], moved=moved)}
    assert changed <= {METHOD}
    assert len(second[METHOD]["Value"]) > len(first[METHOD]["Value"])
