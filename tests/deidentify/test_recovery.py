"""Originals travel encrypted and come back; whoever has no key learns nothing from them."""

from __future__ import annotations

import pickle
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from tce_harness.content import Content
from tce_harness.deidentify import Deidentified, Deidentifier, NoteKind, Policy, Pseudonyms, find_policy
from tce_harness.deidentify.envelope import KeyTransport, candidates, seal
from tce_harness.deidentify.recovery import Recovery, RecoveryError, restore, same_but_for_envelope
from tce_harness.objects.instance import encode_instance, read_instance

if TYPE_CHECKING:
    from tests.conftest import Holder

MARKING = {"PatientIdentityRemoved"}


def protected(
    dataset: Dataset, policy: Policy, *holders: Holder, transport: KeyTransport = KeyTransport.PKCS1_V1_5
) -> Deidentified:
    """De-identify an instance as a file would be, its originals encrypted."""
    recovery = Recovery.of([each.certificate for each in holders], transport)
    outcome = Deidentifier(policy, Pseudonyms(b"a key of sixteen and more"), recovery).deidentify(dataset)
    assert isinstance(outcome, Deidentified), outcome
    return outcome


def as_file(dataset: Dataset) -> Dataset:
    """Return a data set as it comes from its file, with a character set that its text fits."""
    if not str(dataset).isascii():
        dataset.SpecificCharacterSet = "ISO_IR 192"
    return read_instance(encode_instance(dataset))


def values(dataset: Dataset) -> dict[str, object]:
    return {
        str(element.tag): element.value
        for element in dataset
        if element.keyword not in ("SpecificCharacterSet", "PatientIdentityRemoved")
    }


@pytest.mark.parametrize("transport", KeyTransport)
@pytest.mark.parametrize("which", range(8))
def test_the_originals_come_back_as_they_were(
    everything: tuple[Dataset, ...], which: int, teaching: Policy, holder: Holder, transport: KeyTransport
) -> None:
    original = as_file(everything[which])
    output = as_file(protected(original, teaching, holder, transport=transport).dataset)
    assert output.PatientIdentityRemoved == "YES"
    assert output.PatientName != original.PatientName
    restored = as_file(restore(output, holder.key))
    assert values(restored) == values(original)
    assert restored.PatientIdentityRemoved == "NO"
    assert "DeidentificationMethod" not in restored
    assert "DeidentificationMethodCodeSequence" not in restored
    assert "EncryptedAttributesSequence" not in restored
    assert restored.file_meta.MediaStorageSOPInstanceUID == original.SOPInstanceUID


def test_what_is_in_the_envelope_is_one_item_in_a_bare_data_set(
    ct: Dataset, basic: Policy, holder: Holder
) -> None:
    output = protected(ct, basic, holder).dataset
    (item,) = output.EncryptedAttributesSequence
    assert item.EncryptedContentTransferSyntaxUID == ExplicitVRLittleEndian
    assert item["EncryptedContent"].VR == "OB"
    assert len(item.EncryptedContent) % 2 == 0
    (content,) = candidates(item.EncryptedContent, holder.key)
    assert content[:8] == b"\x00\x04\x50\x05SQ\0\0"  # (0400,0550), no preamble before it
    assert content.count(b"\xfe\xff\x00\xe0") >= 1
    assert b"Hand^Peter^Aurelius" in content
    assert ct.PixelData[:64] not in content


def test_nothing_of_the_originals_can_be_read_without_the_key(
    everything: tuple[Dataset, ...], teaching: Policy, holder: Holder, other_holder: Holder
) -> None:
    for dataset in everything:
        output = protected(dataset, teaching, holder).dataset
        content = encode_instance(output)
        for secret in (b"Hand^Peter", b"9991234564", str(dataset.SOPInstanceUID).encode()):
            assert secret not in content
        with pytest.raises(RecoveryError, match="the private key opens none of the envelopes"):
            restore(output, other_holder.key)


def test_each_of_several_recipients_can_go_back(
    ct: Dataset, basic: Policy, holder: Holder, other_holder: Holder
) -> None:
    output = protected(ct, basic, holder, other_holder, holder).dataset
    for each in (holder, other_holder):
        assert restore(output, each.key).PatientName == ct.PatientName


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_originals_of_other_transfer_syntaxes_come_back(
    ct: Dataset, basic: Policy, holder: Holder, syntax: UID
) -> None:
    if syntax == ExplicitVRBigEndian:
        ct.PixelData = bytes(len(ct.PixelData))
    ct.file_meta.TransferSyntaxUID = syntax
    original = as_file(ct)
    output = as_file(protected(original, basic, holder).dataset)
    restored = as_file(restore(output, holder.key))
    assert restored.file_meta.TransferSyntaxUID == syntax
    assert values(restored) == values(original)


def test_text_of_any_character_set_comes_back(ct: Dataset, basic: Policy, holder: Holder) -> None:
    ct.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    ct.PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    original = read_instance(encode_instance(ct))
    output = as_file(protected(original, basic, holder).dataset)
    assert "SpecificCharacterSet" not in output
    restored = as_file(restore(output, holder.key))
    assert restored.SpecificCharacterSet == "ISO_IR 192"
    assert restored.PatientName == original.PatientName
    assert restored.PatientName.ideographic == "山田^太郎"


def test_private_attributes_come_back_with_their_creator(ct: Dataset, basic: Policy, holder: Holder) -> None:
    ct.private_block(0x0011, "ACME 1.0", create=True).add_new(1, "LO", "for Mr Hand")
    output = as_file(protected(as_file(ct), basic, holder).dataset)
    assert not [element for element in output if element.tag.is_private]
    assert as_file(restore(output, holder.key)).private_block(0x0011, "ACME 1.0")[1].value == "for Mr Hand"


def test_what_is_too_long_does_not_travel_and_is_told(ct: Dataset, basic: Policy, holder: Holder) -> None:
    ct.ImageComments = "x" * ((1 << 20) + 1)
    outcome = protected(ct, basic, holder)
    notes = [note.element for note in outcome.notes if note.kind is NoteKind.NOT_RECOVERABLE]
    assert notes == ["(0020,4000)"]
    restored = restore(outcome.dataset, holder.key)
    assert "ImageComments" not in restored
    assert restored.PatientName == ct.PatientName


def test_what_cannot_be_encoded_does_not_travel_and_is_told(
    ct: Dataset, basic: Policy, holder: Holder
) -> None:
    block = ct.private_block(0x0011, "ACME 1.0", create=True)
    block.add_new(1, "US", "no number")  # as no file could have it
    outcome = protected(ct, basic, holder)
    notes = [note.element for note in outcome.notes if note.kind is NoteKind.NOT_RECOVERABLE]
    assert notes == ["(0011,1101)"]
    assert restore(outcome.dataset, holder.key).PatientName == ct.PatientName


def test_many_attributes_together_may_be_long(ct: Dataset, basic: Policy, holder: Holder) -> None:
    block = ct.private_block(0x0011, "ACME 1.0", create=True)
    for number in range(1, 4):
        block.add_new(number, "OB", bytes([number]) * 500_000)
    outcome = protected(ct, basic, holder)
    assert not [note for note in outcome.notes if note.kind is NoteKind.NOT_RECOVERABLE]
    restored = restore(as_file(outcome.dataset), holder.key).private_block(0x0011, "ACME 1.0")
    assert [restored[number].value[:1] for number in range(1, 4)] == [b"\1", b"\2", b"\3"]


def test_an_earlier_envelope_goes_and_comes_back(
    ct: Dataset, basic: Policy, holder: Holder, other_holder: Holder
) -> None:
    first = as_file(protected(ct, basic, holder).dataset)
    second = as_file(protected(first, basic, other_holder).dataset)
    with pytest.raises(RecoveryError):
        restore(second, holder.key)
    back = as_file(restore(second, other_holder.key))
    assert back.PatientName == first.PatientName
    assert restore(back, holder.key).PatientName == ct.PatientName


def test_without_recovery_an_earlier_envelope_is_gone(ct: Dataset, basic: Policy, holder: Holder) -> None:
    first = as_file(protected(ct, basic, holder).dataset)
    second = Deidentifier(basic, Pseudonyms(b"a key of sixteen and more")).deidentify(first)
    assert isinstance(second, Deidentified)
    assert "EncryptedAttributesSequence" not in second.dataset


def foreign(
    dataset: Dataset, holder: Holder, content: bytes, syntax: UID = ExplicitVRLittleEndian
) -> Dataset:
    """Return an output in whose envelope another program put some bytes."""
    item = Dataset()
    item.EncryptedContentTransferSyntaxUID = syntax
    item.EncryptedContent = seal(content, [holder.certificate], KeyTransport.PKCS1_V1_5)
    dataset.EncryptedAttributesSequence = [item]
    return dataset


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_envelopes_of_other_programs_may_be_in_any_syntax(ct: Dataset, holder: Holder, syntax: UID) -> None:
    payload, originals = Dataset(), Dataset()
    originals.PatientName = "Öberg"  # in the character set of the instance, which is declared there alone
    payload.ModifiedAttributesSequence = [originals]
    payload.SpecificCharacterSet = ct.SpecificCharacterSet = "ISO_IR 100"
    buffer = BytesIO()
    whole = Dataset(payload)
    whole.save_as(buffer, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian)
    content = buffer.getvalue()
    # without the declaration before it
    content = content[
        content.index(b"\x04\x00\x05\x50" if syntax == ExplicitVRBigEndian else b"\x00\x04\x50\x05") :
    ]
    if syntax == DeflatedExplicitVRLittleEndian:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        content = packer.compress(content) + packer.flush()
    assert restore(foreign(ct, holder, content, syntax), holder.key).PatientName == "Öberg"


@pytest.mark.parametrize("content", [b"", b"no data set", b"\x10\x00\x10\x00PN\x04\x00Hand", b"\xff" * 64])
def test_an_envelope_with_something_else_in_it_is_refused(
    ct: Dataset, holder: Holder, content: bytes
) -> None:
    with pytest.raises(RecoveryError, match="opens none of the envelopes"):
        restore(foreign(ct, holder, content), holder.key)


def test_an_instance_without_originals_is_refused(ct: Dataset, holder: Holder) -> None:
    with pytest.raises(RecoveryError, match="it holds no encrypted originals"):
        restore(ct, holder.key)


def test_broken_encrypted_content_is_told(ct: Dataset, holder: Holder) -> None:
    foreign(ct, holder, b"")
    ct.EncryptedAttributesSequence[0].EncryptedContent = b"\x30\x80 no CMS"
    with pytest.raises(RecoveryError, match="no CMS enveloped data"):
        restore(ct, holder.key)


def test_the_second_item_may_be_ours(
    ct: Dataset, basic: Policy, holder: Holder, other_holder: Holder
) -> None:
    output = protected(ct, basic, holder).dataset
    (ours,) = output.EncryptedAttributesSequence
    foreign(output, other_holder, b"something else")
    output.EncryptedAttributesSequence.append(ours)
    assert restore(output, holder.key).PatientName == ct.PatientName


def test_a_recovery_travels_to_another_process(ct: Dataset, basic: Policy, holder: Holder) -> None:
    recovery = pickle.loads(pickle.dumps(Recovery.of([holder.certificate])))
    outcome = Deidentifier(basic, Pseudonyms.with_random_key(), recovery).deidentify(ct)
    assert isinstance(outcome, Deidentified)
    assert restore(outcome.dataset, holder.key).PatientName == ct.PatientName


def test_the_short_way_is_not_taken_past_the_envelope(ct: Dataset, basic: Policy, holder: Holder) -> None:
    content = encode_instance(ct)
    pseudonyms = Pseudonyms.with_random_key()
    assert Deidentifier(basic, pseudonyms).rewrite(content) is not None
    assert Deidentifier(basic, pseudonyms, Recovery.of([holder.certificate])).rewrite(content) is None


def test_two_envelopes_do_not_make_two_instances(ct: Dataset, basic: Policy, holder: Holder) -> None:
    one, two = (encode_instance(protected(ct, basic, holder).dataset) for _ in range(2))
    assert one != two
    assert same_but_for_envelope(one, two)
    ct.Rows = 127
    assert not same_but_for_envelope(one, encode_instance(protected(ct, basic, holder).dataset))
    assert not same_but_for_envelope(one, encode_instance(ct))


@pytest.mark.parametrize("name", ["rcr", "clinical-trial", "stage-1-pseudonymise"])
def test_originals_come_back_from_every_policy(
    ct: Dataset, content: Content, holder: Holder, name: str
) -> None:
    original = as_file(ct)
    output = as_file(protected(original, find_policy(name, content), holder).dataset)
    restored = values(as_file(restore(output, holder.key)))
    assert {tag: restored.get(tag) for tag in values(original)} == values(original)
