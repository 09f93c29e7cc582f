"""Policies of the reference de-identifier: which profile and options it claims, read from YAML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from tce_harness.content import Content, FileModel, YamlFile, near_match, read_yaml
from tce_harness.deidentify.vocabulary import Vocabulary, load_vocabulary
from tce_harness.model.errors import HarnessError, Problem, ScenarioError
from tce_harness.standard.codes import deidentification_method
from tce_harness.standard.confidentiality import COLUMN_OF_CODE, OptionColumn, editions

BASIC_PROFILE = "113100"
CLEAN_STRUCTURED_CONTENT = "113104"
CLEAN_DESCRIPTORS = "113105"
SUPPORTED = (BASIC_PROFILE, "113103", CLEAN_STRUCTURED_CONTENT, CLEAN_DESCRIPTORS)
FOLDER = "simulators/policies"


class Author(StrEnum):
    """What becomes of the author (TCE101 to TCE103) of additional teaching file information."""

    KEEP = "keep"
    REMOVE = "remove"


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
    """

    name: str
    title: str
    edition: str
    codes: tuple[str, ...]
    author: Author
    vocabulary: Vocabulary | None = None

    @property
    def columns(self) -> tuple[OptionColumn, ...]:
        """The option columns of Table E.1-1 that the codes claim."""
        return tuple(COLUMN_OF_CODE[code] for code in self.codes if code in COLUMN_OF_CODE)

    def claims(self, column: OptionColumn) -> bool:
        """Return whether an option is claimed."""
        return column in self.columns


class _PolicyFile(FileModel):
    policy: str = Field(min_length=1, max_length=24)
    title: str
    edition: str
    codes: list[str] = Field(min_length=1)
    author: Author = Author.REMOVE
    vocabulary: str | None = None


def load_policy(file: Path) -> Policy:
    """Read a policy file.

    Raises
    ------
    ScenarioError
        For every fault of the file: an edition that is not at hand, an unknown code, an option that is not
        supported, a vocabulary that is missing or not used.
    """
    yaml = read_yaml(file)
    model = yaml.validate(_PolicyFile)
    problems = [*_code_problems(yaml, model), *_other_problems(yaml, model)]
    if problems:
        raise ScenarioError(problems)
    return Policy(
        name=model.policy,
        title=model.title,
        edition=model.edition,
        codes=tuple(sorted(model.codes)),
        author=model.author,
        vocabulary=load_vocabulary(file.parent / model.vocabulary) if model.vocabulary else None,
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
    if BASIC_PROFILE not in model.codes:
        problems.append(yaml.problem(("codes",), f"{BASIC_PROFILE} must be claimed; options only add to it"))
    if CLEAN_STRUCTURED_CONTENT not in model.codes:
        message = f"{CLEAN_STRUCTURED_CONTENT} must be claimed: content items are rewritten, not replaced"
        problems.append(
            yaml.problem(("codes",), message, "the Basic Profile alone gives a dummy for them all")
        )
    return problems


def _other_problems(yaml: YamlFile, model: _PolicyFile) -> list[Problem]:
    problems = []
    if model.edition not in editions():
        message = f"the tables of edition {model.edition!r} are not at hand"
        problems.append(yaml.problem(("edition",), message, f"there are {', '.join(editions())}"))
    if CLEAN_DESCRIPTORS in model.codes and model.vocabulary is None:
        problems.append(yaml.problem(("codes",), f"{CLEAN_DESCRIPTORS} needs a vocabulary"))
    if CLEAN_DESCRIPTORS not in model.codes and model.vocabulary is not None:
        problems.append(
            yaml.problem(
                ("vocabulary",), f"a vocabulary is used with {CLEAN_DESCRIPTORS} only, which is not claimed"
            )
        )
    return problems


def find_policy(name_or_path: str, content: Content) -> Policy:
    """Return a policy by its name in the content folders, or from a file.

    Raises
    ------
    HarnessError
        When there is no such policy; the text lists those that there are.
    """
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return load_policy(path)
    known = {file.stem: file for file in content.files(FOLDER, "*.yaml")}
    if name_or_path not in known:
        hint = near_match(name_or_path, list(known)) or f"there are {', '.join(known)}"
        raise HarnessError(f"there is no policy {name_or_path!r} ({hint})")
    return load_policy(known[name_or_path])
