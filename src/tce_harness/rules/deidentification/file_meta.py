"""Preamble and file meta information of exported files; on the wire the receiver writes them."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataset import Dataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.finding import Finding, Judgement
from tce_harness.rules.deidentification.findings import NOTHING_EXPORTED, finding
from tce_harness.rules.deidentification.layout import layout_of
from tce_harness.rules.deidentification.places import comparable, is_empty, spell, text_value
from tce_harness.rules.registry import rule

_MEDIA_STORAGE_SOP_INSTANCE = 0x00020003

#: What names the systems that an instance came through, or holds what nobody else can read.
_ORIGIN = (0x00020016, 0x00020017, 0x00020018, 0x00020026, 0x00020027, 0x00020028, 0x00020100, 0x00020102)


@rule("deid/file-meta-is-new", judges="PS315-D11")
def file_meta_is_new(case: CaseEvidence) -> Judgement:
    """Hold that preamble and file meta information are the de-identifier's own and name the new instance."""
    by_wire = {each.record.digest for each in case.messages}
    files = [subject for subject in case.subjects if subject.digest not in by_wire]
    if case.subjects and not files:
        return Judgement(
            examined=0,
            unit="files",
            applicable=False,
            reason="what comes by the wire has no file meta information; the receiver writes it",
        )
    originals = {pair.subject.digest: pair.original for pair in case.pairing.pairs}
    findings = tuple(each for subject in files for each in _judged(subject, originals.get(subject.digest)))
    return Judgement(
        examined=len(files), unit="files", findings=findings, reason=None if files else NOTHING_EXPORTED
    )


def _meta(instance: EvidenceInstance) -> Dataset:
    return getattr(instance.dataset, "file_meta", None) or Dataset()


def _judged(subject: EvidenceInstance, original: EvidenceInstance | None) -> Iterator[Finding]:
    named = text_value(_meta(subject), _MEDIA_STORAGE_SOP_INSTANCE)
    if named != subject.sop_instance_uid:
        yield finding(
            "file-meta-names-another-instance",
            subject,
            "Media Storage SOP Instance UID is not the SOP Instance UID of the data set",
            element=spell(_MEDIA_STORAGE_SOP_INSTANCE),
            expected=subject.sop_instance_uid,
            observed=named or "absent or empty",
        )
    if original is None:
        return
    preamble = layout_of(subject).preamble
    if any(preamble) and preamble == layout_of(original).preamble:
        yield finding("preamble-kept", subject, "the preamble is that of the original")
    before, after = _meta(original), _meta(subject)
    for tag in _ORIGIN:
        if tag not in before or tag not in after or is_empty(before[tag]):
            continue
        if comparable(before[tag]) == comparable(after[tag]):
            yield finding(
                "file-meta-kept",
                subject,
                "a value of the original's file meta information still stands",
                element=spell(tag),
                expected="the de-identifier's own, or absent",
                observed=text_value(after, tag) or "the original's bytes",
            )
