"""A file of claims for ``tce check``: what is judged, and of a system file nothing else is needed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from tce_harness.content import FileModel, YamlFile, read_yaml
from tce_harness.content.yaml_file import KeyPath
from tce_harness.model.claims import Claims, CodeSet, Option, TeachingFileTemplate
from tce_harness.model.errors import Problem, ScenarioError
from tce_harness.model.requirement import Actor

MOST_TOLERANCE_DAYS = 36525
"""A hundred years: beyond, nothing would be left to judge."""

EDITIONS = ("2023b", "2026d")
"""Editions of PS3.15 that the harness can judge by."""


def check_ae_title(title: str) -> str:
    r"""Return an AE title that keeps to PS3.5 table 6.2-1 (VR AE).

    Raises
    ------
    ValueError
        When it has no character or more than 16, one outside printable ASCII, a backslash, or a space at
        either end, which does not count and only misleads.
    """
    if not 1 <= len(title) <= 16:
        raise ValueError(f"an AE title has 1 to 16 characters; this one has {len(title)}")
    if any(not " " <= character <= "~" or character == "\\" for character in title):
        raise ValueError("an AE title has printable ASCII characters and no backslash")
    if title != title.strip():
        raise ValueError("an AE title has no space at its ends")
    return title


def _quoted_code(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


AeTitle = Annotated[str, AfterValidator(check_ae_title), Field(json_schema_extra={"maxLength": 16})]
Port = Annotated[int, Field(ge=1, le=65535)]
Text = Annotated[str, Field(min_length=1)]
DeidentificationCode = Annotated[
    str,
    Field(pattern=r"^1131(0[0-9]|1[0-2])$"),
    BeforeValidator(_quoted_code, json_schema_input_type=str | int),
]


Templates = Annotated[
    tuple[Annotated[TeachingFileTemplate, Field(strict=False)], ...],
    Field(min_length=1),
    BeforeValidator(
        lambda value: tuple(value) if isinstance(value, list) else (value,),
        json_schema_input_type=TeachingFileTemplate | tuple[TeachingFileTemplate, ...],
    ),
]


class CalledFile(FileModel):
    """``{ae_title: TCE_ARCHIVE, port: 11113}``."""

    ae_title: AeTitle
    port: Port


class DeidentificationFile(FileModel):
    """What the de-identifier claims."""

    codes: Annotated[tuple[DeidentificationCode, ...], Field(min_length=1)] = ("113100",)
    edition: Literal["2023b", "2026d"] = "2026d"
    date_tolerance_days: Annotated[int, Field(ge=0, le=MOST_TOLERANCE_DAYS)] = 0

    @model_validator(mode="after")
    def _one_way_with_dates(self) -> DeidentificationFile:
        if {"113106", "113107"} <= set(self.codes):
            raise ValueError("113106 keeps all dates and 113107 modifies them: one of the two")
        return self


class ClaimsFile(FileModel):
    """A file of claims; a whole system file is one too."""

    system: Text | None = None
    version: Text | None = None
    actors: tuple[Actor, ...] = ()
    options: tuple[Option, ...] = ()
    ae_title: AeTitle | None = None
    host: Text | None = None
    port: Port | None = None
    calls: dict[str, CalledFile] = Field(default_factory=dict)
    deidentification: DeidentificationFile = DeidentificationFile()
    template: Templates = (TeachingFileTemplate.RCR_UK,)
    code_set: CodeSet = CodeSet.EITHER

    @property
    def claims(self) -> Claims:
        """What it claims."""
        return Claims(
            options=self.options,
            deidentification_codes=self.deidentification.codes,
            edition=self.deidentification.edition,
            date_tolerance_days=self.deidentification.date_tolerance_days,
            templates=self.template,
            code_set=self.code_set,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Who claims what.

    Parameters
    ----------
    name
        Name and version of the system, as far as the file says them; empty where it says neither.
    """

    name: str
    claims: Claims


def load_claims(path: Path) -> Claimed:
    """Return the claims of a file.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    yaml = read_yaml(path)
    file = yaml.validate(ClaimsFile)
    problems = stands_twice(file, yaml)
    if problems:
        raise ScenarioError(problems)
    return Claimed(name=" ".join(filter(None, (file.system, file.version))), claims=file.claims)


def stands_twice(system: ClaimsFile, yaml: YamlFile) -> list[Problem]:
    """Return a problem for each actor, option and code that a file names twice."""
    lists: list[tuple[KeyPath, tuple[str, ...]]] = [
        (("actors",), system.actors),
        (("options",), system.options),
        (("deidentification", "codes"), system.deidentification.codes),
    ]
    return [
        yaml.problem((*path, index), f"{value} stands twice")
        for path, values in lists
        for index, value in enumerate(values)
        if value in values[:index]
    ]


def spell_claims(claims: Claims, system: str, version: str) -> str:
    """Return claims on de-identification as the text of a claims file."""
    return (
        f"system: {json.dumps(system)}\n"
        f"version: {json.dumps(version)}\n"
        f"deidentification: {spell_deidentification(claims)}\n"
    )


def spell_deidentification(claims: Claims) -> str:
    """Return the value of the key ``deidentification`` on one line."""
    return f"{{codes: [{', '.join(claims.deidentification_codes)}], edition: {claims.edition}}}"
