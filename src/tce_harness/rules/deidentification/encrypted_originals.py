"""Originals that travel encrypted in Encrypted Attributes Sequence (PS3.15 section E.1.1)."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataset import Dataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.canary import Canary, CanaryKind, Fate
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.association import Planted, planted_people
from tce_harness.rules.deidentification.cms import CIPHERS, RSA, Envelope, NotCms, read_envelope
from tce_harness.rules.deidentification.findings import NOTHING_EXPORTED, finding
from tce_harness.rules.deidentification.places import items, spell, text_value
from tce_harness.rules.registry import rule

ENCRYPTED_ATTRIBUTES = 0x04000500
_TRANSFER_SYNTAX = 0x04000510
_CONTENT = 0x04000520
_TRANSFER_SYNTAXES = "1.2.840.10008.1.2"
_UNIT = "envelopes"
_SHORTEST_NAME = 6


@rule("deid/originals-encrypted-as-asked", judges="PS315-D17")
def originals_encrypted(case: CaseEvidence) -> Judgement:
    """Read the outside of each envelope: enveloped data, RSA key transport, AES, and nobody's name."""
    carrying = [each for each in case.subjects if ENCRYPTED_ATTRIBUTES in each.dataset]
    if not carrying:
        reason = "no exported instance carries encrypted originals" if case.subjects else NOTHING_EXPORTED
        return Judgement(examined=0, unit=_UNIT, reason=reason, applicable=not case.subjects)
    originals = {pair.subject.digest: pair.original for pair in case.pairing.pairs}
    people, places = planted_people(case.canaries), _hospitals(case.canaries)
    examined = 0
    findings: list[Finding] = []
    for subject in carrying:
        held = items(subject.dataset[ENCRYPTED_ATTRIBUTES])
        examined += max(len(held), 1)
        findings += _kept(subject, originals.get(subject.digest))
        if not held:
            findings.append(_told(subject, "envelope-missing", "Encrypted Attributes Sequence has no item"))
        for number, item in enumerate(held, start=1):
            path = f"{spell(ENCRYPTED_ATTRIBUTES)}[{number}]/{spell(_CONTENT)}"
            findings += _item(subject, item, path, people, places)
    return Judgement(examined=examined, unit=_UNIT, findings=tuple(findings))


def _hospitals(canaries: tuple[Canary, ...]) -> frozenset[str]:
    return frozenset(
        each.value.casefold()
        for each in canaries
        if each.kind is CanaryKind.TEXT and each.fate is Fate.MUST_GO and len(each.value) >= _SHORTEST_NAME
    )


def _kept(subject: EvidenceInstance, original: EvidenceInstance | None) -> Iterator[Finding]:
    """Compare with an envelope that came in: whoever passes it on leaves the data reversible."""
    if original is None or ENCRYPTED_ATTRIBUTES not in original.dataset:
        return
    before, after = (_contents(each.dataset) for each in (original, subject))
    if before & after:
        yield _told(
            subject,
            "envelope-of-the-original-kept",
            "encrypted originals of an earlier pass still stand: whoever has the key can open them",
            severity=Severity.WARNING,
        )


def _contents(dataset: Dataset) -> set[bytes]:
    return {_bytes(item) for item in items(dataset[ENCRYPTED_ATTRIBUTES])} - {b""}


def _bytes(item: Dataset) -> bytes:
    value = item[_CONTENT].value if _CONTENT in item else b""
    return value if isinstance(value, bytes) else b""


def _item(
    subject: EvidenceInstance, item: Dataset, path: str, people: Planted, hospitals: frozenset[str]
) -> Iterator[Finding]:
    syntax = text_value(item, _TRANSFER_SYNTAX)
    if not syntax.startswith(_TRANSFER_SYNTAXES):
        yield _told(
            subject,
            "envelope-without-transfer-syntax",
            "Encrypted Content Transfer Syntax UID (0400,0510) does not name a transfer syntax",
            path=path,
        )
    content = _bytes(item)
    try:
        envelope = read_envelope(content)
    except NotCms as error:
        message = f"the encrypted content is no CMS envelope: {error}"
        yield _told(subject, "envelope-not-cms", message, path=path)
        return
    yield from (_told(subject, kind, message, path=path) for kind, message in _faults(envelope, content))
    for text in envelope.texts:
        if people.told_by(text) is not None:
            message = "the envelope names a person of the originals, outside of what is encrypted"
            yield _told(subject, "envelope-names-a-person", message, path=path)
        elif any(hospital in text.casefold() for hospital in hospitals):
            message = "the certificate of the envelope holds a planted value, such as the hospital's name"
            yield _told(subject, "envelope-names-a-hospital", message, path=path, severity=Severity.WARNING)


def _faults(envelope: Envelope, content: bytes) -> Iterator[tuple[str, str]]:
    transported = [each for each in envelope.recipients if each is not None]
    if not transported:
        yield "envelope-without-key-transport", "no recipient gets the key by key transport"
    elif not set(transported) & RSA:
        yield "envelope-not-rsa", "the key is transported by something other than RSA"
    if envelope.cipher not in CIPHERS:
        yield (
            "envelope-weak-cipher",
            f"the content is encrypted by {envelope.cipher}, not by AES or Triple-DES",
        )
    if not envelope.encrypted:
        yield "envelope-empty", "the envelope holds no encrypted content"
    behind = content[envelope.length :]
    if len(behind) > 1 or behind.strip(b"\0"):
        yield "envelope-with-more-behind", f"{len(behind)} bytes stand behind the envelope"


def _told(
    subject: EvidenceInstance,
    kind: str,
    message: str,
    *,
    path: str = spell(ENCRYPTED_ATTRIBUTES),
    severity: Severity = Severity.FAIL,
) -> Finding:
    return finding(kind, subject, message, element=path, severity=severity)
