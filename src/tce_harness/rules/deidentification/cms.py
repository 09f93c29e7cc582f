"""The outside of a CMS envelope (RFC 5652), read without a key: who may open it, how it is encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ENVELOPED_DATA = "1.2.840.113549.1.7.3"
RSA = frozenset({"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.7"})
"""RSA key transport by PKCS #1 version 1.5, and by OAEP."""
CIPHERS = frozenset(
    {
        "2.16.840.1.101.3.4.1.2", "2.16.840.1.101.3.4.1.22", "2.16.840.1.101.3.4.1.42",
        "1.2.840.113549.3.7",
    }
)  # fmt: skip
"""AES in CBC mode with keys of 128, 192 and 256 bits, and Triple-DES (PS3.15 section E.1.1)."""

_SEQUENCE, _SET, _OID, _OCTETS = 0x30, 0x31, 0x06, 0x04
_CONTEXT_0, _CONTEXT_0_PRIMITIVE = 0xA0, 0x80
_TEXTS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1A: "ascii", 0x1E: "utf-16-be"}
_INDEFINITE = 0x80
_END = b"\0\0"
_DEEPEST = 40


class NotCms(ValueError):
    """The bytes are no CMS envelope; the message says why."""


@dataclass(frozen=True, slots=True)
class Node:
    """One element of BER or DER.

    Parameters
    ----------
    content
        The bytes of a primitive element; none for a constructed one.
    children
        The elements of a constructed one.
    length
        Bytes that it takes, with its head.
    """

    tag: int
    content: bytes
    children: tuple[Node, ...]
    length: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the outside of an envelope tells.

    Parameters
    ----------
    recipients
        Object identifiers of the key encryption, one for each recipient by key transport; None in place of
        a recipient of another kind.
    cipher
        Object identifier of the content encryption.
    encrypted
        How many bytes are encrypted.
    texts
        Every text outside the encrypted content: names of issuers and of certificates.
    length
        Bytes of the envelope; what follows is no part of it.
    """

    recipients: tuple[str | None, ...]
    cipher: str
    encrypted: int
    texts: tuple[str, ...]
    length: int


def read_envelope(content: bytes) -> Envelope:
    """Return the outside of an envelope.

    Raises
    ------
    NotCms
        When the bytes are no ContentInfo with EnvelopedData.
    """
    root = _read(content, 0, 0)
    if root.tag != _SEQUENCE or len(root.children) < 2 or root.children[0].tag != _OID:
        raise NotCms("they are no ContentInfo")
    kind = oid(root.children[0].content)
    if kind != ENVELOPED_DATA:
        raise NotCms(f"their content type is {kind}, not enveloped data")
    parts = root.children[1].children[0].children if root.children[1].children else ()
    recipients = next((part for part in parts if part.tag == _SET), None)
    encrypted = next((part for part in parts if part.tag == _SEQUENCE), None)
    if recipients is None or encrypted is None or len(encrypted.children) < 2:
        raise NotCms("they hold no recipients or no encrypted content")
    algorithm = encrypted.children[1]
    return Envelope(
        recipients=tuple(_transport(each) for each in recipients.children),
        cipher=oid(algorithm.children[0].content) if algorithm.children else "",
        encrypted=sum(_octets(each) for each in encrypted.children[2:]),
        texts=tuple(text for part in parts if part is not encrypted for text in _texts(part)),
        length=root.length,
    )


def _transport(recipient: Node) -> str | None:
    """Return how a recipient's key is encrypted; None where it is not transported (RFC 5652 section 6.2)."""
    parts = recipient.children
    if recipient.tag != _SEQUENCE or len(parts) != 4 or not parts[2].children or parts[3].tag != _OCTETS:
        return None
    return oid(parts[2].children[0].content)


def _octets(node: Node) -> int:
    if node.tag not in (_CONTEXT_0, _CONTEXT_0_PRIMITIVE, _OCTETS):
        return 0
    return len(node.content) + sum(_octets(child) for child in node.children)


def _texts(node: Node) -> Iterator[str]:
    if node.tag in _TEXTS:
        yield node.content.decode(_TEXTS[node.tag], "replace")
    for child in node.children:
        yield from _texts(child)


def oid(content: bytes) -> str:
    """Return an object identifier in the notation of numbers and dots."""
    numbers: list[int] = []
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    if not numbers:
        return ""
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def _read(content: bytes, start: int, depth: int) -> Node:
    """Read one element of definite or indefinite length (ITU-T X.690 section 8.1)."""
    if depth > _DEEPEST or start + 2 > len(content):
        raise NotCms("they end too early, or are nested too deeply")
    tag, first = content[start], content[start + 1]
    if tag & 0x1F == 0x1F:
        raise NotCms("they use tags that CMS does not know")
    position = start + 2
    if first == _INDEFINITE:
        return _indefinite(content, start, position, depth)
    if first & 0x80:
        digits = content[position : position + (first & 0x7F)]
        position += len(digits)
        first = int.from_bytes(digits, "big")
    end = position + first
    if end > len(content):
        raise NotCms("they end too early")
    if not tag & 0x20:
        return Node(tag, content[position:end], (), end - start)
    children: list[Node] = []
    while position < end:
        children.append(_read(content, position, depth + 1))
        position += children[-1].length
    if position != end:
        raise NotCms("an element is longer than what holds it")
    return Node(tag, b"", tuple(children), end - start)


def _indefinite(content: bytes, start: int, position: int, depth: int) -> Node:
    children: list[Node] = []
    while content[position : position + 2] != _END:
        children.append(_read(content, position, depth + 1))
        position += children[-1].length
    return Node(content[start], b"", tuple(children), position + len(_END) - start)
