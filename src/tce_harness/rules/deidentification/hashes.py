"""Replacements that are unkeyed hashes of what they replace: a dictionary of originals turns them back."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.pairing import Pair
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.findings import finding, why_no_pairs
from tce_harness.rules.deidentification.original_uids import is_well_known
from tce_harness.rules.deidentification.places import Place, places, text_value, texts
from tce_harness.rules.deidentification.plan import Plan, plan_for
from tce_harness.rules.deidentification.uid_map import uid_map
from tce_harness.rules.registry import rule

_PATIENT_LEVEL = (0x00100020, 0x00100010, 0x00101000)
_IDENTIFIER_VRS = frozenset({"LO", "SH", "PN", "ST", "LT", "UT", "UC"})
#: What a de-identifier adds may be made of the patient's number too, whether a row names it or not.
_ADDED_VRS = _IDENTIFIER_VRS | {"UI", "UR", "UN"}

#: Fewer digits or letters than these are met by chance among the many forms that are tried.
_FEWEST_DIGITS_OF_A_UID, _FEWEST_DIGITS, _FEWEST_LETTERS = 12, 10, 8
_NAMESPACES = (
    ("DNS", uuid.NAMESPACE_DNS.bytes), ("URL", uuid.NAMESPACE_URL.bytes), ("OID", uuid.NAMESPACE_OID.bytes),
    ("X.500", uuid.NAMESPACE_X500.bytes), ("nil", uuid.UUID(int=0).bytes),
)  # fmt: skip
_MAKERS = {"md5": hashlib.md5, "sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}
_ALGORITHMS = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512"}
_AS_UUID = (("md5", 3), ("md5", 4), ("sha1", 4), ("sha1", 5), ("sha256", 4), ("sha256", 5))
_VERSIONS, _UUID_ROOT = frozenset({3, 4, 5}), "2.25."
_IN_NAMESPACE = ((3, "md5"), (5, "sha1"))
_NUMBERS_OF_BYTES = (8, 10, 12, 15, 16, 20)
_UUID_BYTES = 16
_LENGTHS_OF_DIGESTS = (16, 20, 32, 64)
_MORE_THAN_ANY = 256
_Order = Literal["big", "little"]
_ORDERS: tuple[_Order, ...] = ("big", "little")

Digest = tuple[str, bytes]


@rule("deid/no-unkeyed-hash", judges="PS315-D19")
def no_unkeyed_hash(case: CaseEvidence) -> Judgement:
    """Try the common hashes of each original UID and identifier against what replaced it."""
    findings = [*_uids(case)]
    examined = sum(len(new) for new in uid_map(case).forward.values())
    plan = plan_for(case.claims)
    told: set[tuple[int, str]] = set()
    for pair in case.pairing.pairs:
        for place, new, candidates in _identifiers(pair, plan):
            examined += 1
            made = _uid_of_identifier if place.element.VR == "UI" else hashed_as
            how = next((how for old in candidates if (how := made(old, new))), None)
            if how is not None and (place.tag, new) not in told:
                told.add((place.tag, new))
                findings.append(_identifier_finding(pair, place, new, how))
    reason = None if examined else why_no_pairs(case)
    return Judgement(examined=examined, unit="replacements", findings=tuple(findings), reason=reason)


def _uids(case: CaseEvidence) -> Iterator[Finding]:
    for old, replacements in uid_map(case).forward.items():
        for new, seen in replacements.items():
            how = uid_hashed_as(old, new) if new != old else None
            if how is not None:
                yield Finding(
                    kind="uid-hash-of-original",
                    severity=Severity.WARNING,
                    message=f"the new UID is the {how} of the original's, without a key: whoever holds a "
                    "list of originals can turn it back",
                    subject=seen.subject,
                    element=seen.path,
                    expected="a UID that is random, or made with a secret key",
                    observed=new,
                )


def _identifiers(pair: Pair, plan: Plan) -> Iterator[tuple[Place, str, tuple[str, ...]]]:
    """Yield each value that replaced an identifier or was added, and of what originals it may be made."""
    before = places(pair.original).by_tags
    patient = tuple(
        value
        for tag in _PATIENT_LEVEL
        for value in text_value(pair.original.dataset, tag).split("\\")
        if value
    )
    for tags, found in places(pair.subject).by_tags.items():
        added = tags not in before
        if found[0].element.VR not in _ADDED_VRS if added else not _is_identifier(found[0], plan):
            continue
        own = frozenset(text for place in before.get(tags, ()) for text in texts(place.element))
        for place in found:
            for new in texts(place.element):
                if new not in own and not is_well_known(new):
                    yield place, new, (*sorted(own), *patient)


def _is_identifier(place: Place, plan: Plan) -> bool:
    return place.element.VR in _IDENTIFIER_VRS and plan.row(place.tag) is not None


def _identifier_finding(pair: Pair, place: Place, new: str, how: str) -> Finding:
    return finding(
        "identifier-hash-of-original",
        pair.subject,
        f"the new value is the {how} of an original value, without a key: there are few enough identifiers "
        "to try them all",
        element=place.path,
        row=place.row,
        expected="a value that is random, or made with a secret key",
        observed=new,
    )


def uid_hashed_as(old: str, new: str) -> str | None:
    """Return of which hash of a UID another UID is written, in decimal under any root; None where of none.

    Parameters
    ----------
    old, new
        Two UIDs without padding.
    """
    tails = _tails(new)
    if not tails:
        return None
    numbers = {int(tail) for tail in tails}
    wholes = frozenset(
        _in_bytes(number, length, order)
        for number in numbers
        for length in _LENGTHS_OF_DIGESTS
        for order in _ORDERS
    )
    ends = tuple(_in_bytes(number, length, "big") for number in numbers for length in _NUMBERS_OF_BYTES)
    for name, digest in _digests((old, f"{old}\0"), _versions_in(new)):
        if digest in wholes or (_may_be_cut(digest) and (digest.startswith(ends) or digest.endswith(ends))):
            return name
        whole = str(int.from_bytes(digest, "big"))
        if whole.startswith(tails) or whole.endswith(tails):
            return name
    return None


def _versions_in(uid: str) -> frozenset[int]:
    """Return the versions of UUIDs that a UID may be made of: under 2.25 those of its own bits.

    What stands there is a whole UUID (PS3.5 section B.2); under other roots it may be cut.
    """
    number = uid.removeprefix(_UUID_ROOT)
    if number == uid or not number.isdigit() or int(number).bit_length() > 8 * _UUID_BYTES:
        return _VERSIONS
    in_orders = (int(number).to_bytes(_UUID_BYTES, order) for order in _ORDERS)
    return frozenset(digest[6] >> 4 for digest in in_orders if _is_uuid(digest))


_uid_of_identifier = lru_cache(maxsize=4096)(uid_hashed_as)


def _in_bytes(number: int, length: int, order: _Order) -> bytes:
    """Return a number in so many bytes; one that is too large in more than any digest has."""
    return number.to_bytes(length if number.bit_length() <= 8 * length else _MORE_THAN_ANY, order)


def _tails(uid: str) -> tuple[str, ...]:
    """Return what may be a number made of a hash: the last component, or several without their dots."""
    parts = uid.split(".")
    joined = ("".join(parts[start:]) for start in range(1, len(parts)))
    return tuple(tail for tail in joined if len(tail) >= _FEWEST_DIGITS_OF_A_UID and tail.isdigit())


@lru_cache(maxsize=65536)
def hashed_as(old: str, new: str) -> str | None:
    """Return which hash of a value stands in another: hexadecimal, base 32 or 64, decimal, cut at either end.

    Parameters
    ----------
    old, new
        The original value, and what stands in its place, perhaps behind a prefix such as ``ANON-``.
    """
    split = re.split(r"[^0-9A-Za-z+/_=-]+|(?<=[A-Z])[-_]", new)
    words = tuple({word for word in (new, *split) if _telling(word)})
    if not words:
        return None
    lowered = tuple({word.lower() for word in words})
    for name, exact, loose in _written(old):
        if any(_is_cut(form, words) for form in exact) or any(_is_cut(form, lowered) for form in loose):
            return name
    return None


def _is_cut(form: str, words: tuple[str, ...]) -> bool:
    return form.startswith(words) or form.endswith(words)


def _telling(word: str) -> bool:
    """Return whether a word is long enough, and no word of a language: it holds a digit."""
    if word.isdigit():
        return len(word) >= _FEWEST_DIGITS
    return len(word) >= _FEWEST_LETTERS and any(each.isdigit() for each in word)


def _digests(prepared: Iterable[str], versions: frozenset[int] = _VERSIONS) -> Iterator[Digest]:
    """Yield the digests of texts, and of UUIDs made of them those of some versions, with how each is made."""
    for text in prepared:
        content = text.encode("utf-8", "replace")
        digests = {name: make(content, usedforsecurity=False).digest() for name, make in _MAKERS.items()}
        yield from ((_ALGORITHMS[algorithm], digest) for algorithm, digest in digests.items())
        for algorithm, version in _AS_UUID if versions else ():
            if version in versions:
                yield f"{_ALGORITHMS[algorithm]} as a UUID", _stamped(digests[algorithm], version)
        for version, algorithm in _IN_NAMESPACE if versions else ():
            for space, namespace in _NAMESPACES if version in versions else ():
                digest = _MAKERS[algorithm](namespace + content, usedforsecurity=False).digest()
                yield f"UUID version {version} in the {space} namespace", _stamped(digest, version)


def _stamped(digest: bytes, version: int) -> bytes:
    """Return the first bytes of a digest with the bits of variant and version of a UUID (RFC 9562)."""
    stamped = bytearray(digest[:_UUID_BYTES])
    stamped[6] = stamped[6] & 0x0F | version << 4
    stamped[8] = stamped[8] & 0x3F | 0x80
    return bytes(stamped)


def _numbers(digest: bytes) -> set[int]:
    """Return a digest as numbers: whole in either order, and of more than a UUID its first and last bytes."""
    numbers = {int.from_bytes(digest, "big"), int.from_bytes(digest, "little")}
    if _may_be_cut(digest):
        for length in _NUMBERS_OF_BYTES:
            numbers |= {int.from_bytes(digest[:length], "big"), int.from_bytes(digest[-length:], "big")}
    return numbers


def _may_be_cut(digest: bytes) -> bool:
    """Return whether bytes are a digest, of which tools take a piece, and no UUID, which they take whole."""
    return len(digest) > _UUID_BYTES or not _is_uuid(digest)


def _is_uuid(digest: bytes) -> bool:
    """Return whether the bits of variant and version are those of a name-based or random UUID (RFC 9562)."""
    return digest[8] >> 6 == 2 and digest[6] >> 4 in (3, 4, 5)


@lru_cache(maxsize=1024)
def _written(value: str) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Return the digests of a value as text: how made, forms in which the case of letters tells, other forms.

    Tools prepare a value by its letters' case, by stripping it, by padding it, or by taking its digits alone.
    """
    prepared = dict.fromkeys(
        (value, value.strip(), value.upper(), value.lower(), f"{value} ", re.sub(r"[\s-]+", "", value))
    )
    return tuple((name, *_forms(digest)) for name, digest in _digests(prepared))


def _forms(digest: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    exact = (base64.b64encode(digest).decode("ascii"), base64.urlsafe_b64encode(digest).decode("ascii"))
    loose = [digest.hex(), base64.b32encode(digest).decode("ascii").lower(), *map(str, _numbers(digest))]
    if len(digest) == _UUID_BYTES:
        loose.append(str(uuid.UUID(bytes=digest)))
    return (*exact, *(form.rstrip("=") for form in exact)), (*loose, loose[1].rstrip("="))
