"""Policies of the reference de-identifier: which profile and options it claims, read from YAML."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from tce_harness.content import Content, FileModel, YamlFile, near_match, read_yaml
from tce_harness.deidentify.device_layouts import DeviceLayout, load_devices
from tce_harness.deidentify.faces import Faces
from tce_harness.deidentify.options import (
    CLEAN_DESCRIPTORS,
    CLEAN_PIXEL_DATA,
    CLEAN_STRUCTURED_CONTENT,
    MODIFIED_DATES,
    PATIENT_CHARACTERISTICS,
    SAFE_PRIVATE,
    SUPPORTED,
    columns_of,
    contradictions,
    option_code,
)
from tce_harness.deidentify.pseudonyms import SHIFT_DAYS
from tce_harness.deidentify.text_search import TextSearch
from tce_harness.deidentify.vocabulary import Vocabulary, load_vocabulary
from tce_harness.model.errors import HarnessError, Problem, ScenarioError
from tce_harness.standard.codes import deidentification_method
from tce_harness.standard.confidentiality import OptionColumn, editions

FOLDER = "simulators/policies"
DEFAULT_VOCABULARY = "vocabulary/en.txt"
_NEAREST_DAY = 2
_FARTHEST_DAY = 36_500
_GROUP, _ELEMENT = re.compile("[0-9A-Fa-f]{3}[13579BDFbdf]"), re.compile("[0-9A-Fa-f]{2}")
Place = tuple[str | int, ...]


class Author(StrEnum):
    """What becomes of the author (TCE101 to TCE103) of additional teaching file information."""

    KEEP = "keep"
    REMOVE = "remove"


class Already(StrEnum):
    """What becomes of an instance that says that it is de-identified, (0012,0062) = YES."""

    PASS = "pass"
    AGAIN = "again"
    REFUSE = "refuse"


class Preview(StrEnum):
    """Whether a person has to look at the pixels before instances are written (RCR B5.3)."""

    REQUIRED = "required"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What clinical trial attributes say (PS3.3 C.7.1.3, C.7.2.3 and C.7.3.2)."""

    sponsor: str
    protocol_id: str
    protocol_name: str = ""
    site_id: str = ""
    site_name: str = ""
    coordinating_center: str = ""
    time_point_id: str = ""
    time_point_description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeBlock:
    """Private elements that the policy's owner has found documented as safe.

    Parameters
    ----------
    group
        Odd group number.
    elements
        Low bytes of the elements; the block is wherever the creator reserved one.
    source
        The document that says so.
    """

    creator: str
    group: int
    elements: frozenset[int]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the de-identifier is to do.

    Parameters
    ----------
    name, title
        How it is called, and one line on it.
    edition
        Edition of PS3.15 whose tables it follows.
    codes
        Codes of CID 7050 that it claims, the profile first.
    vocabulary
        Words that may stay in cleaned text; None where no word does.
    shift_days
        Fewest and most days, both included, by which Modified Dates moves; negative ones move back.
    oldest_age
        Age in years above which Patient Characteristics tells only that it is above; None for no such age.
    trial
        Trial that the output is for; None where it is for none.
    safe_private
        Private elements that stay besides those of Table E.3.10-1.
    faces
        What becomes of instances by whose pixels a person could be recognised.
    preview
        Whether a person has to look at the pixels first.
    ocr
        Whether text is looked for by character recognition; with Clean Pixel Data only.
    devices
        Where devices write on their images; looked at with Clean Pixel Data only.
    """

    name: str
    title: str
    edition: str
    codes: tuple[str, ...]
    author: Author
    vocabulary: Vocabulary | None = None
    shift_days: tuple[int, int] = SHIFT_DAYS
    oldest_age: int | None = 89
    already: Already = Already.AGAIN
    trial: Trial | None = None
    safe_private: tuple[SafeBlock, ...] = ()
    faces: Faces = Faces.QUARANTINE
    preview: Preview = Preview.NONE
    ocr: TextSearch = TextSearch.NONE
    devices: tuple[DeviceLayout, ...] = ()

    @property
    def columns(self) -> tuple[OptionColumn, ...]:
        """The option columns of Table E.1-1 that the codes claim."""
        return columns_of(self.codes)

    def claims(self, column: OptionColumn) -> bool:
        """Return whether an option is claimed."""
        return column in self.columns


class _TrialFile(FileModel):
    sponsor: str = Field(min_length=1, max_length=64)
    protocol_id: str = Field(min_length=1, max_length=64)
    protocol_name: str = Field(default="", max_length=64)
    site_id: str = Field(default="", max_length=64)
    site_name: str = Field(default="", max_length=64)
    coordinating_center: str = Field(default="", max_length=64)
    time_point_id: str = Field(default="", max_length=64)
    time_point_description: str = Field(default="", max_length=1024)


class _SafeBlockFile(FileModel):
    creator: str = Field(min_length=1, max_length=64)
    group: str
    elements: list[str] = Field(min_length=1)
    source: str = Field(min_length=1)


class _PolicyFile(FileModel):
    policy: str = Field(min_length=1, max_length=24)
    title: str
    edition: str
    codes: list[str] = Field(min_length=1)
    author: Author = Author.REMOVE
    vocabulary: str | None = None
    shift_days: list[int] | None = Field(default=None, min_length=2, max_length=2)
    oldest_age: int | None = Field(default=89, ge=1, le=998)
    already: Already = Already.AGAIN
    trial: _TrialFile | None = None
    safe_private: list[_SafeBlockFile] = Field(default_factory=list)
    faces: Faces = Faces.QUARANTINE
    preview: Preview = Preview.NONE
    ocr: TextSearch = TextSearch.NONE


def load_policy(file: Path) -> Policy:
    """Read a policy file.

    Raises
    ------
    ScenarioError
        For every fault of the file: an edition that is not at hand, an unknown code, an option that is not
        supported, options that contradict each other, a key that nothing claimed makes use of.
    """
    yaml = read_yaml(file)
    model = yaml.validate(_PolicyFile)
    problems = [*_code_problems(yaml, model), *_other_problems(yaml, model)]
    problems += [yaml.problem(place, message) for place, message in _key_problems(model)]
    if problems:
        raise ScenarioError(problems)
    return Policy(
        name=model.policy,
        title=model.title,
        edition=model.edition,
        codes=tuple(sorted(model.codes)),
        author=model.author,
        vocabulary=load_vocabulary(file.parent / model.vocabulary) if model.vocabulary else None,
        shift_days=(model.shift_days[0], model.shift_days[1]) if model.shift_days else SHIFT_DAYS,
        oldest_age=model.oldest_age,
        already=model.already,
        trial=Trial(**model.trial.model_dump()) if model.trial else None,
        safe_private=tuple(map(_safe_block, model.safe_private)),
        faces=model.faces,
        preview=model.preview,
        ocr=model.ocr,
    )


def _safe_block(block: _SafeBlockFile) -> SafeBlock:
    return SafeBlock(
        creator=block.creator.strip(),
        group=int(block.group, 16),
        elements=frozenset(int(element, 16) for element in block.elements),
        source=block.source,
    )


def _code_problems(yaml: YamlFile, model: _PolicyFile) -> list[Problem]:
    problems = []
    for index, code in enumerate(model.codes):
        method = deidentification_method(code)
        if method is None:
            problems.append(yaml.problem(("codes", index), f"{code!r} is no code of CID 7050"))
        elif code not in SUPPORTED:
            problems.append(
                yaml.problem(
                    ("codes", index),
                    f"{code} {method.meaning} is not supported by the reference de-identifier",
                    f"supported are {', '.join(SUPPORTED)}",
                )
            )
        elif code in model.codes[:index]:
            problems.append(yaml.problem(("codes", index), f"{code} stands twice"))
    problems.extend(yaml.problem(("codes",), reason) for reason in contradictions(model.codes))
    return problems


def _other_problems(yaml: YamlFile, model: _PolicyFile) -> list[Problem]:
    problems = []
    if model.edition not in editions():
        message = f"the tables of edition {model.edition!r} are not at hand"
        problems.append(yaml.problem(("edition",), message, f"there are {', '.join(editions())}"))
    if CLEAN_DESCRIPTORS in model.codes and model.vocabulary is None:
        problems.append(yaml.problem(("codes",), f"{CLEAN_DESCRIPTORS} needs a vocabulary"))
    if model.vocabulary is not None and not {CLEAN_DESCRIPTORS, PATIENT_CHARACTERISTICS} & set(model.codes):
        message = (
            f"a vocabulary is used with {CLEAN_DESCRIPTORS} and {PATIENT_CHARACTERISTICS} only, "
            "and neither is claimed"
        )
        problems.append(yaml.problem(("vocabulary",), message))
    return problems


def _key_problems(model: _PolicyFile) -> Iterator[tuple[Place, str]]:
    """Yield keys that contradict what is claimed, or that nothing would use."""
    codes, given = model.codes, model.model_fields_set
    if model.author is Author.KEEP and CLEAN_STRUCTURED_CONTENT not in codes:
        yield ("author",), f"without {CLEAN_STRUCTURED_CONTENT} no content item stays, and so no author"
    if "shift_days" in given and MODIFIED_DATES not in codes:
        yield ("shift_days",), f"dates are moved with {MODIFIED_DATES} only, which is not claimed"
    yield from _shift_problems(model.shift_days)
    yield from _trial_problems(model.trial)
    if "oldest_age" in given and PATIENT_CHARACTERISTICS not in codes:
        yield ("oldest_age",), f"ages stay with {PATIENT_CHARACTERISTICS} only, which is not claimed"
    if model.ocr is not TextSearch.NONE and CLEAN_PIXEL_DATA not in codes:
        yield ("ocr",), f"text is looked for with {CLEAN_PIXEL_DATA} only, which is not claimed"
    if model.safe_private and SAFE_PRIVATE not in codes:
        yield ("safe_private",), f"private elements stay with {SAFE_PRIVATE} only, which is not claimed"
    yield from _safe_private_problems(model.safe_private)


def _shift_problems(days: list[int] | None) -> Iterator[tuple[Place, str]]:
    if days is None:
        return
    low, high = days
    if low > high or not (low >= _NEAREST_DAY or high <= -_NEAREST_DAY):
        message = "two numbers of days are expected, the smaller first, both at least two days"
        yield ("shift_days",), f"{message} to the same side of zero, such as [-3650, -365]"
    elif max(-low, high) > _FARTHEST_DAY:
        message = f"dates are moved by {_FARTHEST_DAY} days, a hundred years, at most"
        yield ("shift_days",), f"{message}: farther away many would be none"


def _trial_problems(trial: _TrialFile | None) -> Iterator[tuple[Place, str]]:
    for name, value in trial.model_dump().items() if trial is not None else ():
        if "\\" in value or not value.isprintable():
            yield (
                ("trial", name),
                "it holds a backslash, which would make it two values, or what cannot be seen",
            )


def _safe_private_problems(blocks: Iterable[_SafeBlockFile]) -> Iterator[tuple[Place, str]]:
    for index, block in enumerate(blocks):
        if not _GROUP.fullmatch(block.group):
            yield ("safe_private", index, "group"), f"{block.group!r} is no odd group such as '0029'"
        for number, element in enumerate(block.elements):
            if not _ELEMENT.fullmatch(element):
                message = f"{element!r} is no low byte of an element, such as '1F'"
                yield ("safe_private", index, "elements", number), message


def with_options(policy: Policy, names: Iterable[str], content: Content) -> Policy:
    """Return a policy that claims options besides its own.

    Parameters
    ----------
    names
        Codes of CID 7050 or their short names, such as ``modified-dates``.
    content
        Where the vocabulary comes from that Clean Descriptors needs and the policy lacks.

    Raises
    ------
    HarnessError
        When an option does not exist or contradicts another one; the text says which.
    """
    codes = tuple(sorted({*policy.codes, *map(option_code, names)}))
    if codes == policy.codes:
        return policy
    if reasons := list(contradictions(codes)):
        raise HarnessError(f"policy {policy.name}: {'; '.join(reasons)}")
    vocabulary = policy.vocabulary
    if CLEAN_DESCRIPTORS in codes and vocabulary is None:
        vocabulary = load_vocabulary(content.file(f"{FOLDER}/{DEFAULT_VOCABULARY}"))
    return _with_devices(dataclasses.replace(policy, codes=codes, vocabulary=vocabulary), content)


def find_policy(name_or_path: str, content: Content) -> Policy:
    """Return a policy by its name in the content folders, or from a file.

    Raises
    ------
    HarnessError
        When there is no such policy; the text lists those that there are.
    """
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return _with_devices(load_policy(path), content)
    known = {file.stem: file for file in content.files(FOLDER, "*.yaml")}
    if name_or_path not in known:
        hint = near_match(name_or_path, list(known)) or f"there are {', '.join(known)}"
        raise HarnessError(f"there is no policy {name_or_path!r} ({hint})")
    return _with_devices(load_policy(known[name_or_path]), content)


def _with_devices(policy: Policy, content: Content) -> Policy:
    if CLEAN_PIXEL_DATA not in policy.codes:
        return policy
    return dataclasses.replace(policy, devices=load_devices(content))
