"""Envelopes that OpenSSL made for the throw-away certificate CN=Recovery key 7, O=St Dymphna Infirmary."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.rules.deidentification.cms import CIPHERS, RSA, NotCms, oid, read_envelope

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
TRIPLE_DES_STREAMED = base64.b64decode(
    "MIAGCSqGSIb3DQEHA6CAMIACAQAxggFsMIIBaAIBADBQMDgxFzAVBgNVBAMMDlJlY292ZXJ5IGtleSA3MR0wGwYDVQQKDBRT"
    "dCBEeW1waG5hIEluZmlybWFyeQIUXJdHUPeNBFt5ncV6p1g0yyR3QIwwDQYJKoZIhvcNAQEBBQAEggEAWSJjsvn83UjI33a3"
    "yVEkhAWc7mhENVTAyTQW03BkieE1xHwx2DFRiAWIKJUE1Dcm22v9mLt0t6dkzJVeIqPMj8DceJdhadRCyDEEt/IMhGfMAy9z"
    "5bhe4ngS4v5QiXKu9IZAnnllgmyuC7JUKc95+RjRyviGYFGYL9qTDRja46niyntqVbLp8DClyuJRRJ2xwcPIL3pugJYX33OR"
    "k4vD3S/w9CUGHTn8w+T7bLgMWxAoBmlnXm17Gett3Zs40OvRyrrexDiU2FBB3myolMynsTrMD9DiRMHLHyhHR/f498JF4SMP"
    "rItlJiweCZNsIu3IT+oh0k3yMkbuWl/TZbKTZDCABgkqhkiG9w0BBwEwFAYIKoZIhvcNAwcECBDLyPEaX0OxoIAEQJCZ3FmA"
    "Id38OM2DyQ0B6JQ+j4PkRxUJcUp4fE+LhiImaeRfJYY/2/xGWUmVmQc4pLm26EVQfxPYgepwzan644kECMWgfRsG1hxOAAAA"
    "AAAAAAAAAA=="
)
SINGLE_DES = base64.b64decode(
    "MIIB8AYJKoZIhvcNAQcDoIIB4TCCAd0CAQAxggFsMIIBaAIBADBQMDgxFzAVBgNVBAMMDlJlY292ZXJ5IGtleSA3MR0wGwYD"
    "VQQKDBRTdCBEeW1waG5hIEluZmlybWFyeQIUXJdHUPeNBFt5ncV6p1g0yyR3QIwwDQYJKoZIhvcNAQEBBQAEggEAX27c1l68"
    "IEbcWC98mZsU3uNLf62iTXqjyrL0m2q0R96gQy70eR2niPRe/3jXhA4mBZ3m+fcVy61EPMoRXVYxvNDr7Wlt+sq9s03zKkXC"
    "LYorhpXg2kFVDvUeO2o7zB7MkPiggDaaqC1e0uifPDzZbXpyMRVwxVCbZ1mxa01o2opAsHbjnnN8pptJgK0YgjiTXs/7CcCa"
    "8mkVMd/mPY9EpceooNqPB9dGpWjgKDGtiXoXd9Z6S94XUcE1liGy3Si65Upxq9cSxDt2ECeRbRJ40HMU3FBwCSpcWaX4i5yu"
    "8T8DzojOh+cwUCdGEIKth74RPce5pzkpPe6rUyMSkNhIeDBoBgkqhkiG9w0BBwEwEQYFKw4DAgcECPZCjq+Qm80ZgEg0TpgW"
    "/oVDxmxLlVpgVOa6Bte/CIlzH5Z31bsMIyN6pwF0u7zKh2gEp1QOku3qjf4Od/L8Sqq9yn0f/6OjbN9UjQj6dxCMz1o="
)
SIGNED = base64.b64decode(
    "MIIClgYJKoZIhvcNAQcCoIIChzCCAoMCAQExDTALBglghkgBZQMEAgEwCwYJKoZIhvcNAQcBMYICYDCCAlwCAQEwUDA4MRcw"
    "FQYDVQQDDA5SZWNvdmVyeSBrZXkgNzEdMBsGA1UECgwUU3QgRHltcGhuYSBJbmZpcm1hcnkCFFyXR1D3jQRbeZ3FeqdYNMsk"
    "d0CMMAsGCWCGSAFlAwQCAaCB5DAYBgkqhkiG9w0BCQMxCwYJKoZIhvcNAQcBMBwGCSqGSIb3DQEJBTEPFw0yNjExMjIxMTU5"
    "MjZaMC8GCSqGSIb3DQEJBDEiBCD1pf1C0WogMCeY727TCZebQwA9IyDZ8OjqmDGpJ1n7SzB5BgkqhkiG9w0BCQ8xbDBqMAsG"
    "CWCGSAFlAwQBKjALBglghkgBZQMEARYwCwYJYIZIAWUDBAECMAoGCCqGSIb3DQMHMA4GCCqGSIb3DQMCAgIAgDANBggqhkiG"
    "9w0DAgIBQDAHBgUrDgMCBzANBggqhkiG9w0DAgIBKDANBgkqhkiG9w0BAQEFAASCAQCG91AIxx5HqBt3MlpVNM1h91TNY5Z+"
    "GEeV3AllI1lXTcZm353Ml4WQZdywV5Q6mHYwblNznDfWNNlqr0O6ZG5lG/fZRtkwIPZqxpecvXxMR3ytwRA+jLtOQMmBtkDw"
    "66fmVetY5wxX6HWc0iz7d221e74ZjrVILqRajwo0ECuSNmEfmODqX/HuSAhuMwX/L5I0Z0MUa3RYrQGfG0psGy7MmnClYue7"
    "tDt+CtzSG4u4UPbCw6oOPga03ACkdeAYO5QgRFkoKZjBWNH1A/Pe1iBSkyh1xRkwH2LsHb5Qo/pIVPI8Lcr66+azCaK5kGnj"
    "7TvURHiR22jPC84h31dA7OHL"
)


@pytest.mark.parametrize("content", [AES, TRIPLE_DES_STREAMED])
def test_envelopes_of_definite_and_indefinite_length_are_read(content: bytes) -> None:
    envelope = read_envelope(content + b"\0")
    assert set(envelope.recipients) <= RSA
    assert envelope.cipher in CIPHERS
    assert envelope.encrypted in (72, 80)
    assert envelope.texts == ("Recovery key 7", "St Dymphna Infirmary")
    assert envelope.length == len(content)


def test_a_weak_cipher_is_told_by_its_identifier() -> None:
    assert read_envelope(SINGLE_DES).cipher == "1.3.14.3.2.7"


def test_signed_data_is_no_envelope() -> None:
    with pytest.raises(NotCms, match="not enveloped data"):
        read_envelope(SIGNED)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x30", b"\x30\x80", b"\x30\x05\x06\x01", b"\x1f\x01\x00", b"\x30\x80" * 60, b"plain text"],
)
def test_other_bytes_are_no_envelope(content: bytes) -> None:
    with pytest.raises(NotCms):
        read_envelope(content)


@given(st.binary(max_size=200), st.integers(0, len(AES) - 1), st.integers(0, 255))
def test_any_bytes_give_an_envelope_or_a_reason(content: bytes, at: int, byte: int) -> None:
    for each in (content, AES[:at], AES[:at] + bytes([byte]) + AES[at + 1 :]):
        try:
            length = read_envelope(each).length
        except NotCms:
            continue
        assert 0 < length <= len(each)


def test_identifiers_are_spelled_with_dots() -> None:
    assert oid(bytes.fromhex("2a864886f70d010703")) == "1.2.840.113549.1.7.3"
    assert oid(bytes.fromhex("883703")) == "2.999.3"
    assert oid(b"") == ""
