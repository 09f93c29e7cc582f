"""CMS enveloped data: what is sealed only its recipients open, and any bytes get an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms
from asn1crypto.algos import RSAESOAEPParams
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
    pkcs7_decrypt_der,
)
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.deidentify.envelope import CONTENT_CIPHERS, EnvelopeError, KeyTransport, candidates, seal

if TYPE_CHECKING:
    from tests.conftest import Holder

CONTENT = b"the originals of an instance"


@pytest.mark.parametrize("transport", KeyTransport)
@pytest.mark.parametrize("length", [0, 1, 15, 16, 4096])
def test_every_recipient_opens_it_and_nobody_else(
    holder: Holder, other_holder: Holder, transport: KeyTransport, length: int
) -> None:
    content = bytes(range(256)) * 16
    both = seal(content[:length], [holder.certificate, other_holder.certificate], transport)
    assert content[:length] in set(candidates(both, holder.key))
    assert content[:length] in set(candidates(both, other_holder.key))
    for_one = seal(content[:length], [holder.certificate], transport)
    assert length == 0 or content[:length] not in set(candidates(for_one, other_holder.key))


def test_the_content_is_in_aes_256_and_two_envelopes_share_nothing(holder: Holder) -> None:
    one, two = (seal(CONTENT, [holder.certificate], KeyTransport.PKCS1_V1_5) for _ in range(2))
    parsed = [cms.ContentInfo.load(each, strict=True)["content"] for each in (one, two)]
    for each in parsed:
        algorithm = each["encrypted_content_info"]["content_encryption_algorithm"]
        assert algorithm["algorithm"].native == "aes256_cbc"
    starts, contents, keys = (
        {
            each["encrypted_content_info"]["content_encryption_algorithm"]["parameters"].native
            for each in parsed
        },
        {each["encrypted_content_info"]["encrypted_content"].native for each in parsed},
        {each["recipient_infos"][0].chosen["encrypted_key"].native for each in parsed},
    )
    assert (len(starts), len(contents), len(keys)) == (2, 2, 2)
    assert CONTENT not in one


def test_the_issuer_is_named_only_where_there_is_no_key_identifier(
    holder: Holder, other_holder: Holder
) -> None:
    name = b"Recovery of originals"
    assert name not in seal(CONTENT, [holder.certificate], KeyTransport.PKCS1_V1_5)
    assert name in seal(CONTENT, [other_holder.certificate], KeyTransport.PKCS1_V1_5)


@pytest.mark.parametrize("cipher", [algorithms.AES128, algorithms.AES256])
def test_what_the_library_of_ciphers_seals_is_opened(
    holder: Holder, cipher: type[algorithms.AES128 | algorithms.AES256]
) -> None:
    builder = PKCS7EnvelopeBuilder().set_data(CONTENT).add_recipient(holder.certificate)
    envelope = builder.set_content_encryption_algorithm(cipher).encrypt(Encoding.DER, [PKCS7Options.Binary])
    assert list(candidates(envelope, holder.key)) == [CONTENT]


def test_what_is_sealed_the_library_of_ciphers_opens(other_holder: Holder) -> None:
    envelope = seal(CONTENT, [other_holder.certificate], KeyTransport.PKCS1_V1_5)
    assert pkcs7_decrypt_der(envelope, other_holder.certificate, other_holder.key, []) == CONTENT


def by_hand(holder: Holder, cipher: str, digest: hashes.HashAlgorithm | None = None) -> bytes:
    """Seal with any cipher, or with the default parameters of OAEP, by replacing parts of an envelope."""
    key = bytes(range(CONTENT_CIPHERS[cipher]))
    algorithm = TripleDES(key) if cipher == "tripledes_3key" else algorithms.AES(key)
    block = algorithm.block_size // 8
    padded = CONTENT + bytes([block - len(CONTENT) % block]) * (block - len(CONTENT) % block)
    encryptor = Cipher(algorithm, modes.CBC(bytes(block))).encryptor()
    info = cms.ContentInfo.load(seal(b"", [holder.certificate], KeyTransport.PKCS1_V1_5))
    content = info["content"]["encrypted_content_info"]
    content["content_encryption_algorithm"] = {"algorithm": cipher, "parameters": bytes(block)}
    content["encrypted_content"] = encryptor.update(padded) + encryptor.finalize()
    recipient = info["content"]["recipient_infos"][0].chosen
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    if digest is not None:
        defaults = RSAESOAEPParams.load(b"\x30\x00")
        scheme = padding.OAEP(padding.MGF1(digest), digest, None)
        recipient["key_encryption_algorithm"] = {"algorithm": "rsaes_oaep", "parameters": defaults}
    recipient["encrypted_key"] = holder.key.public_key().encrypt(key, scheme)
    envelope: bytes = info.dump(force=True)
    return envelope


@pytest.mark.parametrize("cipher", CONTENT_CIPHERS)
def test_all_ciphers_that_a_re_identifier_must_know_are_read(holder: Holder, cipher: str) -> None:
    assert list(candidates(by_hand(holder, cipher), holder.key)) == [CONTENT]


def test_oaep_without_parameters_means_sha_1(holder: Holder) -> None:
    assert list(candidates(by_hand(holder, "aes256_cbc", hashes.SHA1()), holder.key)) == [CONTENT]


def test_padding_after_the_envelope_does_not_count(holder: Holder) -> None:
    envelope = seal(CONTENT, [holder.certificate], KeyTransport.OAEP)
    assert list(candidates(envelope + b"\0", holder.key)) == [CONTENT]


def test_another_cipher_is_told(holder: Holder) -> None:
    info = cms.ContentInfo.load(seal(CONTENT, [holder.certificate], KeyTransport.OAEP))
    info["content"]["encrypted_content_info"]["content_encryption_algorithm"] = {"algorithm": "aes256_gcm"}
    with pytest.raises(EnvelopeError, match="encrypted with aes256_gcm; aes128_cbc"):
        list(candidates(info.dump(force=True), holder.key))


def test_signed_data_is_no_envelope(holder: Holder) -> None:
    info = cms.ContentInfo({"content_type": "data", "content": b"in the clear"})
    with pytest.raises(EnvelopeError, match="no CMS enveloped data"):
        list(candidates(info.dump(), holder.key))


@given(st.binary(max_size=300))
def test_any_bytes_are_no_envelope(holder: Holder, content: bytes) -> None:
    with pytest.raises(EnvelopeError):
        list(candidates(content, holder.key))


@given(position=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.integers(1, 10_000))
def test_a_damaged_envelope_gives_an_answer(holder: Holder, position: int, byte: int, cut: int) -> None:
    envelope = bytearray(seal(CONTENT, [holder.certificate], KeyTransport.OAEP))
    envelope[position % len(envelope)] = byte
    answered = 0
    for damaged in (bytes(envelope), bytes(envelope[: cut % len(envelope)])):
        try:
            answered += all(isinstance(each, bytes) for each in candidates(damaged, holder.key))
        except EnvelopeError:
            answered += 1
    assert answered == 2
