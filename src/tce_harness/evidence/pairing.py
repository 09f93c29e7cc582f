"""Which exported instance came from which original, told by content: every UID may be new."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from pydicom.dataset import Dataset

from tce_harness.evidence.instance import EvidenceInstance, Key, instance_key

__all__ = ["Key", "Pair", "Pairing", "instance_key", "pair_by_content", "pixel_digest"]


@dataclass(frozen=True, slots=True)
class Pair:
    """An exported instance and the original that it came from."""

    subject: EvidenceInstance
    original: EvidenceInstance


@dataclass(frozen=True, slots=True)
class Pairing:
    """Pairs, and what has no partner."""

    pairs: tuple[Pair, ...]
    subjects_alone: tuple[EvidenceInstance, ...]
    originals_alone: tuple[EvidenceInstance, ...]


def pixel_digest(dataset: Dataset) -> str | None:
    """Return the SHA-256 of Pixel Data (7FE0,0010) as stored; None where there is none."""
    element = dataset.get_item("PixelData") if "PixelData" in dataset else None
    value = element.value if element is not None else None
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) and value else None


def pair_by_content(subjects: Iterable[EvidenceInstance], originals: Iterable[EvidenceInstance]) -> Pairing:
    """Pair exported instances with originals.

    In this order, and each time only what is unique on both sides: key and pixels together, key, pixels, file
    name, and what remains alone of its SOP class. A key that is unique from the start pairs whatever the
    pixels are, so that they need not be compared.
    """
    left = list(subjects)
    right = list(originals)
    pairs: list[Pair] = []
    for notion in (_key, _key_and_pixels, _key, _pixels, _name, _sop_class):
        if not (left and right):
            break
        found = _unique_matches(left, right, notion)
        pairs += found
        paired = {id(each) for pair in found for each in (pair.subject, pair.original)}
        left = [each for each in left if id(each) not in paired]
        right = [each for each in right if id(each) not in paired]
    return Pairing(tuple(pairs), tuple(left), tuple(right))


def _key(instance: EvidenceInstance) -> Hashable | None:
    return instance.key


def _pixels(instance: EvidenceInstance) -> Hashable | None:
    return instance.pixels


def _key_and_pixels(instance: EvidenceInstance) -> Hashable | None:
    key, pixels = instance.key, instance.pixels
    return (key, pixels) if key is not None and pixels is not None else None


def _name(instance: EvidenceInstance) -> Hashable | None:
    return (instance.sop_class_uid, instance.name) if instance.name else None


def _sop_class(instance: EvidenceInstance) -> Hashable | None:
    return instance.sop_class_uid


def _unique_matches(
    subjects: list[EvidenceInstance],
    originals: list[EvidenceInstance],
    notion: Callable[[EvidenceInstance], Hashable | None],
) -> list[Pair]:
    by_subject = _grouped(subjects, notion)
    by_original = _grouped(originals, notion)
    return [
        Pair(by_subject[key][0], by_original[key][0])
        for key in by_subject
        if len(by_subject[key]) == 1 and len(by_original.get(key, ())) == 1
    ]


def _grouped(
    instances: list[EvidenceInstance], notion: Callable[[EvidenceInstance], Hashable | None]
) -> dict[Hashable, list[EvidenceInstance]]:
    groups: dict[Hashable, list[EvidenceInstance]] = defaultdict(list)
    for instance in instances:
        key = notion(instance)
        if key is not None:
            groups[key].append(instance)
    return groups
