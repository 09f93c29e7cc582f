from __future__ import annotations

from collections.abc import Callable

from pydicom.dataset import Dataset

Apply = Callable[..., Dataset]


def test_originals_stand_in_the_sequence_for_encrypted_ones(
    apply: Apply, image: Dataset, original: Dataset
) -> None:
    sent = apply([{"enclose": ["(0010,0020)", "(0010,4000)"]}], image, original)
    content = sent.EncryptedAttributesSequence[0].EncryptedContent
    assert b"9990001" in content
    assert len(content) % 2 == 0


def test_scrambled_originals_are_not_read_at_sight(apply: Apply, image: Dataset, original: Dataset) -> None:
    sent = apply([{"enclose": {"element": "(0010,0020)", "how": "scrambled"}}], image, original)
    content = sent.EncryptedAttributesSequence[0].EncryptedContent
    assert b"9990001" not in content
    assert b"9990001" in bytes(byte ^ 0x55 for byte in content)


def test_without_the_originals_nothing_is_enclosed(apply: Apply, image: Dataset) -> None:
    assert "EncryptedAttributesSequence" not in apply([{"enclose": "(0010,0020)"}], image)
