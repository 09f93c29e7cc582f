"""What a case works with: synthetic studies or the user's files, and the documents made over them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydicom.dataset import Dataset
from pydicom.uid import UID

from tce_harness.content import Content
from tce_harness.fixtures import find_recipe, synthesise
from tce_harness.fixtures.folder import canaries_of, read_study_folder
from tce_harness.fixtures.teaching_case import teaching_case
from tce_harness.model.canary import Canary
from tce_harness.model.claims import TeachingFileTemplate
from tce_harness.model.errors import HarnessError
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import Manifest, Reference
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.objects.teaching_file import TeachingFileInformation, build_teaching_file
from tce_harness.scenarios import Case, Data, FolderData, ManifestData, RecipeData, TeachingFileData
from tce_harness.standard import codes

DATA_PER_CASE = 8
_TOKEN_WORDS = (
    "amber", "birch", "cedar", "copper", "coral", "cotton", "garden", "harbour", "hazel", "indigo",
    "ivory", "juniper", "lantern", "lilac", "linen", "maple", "marble", "meadow", "orchard", "pebble",
    "poplar", "quartz", "river", "saffron", "silver", "spruce", "thistle", "valley", "velvet", "walnut",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Material:
    """One instance of a case.

    Parameters
    ----------
    name, label
        The data that it belongs to, and its label, such as ``study/3``.
    content
        The Part 10 file, byte for byte.
    """

    name: str
    label: str
    content: bytes
    dataset: Dataset


@dataclass(frozen=True, slots=True)
class Materials:
    """Everything that a case works with.

    Parameters
    ----------
    token
        Words in the description of its manifests by which they are known again.
    refused
        Files of the user's folders that are no instances, with the reason.
    """

    token: str
    objects: tuple[Material, ...]
    canaries: tuple[Canary, ...]
    real_patients: bool
    refused: tuple[str, ...]

    def of(self, names: Sequence[str]) -> tuple[Material, ...]:
        """Return the instances of some data, in the order the names are given."""
        return tuple(each for name in names for each in self.objects if each.name == name)


def token_of(seed: int, number: int) -> str:
    """Return the token of a case: three plain words, which a cleaner of free text has no reason to drop."""
    words = random.Random(f"{seed}/token/{number}").sample(_TOKEN_WORDS, 3)
    return " ".join(words)


class MaterialsMaker:
    """Makes the materials of cases, the same for the same seed.

    Parameters
    ----------
    seed
        The run's.
    """

    def __init__(self, content: Content, seed: int) -> None:
        self._content = content
        self._seed = seed

    def make(self, case: Case, number: int) -> Materials:
        """Return the materials of a case.

        Parameters
        ----------
        number
            Of the case within the run, from 1: it keeps the UIDs and keys of cases apart.

        Raises
        ------
        HarnessError
            When a folder holds no instance, or a manifest cannot be made over what there is.
        """
        made = _Made(token_of(self._seed, number))
        for index, data in enumerate(case.data):
            block = number * DATA_PER_CASE + index
            self._add(made, data, block)
        return Materials(
            made.token, tuple(made.objects), tuple(made.canaries), made.real_patients, tuple(made.refused)
        )

    def _add(self, made: _Made, data: Data, block: int) -> None:
        if isinstance(data, RecipeData):
            recipe = find_recipe(data.recipe, self._content)
            study = synthesise(
                recipe,
                seed=self._seed,
                block=block,
                name=data.name,
                instances=data.instances,
                content=self._content,
            )
            made.add(data.name, [each.content for each in study.instances])
            made.canaries += study.canaries
        elif isinstance(data, FolderData):
            self._add_folder(made, data)
        elif isinstance(data, ManifestData):
            made.add(data.name, self._manifests(made, data, block))
        else:
            made.add(data.name, [self._teaching_file(made, data, block)])

    def _add_folder(self, made: _Made, data: FolderData) -> None:
        study = read_study_folder(data.folder, data.name)
        if not study.instances:
            raise HarnessError(f"{data.folder}: it holds no DICOM instance that can be exported")
        made.real_patients = True
        made.refused += [str(each) for each in study.refused]
        made.add(data.name, [each.content for each in study.instances])
        for label, dataset in made.labelled(data.name):
            made.canaries += canaries_of(dataset, label).canaries

    def _manifests(self, made: _Made, data: ManifestData, block: int) -> list[bytes]:
        listed = [
            each
            for name in data.references
            for each in made.of(name)
            if (not data.only or each.label in data.only) and each.label not in data.exclude
        ]
        description = f"{data.description} ({made.token})" if data.description else made.token
        manifest = Manifest(
            title=_concept(data.title, _TITLES, data.spelled_in),
            references=tuple(_reference(each.dataset) for each in listed),
            delay_reason=_concept(data.delay, _DELAYS, data.spelled_in) if data.delay else None,
            description=description,
            observer=data.observer,
            language=codes.ENGLISH if data.language is None else codes.Concept(data.language, "ISO639_2", data.language),
        )
        documents = build_manifests(
            manifest,
            [each.dataset for each in listed],
            uids=self._uids(data.name, block),
            content_datetime=_moment(listed[0].dataset),
            series_number=block * 20 + 1,
        )
        return [encode_instance(document) for document in documents]

    def _teaching_file(self, made: _Made, data: TeachingFileData, block: int) -> bytes:
        about = [each for name in data.about for each in made.of(name)]
        case = teaching_case(self._seed, self._content)
        document = build_teaching_file(
            TeachingFileInformation.from_case(case) if False else _information(case, data.template),
            about[0].dataset,
            uids=self._uids(data.name, block),
            content_datetime=_moment(about[0].dataset),
            series_number=block * 20 + 1,
        )
        return encode_instance(document)

    def _uids(self, name: str, block: int) -> Callable[[], UID]:
        """Return a source of new UIDs, the same for the same seed, data and block."""
        count = 0

        def new() -> UID:
            nonlocal count
            count += 1
            digest = hashlib.sha256(f"{self._seed}/{name}/{block}/{count}".encode()).digest()
            return UID(f"2.25.{int.from_bytes(digest[:16], 'big')}")

        return new
