"""Originals that travel in the instance, encrypted, and their way back (PS3.15 2026d E.1.1, E.1.2)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from tce_harness.deidentify.character_sets import CHARACTER_SET, set_character_set
from tce_harness.deidentify.envelope import EnvelopeError, KeyTransport, candidates, seal
from tce_harness.deidentify.outcome import CannotBeMadeSafe, Note, NoteKind
from tce_harness.deidentify.working_copy import elements_of, working_copy
from tce_harness.model.errors import HarnessError
from tce_harness.objects.elements import DECODING_ERRORS, items, spell_tag, text
from tce_harness.objects.instance import encode_instance, file_meta, read_instance

#: Longest encoded attribute that travels, in bytes.
LONGEST = 1 << 20
ENCRYPTED_ATTRIBUTES, MODIFIED_ATTRIBUTES = 0x04000500, 0x04000550
TEMPORAL_INFORMATION = 0x00280303
_PIXEL_GROUP = 0x7FE0
# What the de-identifier says of itself; a re-identifier sets it anew (rule R2)
_MARKING = frozenset({0x00120062, 0x00120063, 0x00120064})


class RecoveryError(HarnessError):
    """An instance whose originals cannot be restored; the text quotes none of its values."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Puts the originals of an instance into it, for the holders of some certificates alone.

    What travels is each attribute of the top level that the de-identifier removed or replaced, a sequence as
    a whole with all that was in it. What does not:

    - pixel data and whatever else is in group 7FE0;
    - an attribute whose encoding is longer than 1 MiB, such as a large encapsulated document, or that cannot
      be encoded; a note tells which;
    - file meta information, preamble, group lengths, bytes after the data set or the codestream;
    - what says that an earlier step had de-identified the instance, (0012,0062) to (0012,0064);
    - Specific Character Set: the text of the originals is in UTF-8, or ASCII, as that of the output.

    Encrypted attributes of an earlier step are removed like others, and travel.

    Parameters
    ----------
    certificates
        DER, of RSA keys. One envelope is for all of them.
    """

    certificates: tuple[bytes, ...]
    transport: KeyTransport = KeyTransport.PKCS1_V1_5

    @classmethod
    def of(
        cls, certificates: Sequence[x509.Certificate], transport: KeyTransport = KeyTransport.PKCS1_V1_5
    ) -> Recovery:
        """Return that for the holders of certificates; one that is given twice counts once."""
        encoded = (each.public_bytes(Encoding.DER) for each in certificates)
        return cls(tuple(dict.fromkeys(encoded)), transport)

    def protect(self, original: Dataset, output: Dataset, syntax: UID) -> list[Note]:
        """Add Encrypted Attributes Sequence (0400,0500) to what the de-identifier made of an instance.

        Parameters
        ----------
        syntax
            Of the instance. Big endian values stay so, all others are written in Explicit VR Little Endian.

        Returns
        -------
        list of Note
            The attributes that do not travel.

        Raises
        ------
        CannotBeMadeSafe
            When nothing can travel, so that the output could not be undone as it was asked for.
        """
        inner = ExplicitVRBigEndian if syntax == ExplicitVRBigEndian else ExplicitVRLittleEndian
        changed = [
            element
            for element in elements_of(working_copy(original))
            if _may_travel(int(element.tag)) and output.get(element.tag) != element
        ]
        content, left_out = _payload(changed, inner), list[DataElement]()
        if content is None or len(content) > LONGEST:
            left_out = [element for element in changed if not _fits(element, inner)]
            without = {element.tag for element in left_out}
            content = _payload([element for element in changed if element.tag not in without], inner)
        if content is None:
            raise CannotBeMadeSafe("the originals cannot be encoded to travel with the instance")
        certificates = [x509.load_der_x509_certificate(each) for each in self.certificates]
        envelope = seal(content, certificates, self.transport)
        item = Dataset()
        item.EncryptedContentTransferSyntaxUID = inner
        item.EncryptedContent = envelope + b"\0" * (len(envelope) % 2)
        output.EncryptedAttributesSequence = [item]
        return [
            Note(
                kind=NoteKind.NOT_RECOVERABLE,
                element=spell_tag(element.tag),
                detail="not among the originals",
            )
            for element in left_out
        ]


def _payload(elements: list[DataElement], syntax: UID) -> bytes | None:
    """Return a bare data set with originals in the one item of its sequence; None without an encoding."""
    originals, payload = Dataset({element.tag: element for element in elements}), Dataset()
    try:
        set_character_set(originals)
        payload.ModifiedAttributesSequence = [originals]
        return _encode(payload, syntax)
    except DECODING_ERRORS:
        return None


def _fits(element: DataElement, syntax: UID) -> bool:
    content = _payload([element], syntax)
    return content is not None and len(content) <= LONGEST


def _may_travel(tag: int) -> bool:
    group, number = tag >> 16, tag & 0xFFFF
    return group > 0x0007 and group != _PIXEL_GROUP and number != 0 and tag not in (CHARACTER_SET, *_MARKING)


def _encode(dataset: Dataset, syntax: UID) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = syntax.is_little_endian, syntax.is_implicit_VR
    write_dataset(buffer, dataset)
    return buffer.getvalue()


def _decode(content: bytes, syntax: UID, character_set: str) -> Dataset:
    if syntax == DeflatedExplicitVRLittleEndian:
        content = zlib.decompress(content, -zlib.MAX_WBITS)
    return read_dataset(
        BytesIO(content),
        is_implicit_VR=syntax == ImplicitVRLittleEndian,
        is_little_endian=syntax != ExplicitVRBigEndian,
        bytelength=len(content),
        parent_encoding=convert_encodings(character_set.split("\\") if character_set else None),
    )


def same_but_for_envelope(one: bytes, other: bytes) -> bool:
    """Tell whether two outputs are the same but for their envelopes, of which no two are alike."""
    if one == other:
        return True
    bare = []
    for dataset in map(read_instance, (one, other)):
        if ENCRYPTED_ATTRIBUTES not in dataset:
            return False
        del dataset[ENCRYPTED_ATTRIBUTES]
        bare.append(encode_instance(dataset))
    return bare[0] == bare[1]


# -- the way back


def restore(dataset: Dataset, private_key: RSAPrivateKey) -> Dataset:
    """Return an instance with its originals in place of what stood for them (rules R1 and R2).

    The first item of Encrypted Attributes Sequence (0400,0500) that the key opens is taken, and the sequence
    goes. Patient Identity Removed (0012,0062) is NO, (0012,0063) and (0012,0064) go; Longitudinal Temporal
    Information Modified (0028,0303), which speaks of what the de-identifier did, goes unless it is among the
    originals. What else the de-identifier added stays.

    Raises
    ------
    RecoveryError
        When the instance holds no originals, or none for this key.
    """
    originals = _opened(dataset, private_key)
    syntax = UID((getattr(dataset, "file_meta", None) or FileMetaDataset()).get("TransferSyntaxUID") or "")
    try:
        originals, restored = working_copy(originals), working_copy(dataset)
        for tag in (ENCRYPTED_ATTRIBUTES, TEMPORAL_INFORMATION, *_MARKING):
            if tag in restored:
                del restored[tag]
        for element in elements_of(originals):
            if _may_travel(int(element.tag)):
                restored[element.tag] = element
        restored.PatientIdentityRemoved = "NO"
        set_character_set(restored)
        restored.file_meta = file_meta(
            str(restored.SOPClassUID), str(restored.SOPInstanceUID), syntax or ExplicitVRLittleEndian
        )
    except DECODING_ERRORS as error:
        raise RecoveryError(f"the encrypted originals cannot be decoded ({type(error).__name__})") from None
    restored.preamble = b"\0" * 128
    return restored


def _opened(dataset: Dataset, private_key: RSAPrivateKey) -> Dataset:
    encrypted = items(dataset, "EncryptedAttributesSequence")
    if not encrypted:
        raise RecoveryError("it holds no encrypted originals (0400,0500)")
    reasons: list[str] = []
    for item in encrypted:
        syntax = UID(str(item.get("EncryptedContentTransferSyntaxUID") or ExplicitVRLittleEndian))
        try:
            for content in candidates(bytes(item.get("EncryptedContent") or b""), private_key):
                if (originals := _modified_attributes(content, syntax, dataset)) is not None:
                    return originals
            reasons.append("the private key opens none of the envelopes")
        except (EnvelopeError, TypeError) as error:
            reasons.append(str(error))
    raise RecoveryError("; ".join(dict.fromkeys(reasons)))


def _modified_attributes(content: bytes, syntax: UID, dataset: Dataset) -> Dataset | None:
    """Return the one item of Modified Attributes Sequence (0400,0550); None where the bytes are no such."""
    try:
        # text without a declaration of its own is in the character set of the instance around it
        decoded = _decode(content, syntax, text(dataset, "SpecificCharacterSet"))
        found = items(decoded, "ModifiedAttributesSequence")
    except DECODING_ERRORS:
        return None
    return found[0] if len(found) == 1 else None
