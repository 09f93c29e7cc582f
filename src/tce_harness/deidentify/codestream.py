"""Metadata taken out of compressed frames by parsing their markers, without decoding a pixel.

JPEG and JPEG-LS: ITU-T T.81 annex B, T.87 annex C. JPEG 2000: ITU-T T.800 annexes A and I. RLE: PS3.5 annex
G. Each function takes one frame and returns it, of even length, with nothing after its end. Only what
decoding needs stays: a marker segment that is not known to be needed may hold anything.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_EOI, _SOS = 0xD9, 0xDA
_APP8, _APP14 = 0xE8, 0xEE
_SOF0, _SOF15, _SOF_LS, _LSE = 0xC0, 0xCF, 0xF7, 0xF8
_DHT, _JPG, _DAC, _DQT, _DNL, _DRI = 0xC4, 0xC8, 0xCC, 0xDB, 0xDC, 0xDD
_NO_FRAME_HEADER = frozenset({_DHT, _JPG, _DAC})
_TEM, _RST = 0x01, frozenset(range(0xD0, 0xD8))
#: Marker segments that decoding needs (T.81 table B.1, T.87 table C.1); PS3.5 has no hierarchical or
#: arithmetic coding.
_NEEDED = frozenset({*range(_SOF0, _SOF15 + 1), _SOF_LS, _LSE, _SOS, _DQT, _DNL, _DRI}) - {_JPG, _DAC}

_SOC, _SOT, _SOD, _EOC = 0xFF4F, 0xFF90, 0xFF93, 0xFFD9
_TLM, _MOST_TILES = 0xFF55, 10_000
#: Marker segments that decoding needs (T.800 table A.2, T.814 for CAP): CAP, SIZ, COD, COC, QCD, QCC, RGN,
#: POC, PPM and PPT. Lengths of tile parts (TLM) are written anew; those of packets (PLM, PLT) are optional.
_NEEDED_2000 = frozenset({0xFF50, 0xFF51, 0xFF52, 0xFF53, 0xFF5C, 0xFF5D, 0xFF5E, 0xFF5F, 0xFF60, 0xFF61})
#: Reserved markers that have no parameters (T.800 A.1.3).
_BARE_2000 = range(0xFF30, 0xFF40)
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
    """Return a JPEG or JPEG-LS frame with what decoding needs, and no bytes after its end.

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
    place, is_ls = 2, False
    while True:
        marker, place = _next_marker(frame, place)
        if marker == _EOI:
            kept.append(b"\xff\xd9")
            return _even(b"".join(kept))
        if marker == _TEM or marker in _RST:
            continue
        end = place + _length(frame, place)
        segment = _needed(marker, frame[place + 2 : end])
        is_ls |= marker == _SOF_LS
        if segment:
            kept.append(struct.pack(">BBH", 0xFF, marker, len(segment) + 2) + segment)
        place = end
        if marker == _SOS:
            scan_end = _end_of_scan(frame, place, is_ls=is_ls)
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


def _needed(marker: int, segment: bytes) -> bytes:
    if marker in _NEEDED:
        return segment
    if marker == _APP14 and segment[:5] == b"Adobe" and len(segment) >= 12:
        return b"Adobe" + struct.pack(">HHHB", 100, 0, 0, segment[11])
    if marker == _APP8 and segment[:4] == b"mrfx" and len(segment) == 5:
        return segment
    return b""


def _end_of_scan(frame: bytes, place: int, *, is_ls: bool) -> int:
    """Return where the next marker begins; stuffed bytes and restart markers belong to the scan."""
    while True:
        place = frame.find(b"\xff", place)
        if place < 0 or place + 1 >= len(frame):
            raise CodestreamError("a JPEG scan does not end")
        follower = frame[place + 1]
        # JPEG stuffs 00, JPEG-LS a bit, so that a byte below 80 follows
        is_stuffed = follower < 0x80 if is_ls else follower == 0
        if not is_stuffed and follower != 0xFF and follower not in _RST:
            return place
        place += 1 if follower == 0xFF else 2


def strip_jpeg2000(frame: bytes) -> bytes:
    """Return a JPEG 2000 codestream with what decoding needs, without boxes and bytes after its end.

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
    while place + 1 < len(stream) and _marker(stream, place) == _SOT:
        tile, place = _tile_part(stream, place)
        tiles.append(tile)
    if _marker(stream, place) != _EOC:
        raise CodestreamError("a JPEG 2000 codestream does not end with EOC")
    kept = [segment for marker, segment in main if marker in _NEEDED_2000]
    if any(marker == _TLM for marker, _ in main):
        kept += _tile_lengths(tiles)
    return _even(b"\xff\x4f" + b"".join(kept) + b"".join(tiles) + b"\xff\xd9")


def _tile_lengths(tiles: list[bytes]) -> Iterator[bytes]:
    """Yield TLM segments anew (T.800 A.7.1), as the High-Throughput RPCL syntax of PS3.5 asks for them."""
    for number, first in enumerate(range(0, len(tiles), _MOST_TILES)):
        part = tiles[first : first + _MOST_TILES]
        entries = b"".join(tile[4:6] + struct.pack(">I", len(tile)) for tile in part)
        yield struct.pack(">HHBB", _TLM, 4 + len(entries), number, 0x60) + entries


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
        if marker in _BARE_2000:
            place += 2
            continue
        end = place + 2 + _length(stream, place + 2)
        segments.append((marker, stream[place:end]))
        place = end
    return segments, place


def _tile_part(stream: bytes, place: int) -> tuple[bytes, int]:
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
    header = b"".join(segment for marker, segment in segments if marker in _NEEDED_2000)
    body = header + stream[data:end]
    return struct.pack(">HHHIBB", _SOT, 10, index, 12 + len(body), part, parts) + body, end


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
