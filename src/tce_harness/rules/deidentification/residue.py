"""What is left over beside the elements: padding, bytes behind, codestream metadata, unused bits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.beside import expected_length, number
from tce_harness.rules.deidentification.bytes_of_case import search_begun
from tce_harness.rules.deidentification.codestream import Residue, is_known, residues
from tce_harness.rules.deidentification.findings import finding, judged
from tce_harness.rules.deidentification.layout import (
    NUMBER_OF_FRAMES,
    PIXEL_DATA,
    TRAILING_PADDING,
    Layout,
    layout_of,
)
from tce_harness.rules.deidentification.places import spell, text_value
from tce_harness.rules.registry import rule

_PIXELS = spell(PIXEL_DATA)


@rule("deid/no-trailing-or-codestream-residue", judges="PS315-D22", beside=search_begun)
def no_residue(case: CaseEvidence) -> Judgement:
    """Look where no element stands: behind the data set and the pixels, in codestreams, in unused bits."""
    originals = {pair.subject.digest: pair.original for pair in case.pairing.pairs}
    return judged(
        case, (each for subject in case.subjects for each in _left(subject, originals.get(subject.digest)))
    )


def _left(subject: EvidenceInstance, original: EvidenceInstance | None) -> Iterator[Finding]:
    read = layout_of(subject)
    padding = read.value(TRAILING_PADDING)
    if padding is not None and any(padding):
        yield finding(
            "padding-not-empty",
            subject,
            "Data Set Trailing Padding holds more than zeros",
            element=spell(TRAILING_PADDING),
            row=spell(TRAILING_PADDING),
            observed=f"{len(padding)} bytes",
        )
    if read.behind.strip(b"\0"):
        yield finding(
            "bytes-behind",
            subject,
            "bytes stand behind the data set",
            observed=f"{len(read.behind)} bytes",
        )
    if read.fragments():
        yield from _in_codestream(subject, read, layout_of(original) if original else None)
    else:
        yield from _native(subject, original)


def _in_codestream(subject: EvidenceInstance, read: Layout, before: Layout | None) -> Iterator[Finding]:
    frames = text_value(subject.dataset, NUMBER_OF_FRAMES)
    stream = read.codestreams(frames)
    behind = b"".join(read.fragments_behind(frames))
    if behind.strip(b"\0"):
        yield finding(
            "bytes-behind-pixels",
            subject,
            "Pixel Data holds fragments behind its last frame",
            element=_PIXELS,
            observed=f"{len(behind)} bytes",
        )
    known = {each.content for part in _parts(before) for each in residues(part)}
    if not any(is_known(part) for part in stream):
        yield finding(
            "not-opened",
            subject,
            "the codestream is of a kind whose metadata is not read",
            element=_PIXELS,
            severity=Severity.INFO,
        )
    told: set[tuple[str, bool, bool]] = set()
    for part in stream:
        for residue in residues(part):
            sort = (residue.what, residue.is_signature, residue.content in known)
            if sort not in told:
                told.add(sort)
                yield _residue(subject, residue, known, before is not None)


def _parts(before: Layout | None) -> tuple[bytes, ...]:
    fragments = before.fragments() if before is not None else ()
    return (*fragments, b"".join(fragments)) if len(fragments) > 1 else fragments


def _residue(subject: EvidenceInstance, residue: Residue, known: set[bytes], compared: bool) -> Finding:
    if residue.is_signature:
        kind, severity = "encoder-signature", Severity.INFO
    elif residue.content in known:
        kind, severity = "codestream-residue", Severity.FAIL
    else:
        kind, severity = "codestream-residue", Severity.INFO if compared else Severity.WARNING
    source = "as in the original" if residue.content in known else "not found in the original"
    return finding(
        kind,
        subject,
        f"{residue.what} stands in the codestream" + (f", {source}" if compared else ""),
        element=_PIXELS,
        observed=f"{len(residue.content)} bytes",
        severity=severity,
    )


def _declares_overlay(instance: EvidenceInstance | None) -> bool:
    """Return whether an overlay is said to lie in the pixels: its Overlay Bit Position is not zero."""
    dataset = instance.dataset if instance is not None else Dataset()
    tags = (0x60000102 + (group << 16) for group in range(0, 0x20, 2))
    return any(text_value(dataset, tag) not in ("", "0") for tag in tags)


def _native(subject: EvidenceInstance, original: EvidenceInstance | None) -> Iterator[Finding]:
    value = subject.pixels
    expected = expected_length(subject.dataset)
    if value is None or not expected:
        return
    behind = value[expected:]
    if behind.strip(b"\0"):
        yield finding(
            "bytes-behind-pixels",
            subject,
            "Pixel Data holds bytes beyond its rows, columns and frames",
            element=_PIXELS,
            observed=f"{len(behind)} bytes",
        )
    if _unused_bits(subject, value[:expected]):
        declared = _declares_overlay(subject) or _declares_overlay(original)
        yield finding(
            "unused-bits-set",
            subject,
            "bits of Pixel Data that hold no pixel are set, where an embedded overlay may stand",
            element=_PIXELS,
            severity=Severity.FAIL if declared else Severity.WARNING,
        )


def _unused_bits(subject: EvidenceInstance, value: bytes) -> bool:
    dataset = subject.dataset
    allocated, stored, high = (number(dataset, tag) for tag in (0x00280100, 0x00280101, 0x00280102))
    signed = text_value(dataset, 0x00280103) == "1"
    if allocated not in (8, 16) or not 0 < stored < allocated or high + 1 < stored or signed:
        return False
    used = (1 << stored) - 1 << (high + 1 - stored)
    meta = getattr(dataset, "file_meta", None) or Dataset()
    order = ">" if str(meta.get("TransferSyntaxUID") or "") == ExplicitVRBigEndian else "<"
    width = allocated // 8
    cells = np.frombuffer(value[: len(value) - len(value) % width], dtype=f"{order}u{width}")
    return bool(np.any(cells & ~np.array(used, dtype=cells.dtype)))
