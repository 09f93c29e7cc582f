"""Metadata is taken out of compressed frames; the pixels stay what they were."""

from __future__ import annotations

import struct
from collections.abc import Callable
from importlib import import_module
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames

from tce_harness.deidentify.codestream import CodestreamError, strip_jpeg, strip_jpeg2000, strip_rle

SECRET = b"Peter Hand 9991234564"
# neither package tells its types
jpeg_ls, openjpeg = import_module("jpeg_ls"), import_module("openjpeg")


def frame_of(name: str) -> bytes:
    return next(iter(generate_frames(dcmread(str(get_testdata_file(name))).PixelData, number_of_frames=1)))


def pixels(frame: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(frame)))


def jpeg(mode: str = "RGB") -> bytes:
    image = Image.effect_noise((32, 24), 60).convert(mode)
    buffer = BytesIO()
    image.save(buffer, "JPEG", comment=SECRET, exif=b"Exif\x00\x00" + SECRET, quality=90)
    return buffer.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_loses_comments_exif_and_trailing_bytes_and_no_pixel(mode: str) -> None:
    frame = jpeg(mode)
    stripped = strip_jpeg(frame + SECRET)
    assert SECRET in frame
    assert SECRET not in stripped
    assert b"Exif" not in stripped
    assert b"JFIF" not in stripped
    assert np.array_equal(pixels(stripped), pixels(frame))
    assert len(stripped) % 2 == 0
    assert strip_jpeg(stripped) == stripped


def test_a_progressive_jpeg_with_a_comment_between_its_scans_is_stripped() -> None:
    buffer = BytesIO()
    Image.effect_noise((64, 64), 60).save(buffer, "JPEG", progressive=True)
    frame = buffer.getvalue()
    second = frame.index(b"\xff\xda", frame.index(b"\xff\xda") + 2)
    planted = frame[:second] + segment(0xFE, SECRET) + frame[second:]
    assert SECRET not in strip_jpeg(planted)
    assert np.array_equal(pixels(strip_jpeg(planted)), pixels(frame))


def test_the_colour_transform_of_adobe_stays_and_nothing_else_of_its_segment() -> None:
    frame = jpeg()
    adobe = b"Adobe" + struct.pack(">HHHB", 100, 0x4861, 0x6E64, 0) + SECRET
    stripped = strip_jpeg(frame[:2] + segment(0xEE, adobe) + frame[2:])
    assert segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, 0)) in stripped
    assert SECRET not in stripped
    assert b"Hand" not in stripped


def test_jpeg_ls_keeps_its_stuffed_bytes() -> None:
    frame = frame_of("MR_small_jpeg_ls_lossless.dcm").rstrip(b"\x00")
    planted = frame[:2] + segment(0xFE, SECRET) + segment(0xE3, SECRET) + frame[2:] + SECRET
    assert strip_jpeg(planted).rstrip(b"\x00") == frame


UNKNOWN = [0x02, 0x60, 0xBF, 0xC8, 0xCC, 0xDE, 0xDF, *range(0xF0, 0xF7), *range(0xF9, 0xFE)]


@pytest.mark.parametrize("marker", UNKNOWN)
def test_jpeg_loses_every_segment_that_decoding_does_not_need(marker: int) -> None:
    frame = jpeg()
    end = len(frame.rstrip(b"\x00")) - 2
    clean = strip_jpeg(frame)
    for place in (2, frame.index(b"\xff\xda"), end):
        stripped = strip_jpeg(frame[:place] + segment(marker, SECRET) + frame[place:])
        assert stripped == clean
    assert np.array_equal(pixels(clean), pixels(frame))


@pytest.mark.parametrize("marker", [0x02, 0xBF, 0xF0, 0xFD, 0xFE, 0xE3])
def test_jpeg_ls_loses_them_too_and_decodes_to_the_same_values(marker: int) -> None:
    frame = frame_of("MR_small_jpeg_ls_lossless.dcm").rstrip(b"\x00")
    stripped = strip_jpeg(frame[:2] + segment(marker, SECRET) + frame[2:])
    assert SECRET not in stripped
    assert bytes(jpeg_ls.decode_pixel_data(stripped)[0]) == bytes(jpeg_ls.decode_pixel_data(frame)[0])


@pytest.mark.parametrize("marker", [0x56, 0x57, 0x58, 0x59, 0x63, 0x64, 0x70, 0x8F])
def test_jpeg_2000_loses_every_segment_that_decoding_does_not_need(marker: int) -> None:
    frame = frame_of("MR_small_jp2klossless.dcm")
    planted = segment(marker, SECRET)
    after_siz = 4 + struct.unpack(">H", frame[4:6])[0]
    tile = frame.index(b"\xff\x90")
    index, length, part, parts = struct.unpack(">HIBB", frame[tile + 4 : tile + 12])
    longer = length + len(planted) if length else 0
    start = struct.pack(">HHHIBB", 0xFF90, 10, index, longer, part, parts)
    for copy in (
        frame[:after_siz] + planted + frame[after_siz:],
        frame[:tile] + start + planted + frame[tile + 12 :],
    ):
        stripped = strip_jpeg2000(copy)
        assert SECRET not in stripped
        assert stripped == strip_jpeg2000(frame)
    assert np.array_equal(openjpeg.decode(stripped), openjpeg.decode(frame))


def test_a_reserved_marker_without_parameters_goes_alone() -> None:
    frame = frame_of("MR_small_jp2klossless.dcm")
    after_siz = 4 + struct.unpack(">H", frame[4:6])[0]
    assert strip_jpeg2000(frame[:after_siz] + b"\xff\x30" + frame[after_siz:]) == strip_jpeg2000(frame)
    with pytest.raises(CodestreamError):
        strip_jpeg2000(frame[:after_siz] + segment(0x3F, SECRET) + frame[after_siz:])


def test_the_lengths_of_tile_parts_are_written_anew() -> None:
    frame = frame_of("MR_small_jp2klossless.dcm")
    after_siz = 4 + struct.unpack(">H", frame[4:6])[0]
    stripped = strip_jpeg2000(frame[:after_siz] + segment(0x55, b"\0\x40" + SECRET) + frame[after_siz:])
    assert SECRET not in stripped
    lengths = stripped[stripped.index(b"\xff\x55") :]
    start = stripped.index(b"\xff\x90")
    end = stripped.rindex(b"\xff\xd9")
    assert lengths[:12] == struct.pack(">HHBBHI", 0xFF55, 10, 0, 0x60, 0, end - start)
    assert np.array_equal(openjpeg.decode(stripped), openjpeg.decode(frame))


def with_comment(stream: bytes, place: int) -> bytes:
    comment = struct.pack(">HHH", 0xFF64, len(SECRET) + 4, 1) + SECRET
    return stream[:place] + comment + stream[place:]


def test_jpeg_2000_loses_comments_of_its_main_header_and_trailing_bytes() -> None:
    frame = frame_of("MR_small_jp2klossless.dcm")
    end_of_siz = 4 + struct.unpack(">H", frame[4:6])[0]
    stripped = strip_jpeg2000(with_comment(frame, end_of_siz) + SECRET)
    assert SECRET not in stripped
    assert b"\xff\x64" not in stripped[: stripped.index(b"\xff\x90")]
    assert np.array_equal(pixels(stripped), pixels(frame))


def test_jpeg_2000_loses_comments_of_a_tile_part_and_its_length_is_corrected() -> None:
    frame = frame_of("MR_small_jp2klossless.dcm")
    tile = frame.index(b"\xff\x90")
    index, length, part, parts = struct.unpack(">HIBB", frame[tile + 4 : tile + 12])
    planted = with_comment(frame, tile + 12)
    if length:
        start = struct.pack(">HHHIBB", 0xFF90, 10, index, length + len(SECRET) + 6, part, parts)
        planted = planted[:tile] + start + planted[tile + 12 :]
    stripped = strip_jpeg2000(planted)
    assert SECRET not in stripped
    assert strip_jpeg2000(frame) == stripped
    assert np.array_equal(pixels(stripped), pixels(frame))


def test_the_boxes_of_a_jp2_file_are_left_behind() -> None:
    stream = frame_of("MR_small_jp2klossless.dcm")
    signature = struct.pack(">I", 12) + b"jP  \r\n\x87\n"
    uuid_box = struct.pack(">I", 8 + 16 + len(SECRET)) + b"uuid" + bytes(16) + SECRET
    boxed = signature + uuid_box + struct.pack(">I", 8 + len(stream)) + b"jp2c" + stream
    assert strip_jpeg2000(boxed) == strip_jpeg2000(stream)


def test_rle_loses_bytes_between_and_after_its_segments() -> None:
    frame = frame_of("MR_small_RLE.dcm")
    clean, used = strip_rle(frame, 64 * 64)
    count, first, second = struct.unpack("<3L", frame[:12])
    assert count == len(used) == 2
    gap = frame[:second] + SECRET + b"\x00" + frame[second:] + SECRET
    gap = struct.pack("<3L", count, first, second + len(SECRET) + 1) + gap[12:]
    assert strip_rle(gap, 64 * 64)[0] == clean
    assert SECRET not in clean
    assert used[0] >> 4 == 0


@pytest.mark.parametrize("strip", [strip_jpeg, strip_jpeg2000])
@given(content=st.binary(max_size=200), start=st.sampled_from([b"", b"\xff\xd8", b"\xff\x4f\xff\x51"]))
def test_any_bytes_are_stripped_or_refused(
    strip: Callable[[bytes], bytes], content: bytes, start: bytes
) -> None:
    try:
        stripped = strip(start + content)
    except CodestreamError:
        stripped = b""
    assert len(stripped) % 2 == 0


@given(content=st.binary(max_size=200), size=st.integers(1, 300))
def test_any_bytes_are_taken_for_rle_or_refused(content: bytes, size: int) -> None:
    header = struct.pack("<16L", 1, 64, *([0] * 14))
    try:
        stripped, used = strip_rle(header + content, size)
    except CodestreamError:
        return
    assert len(used) == 1
    assert strip_rle(stripped, size)[0] == stripped


@pytest.mark.parametrize("cut", [3, 20, 200])
def test_a_frame_that_is_cut_short_is_refused(cut: int) -> None:
    for strip, frame in ((strip_jpeg, jpeg()), (strip_jpeg2000, frame_of("MR_small_jp2klossless.dcm"))):
        with pytest.raises(CodestreamError):
            strip(frame[:cut])
