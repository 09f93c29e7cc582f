"""What a case works with: synthetic studies or the user's files, and the documents made over them."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from pydicom.dataset import Dataset
from pydicom.uid import UID

from tce_harness.content import Content, near_match
from tce_harness.fixtures import canaries_of_all, find_recipe, read_study_folder, synthesise, teaching_case
from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.model.painted_text import PaintedText
from tce_harness.model.record import StepRecord
from tce_harness.model.verdict import Verdict
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import Manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.objects.teaching_file import Author, TeachingFileInformation
from tce_harness.objects.teaching_file_building import BOTH_TEMPLATES, Coding, build_teaching_file
from tce_harness.scenarios import (
    Case,
    Data,
    FolderData,
    ManifestData,
    RecipeData,
    SpelledIn,
    TeachingFileData,
)
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept, Pair

DATA_PER_CASE = 8
_TOKEN_WORDS = (
    "abstract", "active", "adequate", "advanced", "affected", "anterior",
    "artefact", "atypical", "axial", "baseline", "bilateral", "central",
    "clinical", "contrast", "coronal", "decreased", "delayed", "diffuse",
    "distal", "dynamic", "enhanced", "external", "extensive", "frequent",
    "helical", "important", "improved", "inactive", "increased", "indicated",
)  # fmt: skip
_TITLES = tuple(codes.EXPORT_TITLES)
_DELAYS = tuple(codes.DELAY_REASONS)


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
        Data and the reasons why files of its folder were not taken, one for each file.
    """

    token: str
    objects: tuple[Material, ...]
    canaries: tuple[Canary, ...]
    painted: tuple[PaintedText, ...]
    real_patients: bool
    refused: tuple[tuple[str, tuple[str, ...]], ...]

    def of(self, names: Sequence[str]) -> tuple[Material, ...]:
        """Return the instances of some data, in the order the names are given."""
        return tuple(each for name in names for each in self.objects if each.name == name)


def not_taken(case: str, name: str, reasons: Sequence[str]) -> StepRecord:
    """Return the record of files that were not taken, without their names, which may be a patient's."""
    return StepRecord(
        case=case,
        step=f"data {name}",
        verb="data",
        text=f"{len(reasons)} files of the folder of {name} were not taken",
        verdict=Verdict.WARNING,
        detail="; ".join(f"{times} x {reason}" for reason, times in Counter(reasons).most_common()),
    )


def token_of(seed: int, number: int) -> str:
    """Return the token of a case: three plain words, which a cleaner of free text has no reason to drop.

    The first thousand cases have different ones.
    """
    words = list(_TOKEN_WORDS)
    random.Random(f"{seed}/token").shuffle(words)
    return " ".join(words[10 * place + number // 10**place % 10] for place in range(3))


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
            Of the case among all that there are, from 1: it keeps the UIDs and keys of cases apart.

        Raises
        ------
        HarnessError
            When a folder holds no instance, or a manifest cannot be made over what there is.
        """
        made = _Made(token_of(self._seed, number))
        if len(case.data) > DATA_PER_CASE:
            raise HarnessError(f"{case.id}: {len(case.data)} data; a case has at most {DATA_PER_CASE}")
        for index, data in enumerate(case.data):
            block = number * DATA_PER_CASE + index
            self._add(made, data, block)
        return Materials(
            made.token, tuple(made.objects), made.canaries, made.painted, made.real_patients, made.refused
        )

    def _add(self, made: _Made, data: Data, block: int) -> None:
        if isinstance(data, RecipeData):
            study = synthesise(
                find_recipe(data.recipe, self._content),
                seed=self._seed,
                block=block,
                name=data.name,
                instances=data.instances,
                content=self._content,
            )
            made.add(data.name, [(each.content, each.dataset) for each in study.instances])
            made.canaries += study.canaries
            made.painted += study.painted
        elif isinstance(data, FolderData):
            _add_folder(made, data)
        elif isinstance(data, ManifestData):
            made.add(data.name, [_as_file(each) for each in self._manifests(made, data, block)])
        else:
            made.add(data.name, [_as_file(self._teaching_file(made, data, block))])

    def _manifests(self, made: _Made, data: ManifestData, block: int) -> tuple[Dataset, ...]:
        listed = [
            each.dataset
            for each in made.of(data.references)
            if (not data.only or each.label in data.only) and each.label not in data.exclude
        ]
        if not listed:
            raise HarnessError(f"the manifest {data.name!r} lists no instance")
        manifest = Manifest(
            title=_concept(data.title, _TITLES, data.spelled_in),
            references=tuple(reference_to(each) for each in listed),
            delay_reason=_concept(data.delay, _DELAYS, data.spelled_in) if data.delay is not None else None,
            description=_description(data, made.token, listed[0]),
            observer=data.observer,
            language=_language(data.language or "eng"),
        )
        if data.observer is not None:
            label = f"{data.name}/1"
            made.canaries += (
                Canary(value=data.observer, kind=CanaryKind.NAME, element="(0040,A123)", subject=label),
            )
        return build_manifests(
            manifest,
            listed,
            uids=self._uids(data.name, block),
            content_datetime=_moment(listed[0]),
            series_number=block * 20 + 1,
        )

    def _teaching_file(self, made: _Made, data: TeachingFileData, block: int) -> Dataset:
        case = teaching_case(self._seed, self._content)
        study = made.of(data.about)[0].dataset
        return build_teaching_file(
            TeachingFileInformation(
                author=Author.from_name(case.author),
                affiliation=case.affiliation,
                contact=case.contact,
                abstract=case.abstract,
                keywords=case.keywords,
                history=(case.history,),
                findings=(case.findings,),
                discussion=(case.discussion,),
                impression=(case.impression,),
                diagnosis=(case.diagnosis,),
                category=_concept(case.category, codes.CATEGORIES, None),
                level=_concept(case.level, codes.LEVELS, None),
            ),
            study,
            uids=self._uids(data.name, block),
            content_datetime=_moment(study),
            series_number=block * 20 + 1,
            templates=BOTH_TEMPLATES if data.template is None else (data.template,),
            coding=Coding.DCM if data.spelled_in is SpelledIn.DCM else Coding.IHERADTF,
        )

    def _uids(self, name: str, block: int) -> Callable[[], UID]:
        """Return a source of new UIDs, the same for the same seed, data and block."""
        numbers = count(1)

        def new() -> UID:
            seeded = f"{self._seed}/{name}/{block}/{next(numbers)}".encode()
            return UID(f"2.25.{int.from_bytes(hashlib.sha256(seeded).digest()[:16], 'big')}")

        return new


@dataclass(slots=True)
class _Made:
    """The materials of a case while they are being made."""

    token: str
    objects: list[Material] = field(default_factory=list)
    canaries: tuple[Canary, ...] = ()
    painted: tuple[PaintedText, ...] = ()
    real_patients: bool = False
    refused: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def add(self, name: str, files: Iterable[tuple[bytes, Dataset]]) -> None:
        self.objects += [
            Material(name, f"{name}/{number}", content, dataset)
            for number, (content, dataset) in enumerate(files, start=1)
        ]

    def of(self, names: Sequence[str]) -> list[Material]:
        return [each for name in names for each in self.objects if each.name == name]


def _as_file(document: Dataset) -> tuple[bytes, Dataset]:
    content = encode_instance(document)
    return content, read_instance(content)


def _add_folder(made: _Made, data: FolderData) -> None:
    study = read_study_folder(data.folder, data.name)
    reasons = [each.reason for each in study.refused]
    taken = []
    for each in study.instances:
        try:
            reference_to(each.dataset)
        except InstanceError as error:
            reasons.append(f"no manifest can list it: {error}")
        else:
            taken.append(each)
    if not taken:
        raise HarnessError(f"{data.folder}: it holds no DICOM instance that can be exported")
    made.real_patients = True
    if reasons:
        made.refused += ((data.name, tuple(reasons)),)
    made.add(data.name, [(each.content, each.dataset) for each in taken])
    labelled = [(each.dataset, f"{data.name}/{number}") for number, each in enumerate(taken, start=1)]
    made.canaries += canaries_of_all(labelled).canaries


def _concept(value: str, pairs: Iterable[Pair], spelled_in: SpelledIn | None) -> Concept:
    """Return the concept of a code value of either set, in the set asked for."""
    pairs = tuple(pairs)
    for pair in pairs:
        for concept in pair:
            if concept.value == value:
                if spelled_in is None:
                    return concept
                return pair.dcm if spelled_in is SpelledIn.DCM else pair.iheradtf
    known = [concept.value for pair in pairs for concept in pair]
    hint = near_match(value, known) or f"known are {', '.join(known)}"
    raise HarnessError(f"{value!r} is no code value of this kind ({hint})")


def _description(data: ManifestData, token: str, patient: Dataset) -> str:
    """Return the Key Object Description: the scenario's words, perhaps the patient's name, and the token."""
    words = data.description or ""
    if data.names_patient:
        name = str(patient.get("PatientName") or "").split("=")[0]
        words = f"{words}, of {' '.join(filter(None, name.split('^')[1::-1]))}"
    return f"{words} ({token})" if words else token


def _language(code: str) -> Concept:
    return Concept(code, "ISO639_2", {"eng": "English"}.get(code, code))


def _moment(dataset: Dataset) -> datetime:
    """Return a content date and time for a document over a study: an hour after the study's."""
    date, time = str(dataset.get("StudyDate") or ""), str(dataset.get("StudyTime") or "")
    try:
        study = datetime.strptime(date + time[:6].ljust(6, "0"), "%Y%m%d%H%M%S")
    except ValueError:
        study = datetime(2000, 1, 1)
    return study + timedelta(hours=1)
