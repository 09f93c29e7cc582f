"""To which case an instance belongs that came over the wire, when every UID may be new and answers late."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydicom.dataset import Dataset

from tce_harness.evidence.pairing import Key, instance_key, pixel_digest
from tce_harness.objects.manifest import is_key_object_selection, read_manifest

_WORD = re.compile(r"\w+")

By = Literal["token", "key", "pixels", "uid", "references", "sent", "time"]


@dataclass(frozen=True, slots=True)
class Attribution:
    """The case an instance was given to, the original it matches, and by what.

    Parameters
    ----------
    label
        Of the original; None where only the case is known.
    """

    case: str
    label: str | None
    by: By


class Attributor:
    """Remembers what each case sent, and tells where what arrives belongs; safe between threads.

    In this order: the case's token in a Key Object Description, the key of SOP class, series number and
    instance number, the digest of the pixels, the SOP Instance UID where it was not replaced, and what it
    refers to: the instances that a manifest lists, the study that anything belongs to.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}
        self._keys: dict[Key, Attribution] = {}
        self._pixels: dict[str, Attribution] = {}
        self._uids: dict[str, Attribution] = {}
        self._instances: dict[str, str] = {}
        self._studies: dict[str, str] = {}

    def register(self, case: str, token: str, objects: Iterable[tuple[str, Dataset]]) -> None:
        """Take note of the token and the objects, label and data set, of a case."""
        with self._lock:
            self._tokens[_words(token)] = case
            for label, dataset in objects:
                self._remember(dataset, case)
                self._uids[str(dataset.get("SOPInstanceUID"))] = Attribution(case, label, "uid")
                key, pixels = instance_key(dataset), pixel_digest(dataset)
                if key is not None:
                    self._keys[key] = Attribution(case, label, "key")
                if pixels is not None:
                    self._pixels[pixels] = Attribution(case, label, "pixels")

    def attribute(self, dataset: Dataset) -> Attribution | None:
        """Return where an instance belongs; None where nothing tells."""
        with self._lock:
            found = self._by_content(dataset)
            if found is not None:
                self._remember(dataset, found.case)
            return found

    def _remember(self, dataset: Dataset, case: str) -> None:
        for keyword, known in (("SOPInstanceUID", self._instances), ("StudyInstanceUID", self._studies)):
            uid = str(dataset.get(keyword) or "")
            if uid:
                known[uid] = case

    def _by_content(self, dataset: Dataset) -> Attribution | None:
        key = instance_key(dataset)
        by_key = self._keys.get(key) if key is not None else None
        if is_key_object_selection(dataset):
            case = self._by_token(dataset)
            if case is not None:
                label = by_key.label if by_key is not None and by_key.case == case else None
                return Attribution(case, label, "token")
        if by_key is not None:
            return by_key
        pixels = pixel_digest(dataset)
        if pixels is not None and pixels in self._pixels:
            return self._pixels[pixels]
        by_uid = self._uids.get(str(dataset.get("SOPInstanceUID")))
        return by_uid or self._by_references(dataset)

    def _by_token(self, dataset: Dataset) -> str | None:
        for description in read_manifest(dataset).descriptions:
            words = _words(description)
            for token, case in self._tokens.items():
                if token in words:
                    return case
        return None

    def _by_references(self, dataset: Dataset) -> Attribution | None:
        cases: set[str | None] = set()
        if is_key_object_selection(dataset):
            listed = read_manifest(dataset).listed
            cases = {self._instances[uid] for uid in listed if uid in self._instances}
        if not cases:
            cases = {self._studies.get(str(dataset.get("StudyInstanceUID") or ""))}
        named = [case for case in cases if case is not None]
        return Attribution(named[0], None, "references") if len(named) == 1 else None


def _words(text: str) -> str:
    """Return the words of a text with a space around each, so that none is found inside another."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
