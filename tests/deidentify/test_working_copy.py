"""A copy that can be changed at every depth."""

from __future__ import annotations

import json

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tce_harness.deidentify.working_copy import elements_of, working_copy


def test_changes_of_a_copy_do_not_reach_the_original(report: Dataset) -> None:
    before = json.dumps(report.to_json_dict())
    copied = working_copy(report)
    for element in elements_of(copied.ContentSequence[1]):
        if element.VR == "UT":
            element.value = "changed"
    del copied.ContentSequence[2].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    copied.ContentSequence.append(Dataset())
    copied.PatientName = "changed"
    assert json.dumps(report.to_json_dict()) == before
    assert copied.ContentSequence[1].TextValue == "changed"


def test_a_copy_holds_the_same_elements_and_shares_the_pixels(ct: Dataset) -> None:
    copied = working_copy(ct)
    assert json.dumps(copied.to_json_dict()) == json.dumps(ct.to_json_dict())
    assert copied.PixelData is ct.PixelData
    assert [element.tag for element in elements_of(copied)] == sorted(ct.keys())


def test_an_empty_sequence_stays_one() -> None:
    dataset = Dataset()
    dataset.ContentSequence = Sequence()
    assert list(working_copy(dataset).ContentSequence) == []


def test_texts_of_every_depth_lose_what_designates_their_character_set() -> None:
    dataset, item = Dataset(), Dataset()
    item.OperatorsName, item.CodeMeaning = "Zhang^Xiao=\x1b$)A\u5f20^\x1b$)A\u5c0f", "\x1b$)A\u533b\u9662"
    item.ConvolutionKernel = ["B30f", "\x1b$)A\u533b B\x1b(B"]
    dataset.RequestAttributesSequence = [item]
    copied = working_copy(dataset).RequestAttributesSequence[0]
    assert str(copied.OperatorsName) == "Zhang^Xiao=\u5f20^\u5c0f"
    assert copied.OperatorsName.ideographic == "\u5f20^\u5c0f"
    assert copied.CodeMeaning == "\u533b\u9662"
    assert list(copied.ConvolutionKernel) == ["B30f", "\u533b B"]


def test_a_value_of_unknown_vr_that_is_no_sequence_stays_as_it_is() -> None:
    dataset = Dataset()
    for number, content in enumerate((b"\xfe\xff\x00\xe0", b"plain", b"")):
        dataset.add_new(0x00291000 + number, "UN", content)
    assert [element.VR for element in elements_of(working_copy(dataset))] == ["UN"] * 3
