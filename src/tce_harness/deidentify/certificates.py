"""Certificates and private keys of those who may recover originals, with every reason against one told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from tce_harness.deidentify.envelope import key_identifier
from tce_harness.model.errors import HarnessError

SHORTEST_RSA_KEY = 2048
_PEM = b"-----BEGIN"


class CertificateError(HarnessError):
    """A certificate or private key that will not do."""


@dataclass(frozen=True, slots=True)
class LoadedCertificate:
    """A certificate that can be used, and what its user should know of it."""

    certificate: x509.Certificate
    warnings: tuple[str, ...]


def load_certificate(file: Path, now: datetime) -> LoadedCertificate:
    """Read the certificate of one recipient, PEM or DER.

    Parameters
    ----------
    now
        With its time zone. A certificate that has expired is used with a warning: its key is as good as
        before, only nobody vouches any more for whose it is.

    Raises
    ------
    CertificateError
        When the file holds none or several, its key is not RSA or shorter than 2048 bits.
    """
    content = _read(file)
    certificate = _certificate(file, content)
    try:
        public_key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError(
            f"{file}: the key of the certificate is of no known kind; RSA is needed"
        ) from None
    if not isinstance(public_key, RSAPublicKey):
        raise CertificateError(
            f"{file}: the certificate is not for an RSA key, and PS3.15 section E.1.1 asks for RSA"
        )
    if public_key.key_size < SHORTEST_RSA_KEY:
        raise CertificateError(
            f"{file}: the RSA key has {public_key.key_size} bits; fewer than {SHORTEST_RSA_KEY} can be broken"
        )
    return LoadedCertificate(certificate, tuple(f"{file}: {text}" for text in _warnings(certificate, now)))


def _certificate(file: Path, content: bytes) -> x509.Certificate:
    try:
        if _PEM not in content:
            return x509.load_der_x509_certificate(content)
        found = x509.load_pem_x509_certificates(content)
    except ValueError:
        hint = "; this is a private key, which stays with the recipient" if b"PRIVATE KEY" in content else ""
        raise CertificateError(f"{file}: there is no certificate in it{hint}") from None
    if len(found) != 1:
        raise CertificateError(f"{file}: {len(found)} certificates; give the recipient's own in a file alone")
    return found[0]


def _warnings(certificate: x509.Certificate, now: datetime) -> list[str]:
    told = []
    if now > certificate.not_valid_after_utc:
        told.append(f"the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}")
    if now < certificate.not_valid_before_utc:
        told.append(f"the certificate is valid only from {certificate.not_valid_before_utc:%Y-%m-%d}")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not usage.key_encipherment:
            told.append("the certificate is not meant for the encryption of keys (key usage)")
    except (x509.ExtensionNotFound, ValueError):
        pass  # without the extension it is meant for anything
    if key_identifier(certificate) is None:
        told.append("without a subject key identifier, the name of the issuer stands readable in each output")
    return told


def load_private_key(file: Path, password: bytes | None = None) -> RSAPrivateKey:
    """Read a recipient's private key, PEM or DER.

    Raises
    ------
    CertificateError
        When it is none, not RSA, or the password is wrong, missing or one too many.
    """
    content = _read(file)
    load = load_pem_private_key if _PEM in content else load_der_private_key
    try:
        key = load(content, password)
    except TypeError:
        hint = "it has no password" if password else "it needs its password (--password-file FILE)"
        raise CertificateError(f"{file}: {hint}") from None
    except (ValueError, UnsupportedAlgorithm):
        hint = "the password is wrong, or it is no private key" if password else "it is no private key"
        raise CertificateError(f"{file}: {hint}") from None
    if not isinstance(key, RSAPrivateKey):
        raise CertificateError(f"{file}: it is no RSA key")
    return key


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CertificateError(f"{file} cannot be read: {error.strerror}") from None
