"""Metadata taken out of compressed frames by parsing their markers, without decoding a pixel.

JPEG and JPEG-LS: ITU-T T.81 annex B, T.87 annex C. JPEG 2000: ITU-T T.800 annexes A and I. RLE: PS3.5 annex
G. Each function takes one frame and returns it, of even length, with nothing after its end.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP8, _APP14, _APP15 = 0xE0, 0xE8, 0xEE, 0xEF
_SOF0, _SOF15, _SOF_LS = 0xC0, 0xCF, 0xF7
_NO_FRAME_HEADER = frozenset({0xC4, 0xC8, 0xCC})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})

_SOC, _SOT, _SOD, _EOC = 0xFF4F, 0xFF90, 0xFF93, 0xFFD9
_J2K_COM, _TLM, _SIZ = 0xFF64, 0xFF55, 0xFF51
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "


class CodestreamError(ValueError):
    """A frame that does not keep to its format, so that it cannot be searched."""


def precision(frame: bytes) -> int:
    """Return how many bits a sample of a JPEG, JPEG-LS or JPEG 2000 frame has; 0 where it is not told.

    Of JPEG 2000 the first component counts (T.800 A.5.1), of the others the frame header (T.81 B.2.2).
    """
    if frame[:2] == b"\xff\x4f":
        place = frame.find(b"\xff\x51")
        return (frame[place + 40] & 0x7F) + 1 if place >= 0 and place + 40 < len(frame) else 0
    place = 2
    while place + 4 < len(frame) and frame[place] == 0xFF:
        marker = frame[place + 1]
        if marker == _SOF_LS or (_SOF0 <= marker <= _SOF15 and marker not in _NO_FRAME_HEADER):
            return frame[place + 4]
        place += 2 + int.from_bytes(frame[place + 2 : place + 4], "big")
    return 0


def strip_jpeg(frame: bytes) -> bytes:
    """Return a JPEG or JPEG-LS frame without comments, application data and bytes after its end.

    Of the application data only what a decoder needs stays, written anew: the colour transforms of APP14
    (Adobe)
    and APP8 (JPEG-LS). JFIF goes as well, since PS3.5 section 8.2.1 has the colour space told by the data
    set.

    Raises
    ------
    CodestreamError
        When a marker is missing or runs past the end.
    """
    if frame[:2] != b"\xff\xd8":
        raise CodestreamError("a JPEG frame does not begin with SOI")
    kept = [frame[:2]]
    place = 2
    while True:
        marker, place = _next_marker(frame, place)
        if marker == _EOI:
            kept.append(b"\xff\xd9")
            return _even(b"".join(kept))
        if marker in _STANDALONE:
            continue
        end = place + _length(frame, place)
        segment = frame[place + 2 : end]
        if _APP0 <= marker <= _APP15:
            segment = _needed_application_data(marker, segment)
        if segment and marker != _COM:
            kept.append(struct.pack(">BBH", 0xFF, marker, len(segment) + 2) + segment)
        place = end
        if marker == _SOS:
            scan_end = _end_of_scan(frame, place)
            kept.append(frame[place:scan_end])
            place = scan_end


def _next_marker(frame: bytes, place: int) -> tuple[int, int]:
    if place + 1 >= len(frame) or frame[place] != 0xFF:
        raise CodestreamError("a JPEG frame has no marker where one must stand")
    while place < len(frame) and frame[place] == 0xFF:
        place += 1
    if place >= len(frame):
        raise CodestreamError("a JPEG frame ends without EOI")
    return frame[place], place + 1


def _length(frame: bytes, place: int) -> int:
    if place + 2 > len(frame):
        raise CodestreamError("a marker segment is cut short")
    length = int.from_bytes(frame[place : place + 2], "big")
    if length < 2 or place + length > len(frame):
        raise CodestreamError("a marker segment runs past the end of its frame")
    return length


def _needed_application_data(marker: int, segment: bytes) -> bytes:
    if marker == _APP14 and segment[:5] == b"Adobe" and len(segment) >= 12:
        return b"Adobe" + struct.pack(">HHHB", 100, 0, 0, segment[11])
    if marker == _APP8 and segment[:4] == b"mrfx" and len(segment) == 5:
        return segment
    return b""


def _end_of_scan(frame: bytes, place: int) -> int:
    """Return where the next marker begins; stuffed bytes and restart markers belong to the scan."""
    while True:
        place = frame.find(b"\xff", place)
        if place < 0 or place + 1 >= len(frame):
            raise CodestreamError("a JPEG scan does not end")
        follower = frame[place + 1]
        # JPEG stuffs 00, JPEG-LS a byte below 80
        if follower >= 0x80 and follower != 0xFF and follower not in _STANDALONE:
            return place
        place += 1 if follower == 0xFF else 2


def strip_jpeg2000(frame: bytes) -> bytes:
    """Return a JPEG 2000 codestream without comments, boxes around it and bytes after its end.

    Raises
    ------
    CodestreamError
        When a marker is missing or runs past the end.
    """
    stream = _unboxed(frame)
    if stream[:2] != b"\xff\x4f":
        raise CodestreamError("a JPEG 2000 frame does not begin with SOC")
    main, place = _header(stream, 2, until=_SOT)
    tiles: list[bytes] = []
    shortened = False
    while place + 1 < len(stream) and _marker(stream, place) == _SOT:
        tile, place, shorter = _tile_part(stream, place)
        tiles.append(tile)
        shortened |= shorter
    if _marker(stream, place) != _EOC:
        raise CodestreamError("a JPEG 2000 codestream does not end with EOC")
    # TLM repeats the lengths of the tile parts; it is optional, and wrong once one is shorter
    kept = [segment for marker, segment in main if marker != _J2K_COM and not (shortened and marker == _TLM)]
    return _even(b"\xff\x4f" + b"".join(kept) + b"".join(tiles) + b"\xff\xd9")


def _unboxed(frame: bytes) -> bytes:
    if not frame.startswith(_JP2_SIGNATURE):
        return frame
    place = 0
    while place + 8 <= len(frame):
        length, kind = int.from_bytes(frame[place : place + 4], "big"), frame[place + 4 : place + 8]
        head = 8
        if length == 1:
            length, head = int.from_bytes(frame[place + 8 : place + 16], "big"), 16
        end = len(frame) if length == 0 else place + length
        if kind == b"jp2c":
            return frame[place + head : end]
        if end <= place:
            break
        place = end
    raise CodestreamError("a JP2 file holds no codestream")


def _marker(stream: bytes, place: int) -> int:
    if place + 2 > len(stream):
        raise CodestreamError("a JPEG 2000 codestream is cut short")
    return int.from_bytes(stream[place : place + 2], "big")


def _header(stream: bytes, place: int, until: int) -> tuple[list[tuple[int, bytes]], int]:
    segments = []
    while (marker := _marker(stream, place)) != until:
        if marker >> 8 != 0xFF or marker in (_EOC, _SOD, _SOC):
            raise CodestreamError("a JPEG 2000 header has no marker where one must stand")
        end = place + 2 + _length(stream, place + 2)
        segments.append((marker, stream[place:end]))
        place = end
    return segments, place


def _tile_part(stream: bytes, place: int) -> tuple[bytes, int, bool]:
    if _length(stream, place + 2) != 10:
        raise CodestreamError("a JPEG 2000 tile part has a wrong header")
    index, length, part, parts = struct.unpack(">HIBB", stream[place + 4 : place + 12])
    if length == 0:  # the last tile part reaches to the end of the codestream
        end_marker = stream.rfind(b"\xff\xd9", place)
        if end_marker < 0:
            raise CodestreamError("a JPEG 2000 codestream does not end with EOC")
        end = end_marker
    else:
        end = place + length
    segments, data = _header(stream, place + 12, until=_SOD)
    if end > len(stream) or end < data + 2:
        raise CodestreamError("a JPEG 2000 tile part runs past the end")
    header = b"".join(segment for marker, segment in segments if marker != _J2K_COM)
    body = header + stream[data:end]
    written = 12 + len(body)
    start = struct.pack(">HHHIBB", _SOT, 10, index, written, part, parts)
    return start + body, end, written != end - place


def strip_rle(frame: bytes, segment_size: int) -> tuple[bytes, tuple[int, ...]]:
    """Return an RLE frame without bytes between and after its segments.

    Parameters
    ----------
    segment_size
        Decoded bytes of a segment: rows by columns.

    Returns
    -------
    tuple
        The frame, and for each segment all its decoded byte values combined by or.

    Raises
    ------
    CodestreamError
        When the header or a segment is not whole.
    """
    if len(frame) < 64:
        raise CodestreamError("an RLE frame is shorter than its header")
    count, *offsets = struct.unpack("<16L", frame[:64])
    if not 1 <= count <= 15 or any(not 64 <= offset < len(frame) for offset in offsets[:count]):
        raise CodestreamError("an RLE header names segments that are not there")
    segments, used = [], []
    for offset in offsets[:count]:
        end, values = _rle_segment(frame, offset, segment_size)
        segments.append(_even(frame[offset:end]))
        used.append(values)
    starts = list(_starts(segments))
    header = struct.pack("<16L", count, *starts, *([0] * (15 - count)))
    return header + b"".join(segments), tuple(used)


def _starts(segments: list[bytes]) -> Iterator[int]:
    place = 64
    for segment in segments:
        yield place
        place += len(segment)


def _rle_segment(frame: bytes, place: int, size: int) -> tuple[int, int]:
    decoded, values = 0, 0
    while decoded < size:
        if place + 1 >= len(frame):
            raise CodestreamError("an RLE segment ends before its last row")
        control = frame[place]
        if control < 0x80:
            for value in set(frame[place + 1 : place + control + 2]):
                values |= value
            place, decoded = place + control + 2, decoded + control + 1
        elif control > 0x80:
            values |= frame[place + 1]
            place, decoded = place + 2, decoded + 257 - control
        else:
            place += 1
    return place, values


def _even(content: bytes) -> bytes:
    return content + b"\x00" if len(content) & 1 else content
