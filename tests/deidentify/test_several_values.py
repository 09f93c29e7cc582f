"""Of several values only those that identify go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydicom.dataset import Dataset

from tce_harness.deidentify import Deidentified, Deidentifier, Policy, Pseudonyms
from tce_harness.deidentify.outcome import NoteKind

Deidentify = Callable[[Dataset], Dataset]


@pytest.mark.parametrize(
    ("keyword", "values", "left"),
    [
        ("ImageType", ["ORIGINAL", "PRIMARY", "QUILLFEATHER"], ["ORIGINAL", "PRIMARY", "REMOVED"]),
        ("ImageType", ["ORIGINAL", "PRIMARY", "AXIAL", "ZAK"], ["ORIGINAL", "PRIMARY", "AXIAL", "REMOVED"]),
        ("ImageType", ["ORIGINAL", "PRIMARY", "", "ZAK"], ["ORIGINAL", "PRIMARY", "", "REMOVED"]),
        ("ScanOptions", ["ZAK", "FAST"], ["REMOVED", "FAST"]),
        ("ConvolutionKernel", ["B30f", "for Zak", "B40"], ["B30f", "B40"]),
        ("ConvolutionKernel", ["for Zak", "B40"], "B40"),
        ("PixelSpacing", ["0.5", "9991234564"], [0.5, 0.0]),
    ],
)
def test_only_the_value_concerned_goes(
    keyword: str, values: list[str], left: Any, ct: Dataset, by_basic: Deidentify
) -> None:
    ct.ReferringPhysicianName = "Quillfeather^Zak"
    setattr(ct, keyword, values)
    result = by_basic(ct)[keyword].value
    assert result == left


@pytest.mark.parametrize("value", ["ZAK", ["ZAK", "QUILLFEATHER"], ["HEAD", "LONG"]])
def test_where_all_identify_or_only_together_nothing_is_left(
    value: str | list[str], ct: Dataset, by_basic: Deidentify
) -> None:
    ct.ReferringPhysicianName, ct.ScanOptions = "Quillfeather^Zak", value
    ct.OperatorsName = "Long^Head"
    assert "ScanOptions" not in by_basic(ct)


def test_the_history_of_methods_keeps_what_names_nobody(ct: Dataset, by_basic: Deidentify) -> None:
    ct.DeidentificationMethod = ["First tool", "Dr Quillfeather's tool", "Third tool"]
    history = list(by_basic(ct).DeidentificationMethod)
    assert history[:2] == ["First tool", "Third tool"]
    assert "Quillfeather" not in str(history)


def test_a_value_that_goes_is_noted(ct: Dataset, basic: Policy, pseudonyms: Pseudonyms) -> None:
    ct.ImageType = ["ORIGINAL", "PRIMARY", "HAND", "PETERS", "PETER"]
    outcome = Deidentifier(basic, pseudonyms).deidentify(ct)
    assert isinstance(outcome, Deidentified)
    assert list(outcome.dataset.ImageType) == ["ORIGINAL", "PRIMARY", "HAND", "PETERS", "REMOVED"]
    assert [note.element for note in outcome.notes if note.kind is NoteKind.IDENTIFYING_VALUE] == [
        "(0008,0008)"
    ]
