"""Pixel data: what may show text is held back, what hides beside the pixels is taken out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from tce_harness.deidentify import Deidentified, Deidentifier, NoteKind, Policy, Pseudonyms, Quarantined
from tce_harness.objects.instance import encode_instance, read_instance

Deidentify = Callable[[Dataset], Dataset]
SECRET = b"Peter Hand 9991234564"


@pytest.fixture
def reason(basic: Policy, pseudonyms: Pseudonyms) -> Callable[[Dataset], str]:
    def reason(dataset: Dataset) -> str:
        outcome = Deidentifier(basic, pseudonyms).deidentify(dataset)
        assert isinstance(outcome, Quarantined), outcome
        return outcome.reason

    return reason


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"BurnedInAnnotation": "YES"}, "says that the pixels show identifying text"),
        ({"SOPClassUID": uids.UltrasoundImageStorage}, "Ultrasound Image Storage commonly shows text"),
        ({"SOPClassUID": uids.SecondaryCaptureImageStorage}, "Secondary Capture Image Storage commonly"),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "tells of a saved screen"),
        (
            {
                "SOPClassUID": uids.VLWholeSlideMicroscopyImageStorage,
                "ImageType": ["ORIGINAL", "PRIMARY", "LABEL"],
            },
            "the label or overview of a whole slide",
        ),
        ({"SOPClassUID": uids.BasicVoiceAudioWaveformStorage}, "recorded voice"),
        ({"SOPClassUID": "1.3.12.2.1107.5.9.1"}, "private SOP class"),
        (
            {"SOPClassUID": uids.MediaStorageDirectoryStorage},
            "no storage SOP class whose attributes are known",
        ),
        ({"Rows": None}, "Rows is missing"),
    ],
)
def test_what_may_show_text_or_is_not_understood_is_held_back(
    changes: dict[str, object], expected: str, cr: Dataset, reason: Callable[[Dataset], str]
) -> None:
    for keyword, value in changes.items():
        setattr(cr, keyword, value)
    assert expected in reason(cr)


def test_a_label_of_a_slide_is_held_back_though_it_declares_no_text(
    cr: Dataset, reason: Callable[[Dataset], str]
) -> None:
    cr.SOPClassUID, cr.ImageType = (
        uids.VLWholeSlideMicroscopyImageStorage,
        ["ORIGINAL", "PRIMARY", "OVERVIEW"],
    )
    cr.BurnedInAnnotation = "NO"
    assert "whole slide" in reason(cr)


def test_an_overlay_in_unused_bits_goes_with_its_group(cr: Dataset, by_basic: Deidentify) -> None:
    values = np.frombuffer(cr.PixelData, "<u2")
    cr.PixelData = (values & 0x0FFF | 0x1000).astype("<u2").tobytes()
    cr.add_new(0x60000010, "US", 4)
    cr.add_new(0x60000102, "US", 12)
    cr.add_new(0x60000022, "LO", "Peter Hand")
    result = by_basic(cr)
    assert np.array_equal(np.frombuffer(result.PixelData, "<u2"), values & 0x0FFF)
    assert not any(element.tag.group == 0x6000 for element in result)


def test_the_sign_above_high_bit_is_no_overlay(cr: Dataset, by_basic: Deidentify) -> None:
    cr.PixelRepresentation = 1
    cr.PixelData = np.arange(-8, 8, dtype="<i2").tobytes()
    assert by_basic(cr).PixelData == cr.PixelData


def test_bits_of_signed_pixels_that_are_no_sign_are_cleared(cr: Dataset, by_basic: Deidentify) -> None:
    cr.PixelRepresentation = 1
    cr.PixelData = np.full(16, 0x5001, dtype="<u2").tobytes()
    assert set(np.frombuffer(by_basic(cr).PixelData, "<u2")) == {1}


@pytest.mark.parametrize(("stored", "high"), [(12, 20), (12, 16), (12, 5), (8, 3)])
def test_pixels_with_an_impossible_high_bit_are_held_back(
    stored: int, high: int, cr: Dataset, basic: Policy, pseudonyms: Pseudonyms
) -> None:
    cr.BitsStored, cr.HighBit = stored, high
    cr.PixelData = np.full(16, 0x8001, dtype="<u2").tobytes()
    outcome = Deidentifier(basic, pseudonyms).deidentify(cr)
    assert isinstance(outcome, Quarantined)
    assert f"High Bit {high}" in outcome.reason


def test_bytes_beyond_the_last_frame_are_cut_off(cr: Dataset, basic: Policy, pseudonyms: Pseudonyms) -> None:
    content = cr.PixelData
    cr.PixelData = content + SECRET + b"\x00"
    outcome = Deidentifier(basic, pseudonyms).deidentify(cr)
    assert isinstance(outcome, Deidentified)
    assert outcome.dataset.PixelData == bytes(
        np.bitwise_and(np.frombuffer(content, "<u2"), 0x0FFF).astype("<u2").tobytes()
    )
    assert "bytes beyond the last frame were cut off" in {
        note.detail for note in outcome.notes if note.kind is NoteKind.PIXELS
    }


def test_trailing_padding_and_bytes_after_the_data_set_go(cr: Dataset, by_basic: Deidentify) -> None:
    cr.add_new(0xFFFCFFFC, "OB", SECRET + b"\x00")
    read = read_instance(encode_instance(cr))
    assert 0xFFFCFFFC in read
    result = by_basic(read)
    assert 0xFFFCFFFC not in result
    assert SECRET not in encode_instance(result)


def compressed(dataset: Dataset, syntax: str, frames: list[bytes]) -> Dataset:
    dataset.PixelData = encapsulate(frames)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = uids.UID(syntax)
    return dataset


def test_video_is_held_back(cr: Dataset, reason: Callable[[Dataset], str]) -> None:
    compressed(cr, uids.MPEG2MPML, [b"\x00\x00\x01\xb3" + SECRET + b"\x00"])
    assert "without decoding" in reason(cr)


def test_a_frame_that_cannot_be_parsed_is_held_back(cr: Dataset, reason: Callable[[Dataset], str]) -> None:
    compressed(cr, uids.JPEGBaseline8Bit, [b"\xff\xd8\xff\xe1\x7f\xff" + SECRET + b"\x00"])
    assert "runs past the end" in reason(cr)


def test_frames_that_do_not_match_their_number_are_held_back(
    cr: Dataset, reason: Callable[[Dataset], str]
) -> None:
    compressed(cr, uids.JPEGBaseline8Bit, [b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xd9"])
    cr.NumberOfFrames = 3
    assert reason(cr).startswith("encapsulated pixel data")


def test_an_overlay_in_compressed_pixels_is_held_back(cr: Dataset, reason: Callable[[Dataset], str]) -> None:
    compressed(cr, uids.JPEGLosslessSV1, [b"\xff\xd8\xff\xd9"])
    cr.add_new(0x60020102, "US", 12)
    assert "overlay lies in the bits" in reason(cr)


def test_every_frame_is_stripped_and_the_extended_offset_table_goes(
    cr: Dataset, by_basic: Deidentify
) -> None:
    frame = b"\xff\xd8\xff\xfe\x00\x17" + SECRET + b"\xff\xd9"
    compressed(cr, uids.JPEGBaseline8Bit, [frame + b"\x00" * (len(frame) & 1)] * 2)
    cr.NumberOfFrames = 2
    cr.ExtendedOffsetTable, cr.ExtendedOffsetTableLengths = bytes(16), bytes(16)
    result = read_instance(encode_instance(by_basic(cr)))
    assert "ExtendedOffsetTable" not in result
    assert SECRET not in result.PixelData
    assert result.PixelData == encapsulate([b"\xff\xd8\xff\xd9"] * 2)


@pytest.mark.parametrize("text", [b"Peter Hand", b"Hand^Peter^Aurelius", b"by hand"])
@pytest.mark.parametrize("keyword", ["ICCProfile", "RedPaletteColorLookupTableData"])
def test_a_binary_value_that_names_somebody_is_not_written(
    keyword: str, text: bytes, cr: Dataset, basic: Policy, pseudonyms: Pseudonyms
) -> None:
    cr.SOPClassUID, cr.BurnedInAnnotation = uids.VLMicroscopicImageStorage, "NO"
    setattr(cr, keyword, b"\x00\x02lcms\xffdesc...." + text.ljust(20, b"\x00"))
    outcome = Deidentifier(basic, pseudonyms).deidentify(cr)
    if text == b"by hand":
        assert isinstance(outcome, Deidentified)
        assert outcome.dataset[keyword].value == cr[keyword].value
    else:
        assert isinstance(outcome, Quarantined)
        assert "(0028," in outcome.reason


def test_pixels_that_spell_a_name_by_chance_stay(cr: Dataset, by_basic: Deidentify) -> None:
    cr.BitsAllocated, cr.BitsStored, cr.HighBit = 8, 8, 7
    cr.PatientName, cr.PixelData = "Quillfeather^Zebulon", b"ABQUILLFEATHER\0\0"
    assert by_basic(cr).PixelData == cr.PixelData
