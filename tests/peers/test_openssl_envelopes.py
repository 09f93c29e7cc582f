"""Encrypted originals and openssl, an independent implementation of CMS: each opens what the other sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from foreign.ours import selected
from foreign.programs import find_program, run
from tce_harness.content import Content
from tce_harness.deidentify import (
    Deidentified,
    Deidentifier,
    KeyTransport,
    Pseudonyms,
    Recovery,
    find_policy,
    load_certificate,
    load_private_key,
    restore,
)
from tce_harness.objects.instance import encode_instance, read_instance

RECIPE = "ct-complete"
OAEP = ("-keyopt", "rsa_padding_mode:oaep")
OAEP_SHA_256 = (*OAEP, "-keyopt", "rsa_oaep_md:sha256")


def openssl(*arguments: str | Path) -> None:
    run(find_program("openssl", "openssl"), *arguments)


@dataclass(frozen=True, slots=True)
class Pair:
    """A private key and its certificate, and how openssl is to tell its holder in an envelope."""

    key: Path
    certificate: Path
    told_by: tuple[str, ...]


@pytest.fixture(scope="module", params=["key identifier", "issuer"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("pair")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    identified = request.param == "key identifier"
    extension = () if identified else ("-addext", "subjectKeyIdentifier=none")
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=recipient",
        "-keyout", key, "-out", certificate, *extension,
    )  # fmt: skip
    return Pair(key, certificate, ("-keyid",) if identified else ())


@pytest.fixture(scope="module")
def original() -> Dataset:
    return next(each.dataset for each in selected(RECIPE) if each.dataset.Modality == "CT")


def protect(original: Dataset, certificate: Path, transport: KeyTransport) -> Dataset:
    recovery = Recovery.of([load_certificate(certificate, datetime.now(UTC)).certificate], transport)
    policy = find_policy("basic", Content.with_overlays())
    outcome = Deidentifier(policy, Pseudonyms(b"a key of this test"), recovery).deidentify(original)
    assert isinstance(outcome, Deidentified), outcome
    return read_instance(encode_instance(outcome.dataset))


@pytest.mark.parametrize("transport", KeyTransport)
def test_openssl_opens_what_we_sealed(
    pair: Pair, original: Dataset, transport: KeyTransport, tmp_path: Path
) -> None:
    (item,) = protect(original, pair.certificate, transport).EncryptedAttributesSequence
    sealed, opened = tmp_path / "sealed.der", tmp_path / "opened"
    sealed.write_bytes(item.EncryptedContent)
    openssl(
        "cms", "-decrypt", "-inform", "DER", "-in", sealed, "-inkey", pair.key, "-recip", pair.certificate,
        "-binary", "-out", opened,
    )  # fmt: skip
    payload = read_dataset(BytesIO(opened.read_bytes()), is_implicit_VR=False, is_little_endian=True)
    (originals,) = payload.ModifiedAttributesSequence
    assert list(payload.keys()) == [0x04000550]
    assert originals.PatientName == original.PatientName
    assert originals.SOPInstanceUID == original.SOPInstanceUID


@pytest.mark.parametrize("options", [(), OAEP, OAEP_SHA_256, ("-stream",)], ids=" ".join)
@pytest.mark.parametrize("cipher", ["-aes128", "-aes192", "-aes256", "-des3"])
def test_we_open_what_openssl_sealed(
    pair: Pair, original: Dataset, cipher: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    output = protect(original, pair.certificate, KeyTransport.PKCS1_V1_5)
    originals, payload = Dataset(), Dataset()
    originals.PatientName = "Sealed^By^Openssl"
    payload.ModifiedAttributesSequence = [originals]
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, payload)
    plain, sealed = tmp_path / "plain", tmp_path / "sealed.der"
    plain.write_bytes(buffer.getvalue())
    openssl(
        "cms", "-encrypt", "-binary", "-outform", "DER", "-in", plain, "-out", sealed, cipher,
        *pair.told_by, "-recip", pair.certificate, *options,
    )  # fmt: skip
    content = sealed.read_bytes()
    output.EncryptedAttributesSequence[0].EncryptedContent = content + b"\0" * (len(content) % 2)
    restored = restore(read_instance(encode_instance(output)), load_private_key(pair.key))
    assert restored.PatientName == "Sealed^By^Openssl"
    assert restored.PatientIdentityRemoved == "NO"


def test_keys_and_certificates_of_openssl_in_every_dress_are_read(pair: Pair, tmp_path: Path) -> None:
    key, certificate = pair.key, pair.certificate
    numbers = load_private_key(key).private_numbers()
    der, locked, traditional = tmp_path / "c.der", tmp_path / "locked.pem", tmp_path / "traditional.pem"
    openssl("x509", "-in", certificate, "-outform", "DER", "-out", der)
    openssl("pkcs8", "-topk8", "-in", key, "-passout", "pass:secret", "-out", locked)
    openssl("rsa", "-in", key, "-traditional", "-aes256", "-passout", "pass:secret", "-out", traditional)
    now = datetime.now(UTC)
    assert load_certificate(der, now).certificate == load_certificate(certificate, now).certificate
    assert load_private_key(locked, b"secret").private_numbers() == numbers
    assert load_private_key(traditional, b"secret").private_numbers() == numbers
