"""CMS enveloped data (RFC 5652 section 6): bytes that only the holders of private keys can read.

Structures come from asn1crypto, cryptography does the ciphers. The builder of the latter writes no OAEP and
reads neither AES-192 nor Triple-DES, which PS3.15 section E.1.2 asks a re-identifier to read.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from enum import StrEnum

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from tce_harness.model.errors import HarnessError

#: Content encryption that is read: key length in bytes. AES-256 is written.
CONTENT_CIPHERS = {"aes128_cbc": 16, "aes192_cbc": 24, "aes256_cbc": 32, "tripledes_3key": 24}
_WRITTEN = "aes256_cbc"
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
# What asn1crypto raises over bytes that are no CMS, and what the ciphers raise over wrong lengths and keys.
_FAULTS = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    RecursionError,
    UnsupportedAlgorithm,
)


class EnvelopeError(HarnessError):
    """Bytes that are no envelope, or one that cannot be opened."""


class KeyTransport(StrEnum):
    """How the content key is encrypted to a recipient's RSA key.

    Every reader of envelopes knows PKCS #1 v1.5 (RFC 3370); OAEP with SHA-256 (RFC 3560) is the stronger.
    """

    PKCS1_V1_5 = "pkcs1-v1.5"
    OAEP = "oaep"


def seal(content: bytes, certificates: Sequence[x509.Certificate], transport: KeyTransport) -> bytes:
    """Return DER of enveloped data, AES-256-CBC with a key of its own, for the holders of RSA certificates.

    A recipient is told by the subject key identifier where the certificate has one, as the name of its
    issuer, by which it is told otherwise, may name a hospital.
    """
    key, start = secrets.token_bytes(CONTENT_CIPHERS[_WRITTEN]), secrets.token_bytes(16)
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    encrypted = encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()
    recipients = [_recipient(certificate, key, transport) for certificate in certificates]
    by_identifier = any(each["version"].native == "v2" for each in recipients)
    enveloped = {
        "version": "v2" if by_identifier else "v0",
        "recipient_infos": [cms.RecipientInfo(name="ktri", value=each) for each in recipients],
        "encrypted_content_info": {
            "content_type": "data",
            "content_encryption_algorithm": {"algorithm": _WRITTEN, "parameters": start},
            "encrypted_content": encrypted,
        },
    }
    der: bytes = cms.ContentInfo({"content_type": "enveloped_data", "content": enveloped}).dump()
    return der


def key_identifier(certificate: x509.Certificate) -> bytes | None:
    """Return the subject key identifier of a certificate; None where it has none."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except (x509.ExtensionNotFound, ValueError):
        return None
    return found.value.digest


def _recipient(
    certificate: x509.Certificate, key: bytes, transport: KeyTransport
) -> cms.KeyTransRecipientInfo:
    public_key = certificate.public_key()
    if not isinstance(public_key, RSAPublicKey):
        raise EnvelopeError("the certificate holds no RSA key")
    identifier = key_identifier(certificate)
    if identifier is not None:
        version, name = "v2", cms.RecipientIdentifier(name="subject_key_identifier", value=identifier)
    else:
        parsed = asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
        issuer = {"issuer": parsed.issuer, "serial_number": parsed.serial_number}
        version, name = "v0", cms.RecipientIdentifier(name="issuer_and_serial_number", value=issuer)
    algorithm: dict[str, object] = {"algorithm": "rsaes_pkcs1v15"}
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    if transport is KeyTransport.OAEP:
        sha256 = {"algorithm": "sha256"}
        mask = {"algorithm": "mgf1", "parameters": sha256}
        parameters = {"hash_algorithm": sha256, "mask_gen_algorithm": mask}
        algorithm = {"algorithm": "rsaes_oaep", "parameters": parameters}
        scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return cms.KeyTransRecipientInfo(
        {
            "version": version,
            "rid": name,
            "key_encryption_algorithm": algorithm,
            "encrypted_key": public_key.encrypt(key, scheme),
        }
    )


def candidates(envelope: bytes, private_key: RSAPrivateKey) -> Iterator[bytes]:
    """Yield what an envelope may hold; the caller tells by the content which of them it does.

    The private key alone does not tell which recipient it is, so each is tried. A wrong one fails, or gives
    random bytes: the ciphers hide which, lest an attacker learn from it.

    Parameters
    ----------
    envelope
        DER or BER; bytes after it, such as padding, do not count.

    Raises
    ------
    EnvelopeError
        When the bytes are no enveloped data, or in a cipher that is not read.
    """
    try:
        recipients, cipher, start, encrypted = _parts(envelope)
    except _FAULTS:
        raise EnvelopeError("the encrypted content is no CMS enveloped data (RFC 5652)") from None
    if cipher not in CONTENT_CIPHERS:
        raise EnvelopeError(f"the content is encrypted with {cipher}; {', '.join(CONTENT_CIPHERS)} are read")
    for recipient in recipients:
        try:
            key = private_key.decrypt(recipient["encrypted_key"].native, _scheme(recipient))
            if len(key) == CONTENT_CIPHERS[cipher]:
                yield _decrypted(encrypted, key, cipher, start)
        except _FAULTS:
            continue


def _parts(envelope: bytes) -> tuple[list[cms.KeyTransRecipientInfo], str, bytes, bytes]:
    info = cms.ContentInfo.load(envelope, strict=False)
    if info["content_type"].native != "enveloped_data":
        raise ValueError("another type of content")
    enveloped = info["content"]
    content = enveloped["encrypted_content_info"]
    algorithm = content["content_encryption_algorithm"]
    name = algorithm["algorithm"].native
    start = algorithm["parameters"].native if name in CONTENT_CIPHERS else b""
    recipients = [each.chosen for each in enveloped["recipient_infos"] if each.name == "ktri"]
    return recipients, name, start, content["encrypted_content"].native or b""


def _scheme(recipient: cms.KeyTransRecipientInfo) -> padding.AsymmetricPadding:
    algorithm = recipient["key_encryption_algorithm"]
    if algorithm["algorithm"].native == "rsaes_pkcs1v15":
        return padding.PKCS1v15()
    if algorithm["algorithm"].native != "rsaes_oaep":
        raise ValueError("another key transport")
    parameters = algorithm["parameters"]
    mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
    hashed = parameters["hash_algorithm"]["algorithm"].native
    label = parameters["p_source_algorithm"]["parameters"].native
    return padding.OAEP(padding.MGF1(_HASHES[mask]()), _HASHES[hashed](), label or None)


def _decrypted(encrypted: bytes, key: bytes, cipher: str, start: bytes) -> bytes:
    algorithm = TripleDES(key) if cipher == "tripledes_3key" else algorithms.AES(key)
    decryptor = Cipher(algorithm, modes.CBC(start)).decryptor()
    unpadder = PKCS7(algorithm.block_size).unpadder()
    padded = decryptor.update(encrypted) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()
