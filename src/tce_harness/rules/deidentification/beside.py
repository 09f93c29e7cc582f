"""The bytes of a file that belong to no element's value: each piece by itself, so that it can be opened."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataset import Dataset

from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.rules.deidentification.codestream import residues
from tce_harness.rules.deidentification.layout import NUMBER_OF_FRAMES, PIXEL_DATA, layout_of
from tce_harness.rules.deidentification.places import text_value


def beside(instance: EvidenceInstance) -> Iterator[tuple[str, bytes]]:
    """Yield preamble, codestream metadata, bytes behind pixels and behind the data set, with their names."""
    read = layout_of(instance)
    if any(read.preamble):
        yield "the preamble", read.preamble
    if read.behind.strip(b"\0"):
        yield "the bytes behind the data set", read.behind
    for stream in read.codestreams(text_value(instance.dataset, NUMBER_OF_FRAMES)):
        for residue in residues(stream):
            yield residue.what, residue.content
    for fragment in read.fragments_behind(text_value(instance.dataset, NUMBER_OF_FRAMES)):
        yield "the fragments behind the last frame", fragment
    expected = expected_length(instance.dataset)
    behind = read.value_behind(PIXEL_DATA, expected) if expected else b""
    if behind.strip(b"\0"):
        yield "the bytes behind the pixels", behind


def number(dataset: Dataset, tag: int) -> int:
    """Return an element's value as a number; 0 where it is none."""
    text = text_value(dataset, tag)
    return int(text) if text.isdecimal() else 0


def expected_length(dataset: Dataset) -> int:
    """Return the bytes that uncompressed pixels need (PS3.5 section 8.2); 0 where that cannot be told."""
    rows, columns, allocated, samples = (
        number(dataset, tag) for tag in (0x00280010, 0x00280011, 0x00280100, 0x00280002)
    )
    frames = number(dataset, NUMBER_OF_FRAMES) or 1
    bits = rows * columns * allocated * (samples or 1) * frames
    if text_value(dataset, 0x00280004) in ("YBR_FULL_422", "YBR_PARTIAL_422"):
        bits = bits * 2 // 3
    return (bits + 7) // 8
