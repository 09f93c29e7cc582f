from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.encrypted_originals import originals_encrypted

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

#: Made by OpenSSL for the throw-away certificate CN=Recovery key 7, O=St Dymphna Infirmary.
AES = base64.b64decode(
    "MIICBAYJKoZIhvcNAQcDoIIB9TCCAfECAQAxggFsMIIBaAIBADBQMDgxFzAVBgNVBAMMDlJlY292ZXJ5IGtleSA3MR0wGwYD"
    "VQQKDBRTdCBEeW1waG5hIEluZmlybWFyeQIUXJdHUPeNBFt5ncV6p1g0yyR3QIwwDQYJKoZIhvcNAQEBBQAEggEAqIb4PWOb"
    "uqmXI4jH/Wno4OQdgngLZmcJEjMi05aG72LOheo35wtgpuPRDHGvgC1UcPHJf0xxt/ejKODzWIrNW3+8bTT9zBkJjLK2agnL"
    "c79w3ajPWt2FGSCdh+hZTbzmdGZX0bCUp2WrLd5XYDyfFycp161E9yav+WLDZ9mj43bbNDun4JL8fZfMXliluih010XURVCo"
    "ftFHECDZnWF7cg+VYVa8OPCcrSCzw6Mspmt8YpNnr15pi48AXC4Gjme7jzif+Rqcn63oai5MxBfg3FL8r2HWzgXAFa+W6hAj"
    "eglZRFmQ7iOMu8DxumD7LgxUj2YDxtzpTXLg4kandt3fcDB8BgkqhkiG9w0BBwEwHQYJYIZIAWUDBAEqBBBKR9TrfgTPqIEj"
    "an5HOc3mgFBRuIlYdiqqBOVCT4iPUB/Y7Vx5aTu4jC/bU1P6YzXujXPb6J2UUJ7VDAtjxfNyEx00B+yUigFt7niQHQ4W6Rsu"
    "rHX8KoY3zhg2TC1ImB7a6Q=="
)
OID_OF_AES_256 = bytes.fromhex("60864801650304012a")
OID_OF_RSA = bytes.fromhex("2a864886f70d010101")


def enclose(one: Dataset, content: bytes, syntax: str | None = ExplicitVRLittleEndian) -> None:
    item = Dataset()
    if syntax is not None:
        item.EncryptedContentTransferSyntaxUID = syntax
    item.EncryptedContent = content + b"\0" * (len(content) % 2)
    one.EncryptedAttributesSequence = [item]


def told(judgement: Judgement) -> list[tuple[str, Severity]]:
    return [(each.kind, each.severity) for each in judgement.findings]


def planted(kind: CanaryKind, value: str) -> Canary:
    return Canary(value=value, kind=kind, element="(0008,0080)", subject="study/1")


def test_an_envelope_for_a_recipient_passes(make_case: CaseMaker, study: Study) -> None:
    enclose(study.exported[0], AES)
    judgement = originals_encrypted(make_case(study.originals, study.exported))
    assert (judgement.examined, judgement.unit, judgement.findings) == (1, "envelopes", ())


def test_without_an_envelope_it_does_not_apply(make_case: CaseMaker, study: Study) -> None:
    assert originals_encrypted(make_case(study.originals, study.exported)).applicable is False
    nothing = originals_encrypted(make_case(study.originals, []))
    assert (nothing.examined, nothing.applicable) == (0, True)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "envelope-not-cms"),
        (b"\x10\x00\x10\x00\x08\x00\x00\x00DOE^JANE", "envelope-not-cms"),
        (AES.replace(OID_OF_AES_256, bytes.fromhex("608648016503040106")), "envelope-weak-cipher"),
        (AES.replace(OID_OF_RSA, bytes.fromhex("2a864886f70d010109")), "envelope-not-rsa"),
        (AES + b"DOE^JANE", "envelope-with-more-behind"),
        (AES[:-82] + AES[-82:].replace(b"\x80", b"\x81", 1), "envelope-empty"),
    ],
)
def test_whatever_is_not_as_the_standard_asks_fails(
    content: bytes, kind: str, make_case: CaseMaker, study: Study
) -> None:
    enclose(study.exported[0], content)
    judgement = originals_encrypted(make_case(study.originals, study.exported))
    assert told(judgement) == [(kind, Severity.FAIL)]


@pytest.mark.parametrize("syntax", [None, "", "1.2.3"])
def test_a_missing_transfer_syntax_fails(syntax: str | None, make_case: CaseMaker, study: Study) -> None:
    enclose(study.exported[0], AES, syntax)
    judgement = originals_encrypted(make_case(study.originals, study.exported))
    assert told(judgement) == [("envelope-without-transfer-syntax", Severity.FAIL)]


def test_an_empty_sequence_fails(make_case: CaseMaker, study: Study) -> None:
    study.exported[0].EncryptedAttributesSequence = []
    judgement = originals_encrypted(make_case(study.originals, study.exported))
    assert told(judgement) == [("envelope-missing", Severity.FAIL)]


def test_a_certificate_that_names_hospital_or_person_is_told(make_case: CaseMaker, study: Study) -> None:
    enclose(study.exported[0], AES)
    hospital = planted(CanaryKind.TEXT, "St Dymphna Infirmary")
    person = planted(CanaryKind.NAME, "Infirmary^Dymphna")
    for canary, expected in (
        (hospital, ("envelope-names-a-hospital", Severity.WARNING)),
        (person, ("envelope-names-a-person", Severity.FAIL)),
    ):
        case = make_case(study.originals, study.exported, canaries=[canary])
        assert told(originals_encrypted(case)) == [expected]


def test_an_envelope_that_came_in_and_goes_out_again_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    enclose(study.originals[0], AES)
    enclose(study.exported[0], AES)
    judgement = originals_encrypted(make_case(study.originals, study.exported))
    assert told(judgement) == [("envelope-of-the-original-kept", Severity.WARNING)]
