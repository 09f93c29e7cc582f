"""What holds for every test, and certificates of people who may recover originals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from hypothesis import settings

# A machine that is busy with other things makes a test slow, not wrong.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who may recover originals."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    def write_certificate(self, file: Path, encoding: Encoding = Encoding.PEM) -> Path:
        """Write the certificate; return the file."""
        file.write_bytes(self.certificate.public_bytes(encoding))
        return file

    def write_key(self, file: Path, password: bytes = b"", encoding: Encoding = Encoding.PEM) -> Path:
        """Write the private key; return the file."""
        lock: KeySerializationEncryption = BestAvailableEncryption(password) if password else NoEncryption()
        file.write_bytes(self.key.private_bytes(encoding, PrivateFormat.PKCS8, lock))
        return file


def _certify(
    key: rsa.RSAPrivateKey,
    *,
    identifier: bool = True,
    usage: x509.KeyUsage | None = None,
    valid: tuple[timedelta, timedelta] = (timedelta(days=-1), timedelta(days=365)),
) -> Holder:
    """Return a key with a certificate that it signed itself."""
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Recovery of originals")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + valid[0])
        .not_valid_after(now + valid[1])
    )
    if identifier:
        extension = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(extension, critical=False)
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    return Holder(key, builder.sign(key, hashes.SHA256()))


@pytest.fixture(scope="session")
def certify() -> Callable[..., Holder]:
    """Return a function that makes a certificate for a key."""
    return _certify


@pytest.fixture(scope="session")
def holder() -> Holder:
    """Return who has a certificate with a subject key identifier."""
    return _certify(rsa.generate_private_key(65537, 2048))


@pytest.fixture(scope="session")
def other_holder() -> Holder:
    """Return who has one without."""
    return _certify(rsa.generate_private_key(65537, 3072), identifier=False)
