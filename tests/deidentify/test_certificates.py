"""Certificates and keys: right ones are taken, of wrong ones the reason is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tce_harness.deidentify.certificates import CertificateError, load_certificate, load_private_key

if TYPE_CHECKING:
    from tests.conftest import Holder

NOW = datetime.now(UTC)
ENCIPHERMENT, SIGNATURE = (
    x509.KeyUsage(
        digital_signature=not encipher, key_encipherment=encipher, content_commitment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )
    for encipher in (True, False)
)  # fmt: skip


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_certificate_is_read_as_pem_and_der(tmp_path: Path, holder: Holder, encoding: Encoding) -> None:
    loaded = load_certificate(holder.write_certificate(tmp_path / "one", encoding), NOW)
    assert loaded.certificate == holder.certificate
    assert loaded.warnings == ()


def test_without_key_identifier_the_user_is_told_what_stands_in_the_output(
    tmp_path: Path, other_holder: Holder
) -> None:
    (warning,) = load_certificate(other_holder.write_certificate(tmp_path / "one.pem"), NOW).warnings
    assert "the name of the issuer stands readable in each output" in warning


@pytest.mark.parametrize(
    ("days", "warning"), [(366, "the certificate expired on "), (-2, "the certificate is valid only from ")]
)
def test_a_certificate_out_of_its_time_is_a_warning(
    tmp_path: Path, holder: Holder, days: int, warning: str
) -> None:
    file = holder.write_certificate(tmp_path / "one.pem")
    (told,) = load_certificate(file, NOW + timedelta(days=days)).warnings
    assert told.startswith(f"{file}: {warning}")


def test_a_certificate_for_signatures_is_a_warning(
    tmp_path: Path, holder: Holder, certify: Callable[..., Holder]
) -> None:
    file = certify(holder.key, usage=SIGNATURE).write_certificate(tmp_path / "one.pem")
    (told,) = load_certificate(file, NOW).warnings
    assert "not meant for the encryption of keys" in told
    file = certify(holder.key, usage=ENCIPHERMENT).write_certificate(tmp_path / "two.pem")
    assert load_certificate(file, NOW).warnings == ()


def test_a_short_key_is_refused(tmp_path: Path, certify: Callable[..., Holder]) -> None:
    short = certify(rsa.generate_private_key(65537, 1024))
    with pytest.raises(CertificateError, match="1024 bits; fewer than 2048"):
        load_certificate(short.write_certificate(tmp_path / "short.pem"), NOW)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    file = tmp_path / "ec.pem"
    file.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    with pytest.raises(CertificateError, match="not for an RSA key"):
        load_certificate(file, NOW)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(CertificateError, match="it is no RSA key"):
        load_private_key(file)


def test_what_is_no_certificate_is_told(tmp_path: Path, holder: Holder) -> None:
    file = tmp_path / "some.pem"
    for content, told in (
        (b"", "there is no certificate in it"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "there is no certificate in it"),
        (holder.certificate.public_bytes(Encoding.PEM) * 2, "2 certificates; give the recipient's own"),
    ):
        file.write_bytes(content)
        with pytest.raises(CertificateError, match=told):
            load_certificate(file, NOW)
    with pytest.raises(CertificateError, match="this is a private key, which stays with the recipient"):
        load_certificate(holder.write_key(file), NOW)
    with pytest.raises(CertificateError, match="cannot be read"):
        load_certificate(tmp_path / "none.pem", NOW)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize("password", [b"", b"secret"])
def test_a_private_key_is_read(tmp_path: Path, holder: Holder, encoding: Encoding, password: bytes) -> None:
    file = holder.write_key(tmp_path / "key", password, encoding)
    assert load_private_key(file, password or None).private_numbers() == holder.key.private_numbers()


def test_a_private_key_that_cannot_be_used_is_told(tmp_path: Path, holder: Holder) -> None:
    locked = holder.write_key(tmp_path / "locked.pem", b"secret")
    free = holder.write_key(tmp_path / "free.pem")
    certificate = holder.write_certificate(tmp_path / "certificate.pem")
    for file, password, told in (
        (locked, None, "it needs its password"),
        (locked, b"wrong", "the password is wrong"),
        (free, b"secret", "it has no password"),
        (certificate, None, "it is no private key"),
        (tmp_path / "none.pem", None, "cannot be read"),
    ):
        with pytest.raises(CertificateError, match=told):
            load_private_key(file, password)
