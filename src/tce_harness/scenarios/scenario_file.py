"""The scenario file as it is written: keys, types and what stands together. Names are checked in `load`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from tce_harness.content import FileModel
from tce_harness.content.durations import Duration
from tce_harness.model.claims import Option
from tce_harness.model.requirement import Actor
from tce_harness.scenarios.scenario import SpelledIn, Transaction, Until
from tce_harness.simulators.ordering import Order
from tce_harness.transport import Associations


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,)


def _as_code(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Text = Annotated[str, Field(min_length=1)]
Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*/[1-9][0-9]*$")]
Code = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9.-]{1,16}$"), BeforeValidator(_as_code, json_schema_input_type=str | int)
]
Names = Annotated[
    tuple[Name, ...],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=Name | tuple[Name, ...]),
]
Labels = Annotated[
    tuple[Label, ...],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=Label | tuple[Label, ...]),
]
Transactions = Annotated[
    tuple[Annotated[Transaction, Field(strict=False)], ...],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=Transaction | tuple[Transaction, ...]),
]


class RecipeFile(FileModel):
    """``{recipe: ct-chest, instances: 5}``."""

    recipe: Text
    instances: Annotated[int, Field(ge=1, le=10_000)] | None = None


class FolderFile(FileModel):
    """``{from: DIR}``, relative to the scenario file."""

    folder: Text = Field(alias="from")


class ManifestFile(FileModel):
    """``{make: manifest, title: TCE001, references: study}``."""

    make: Literal["manifest"]
    title: Code
    references: Names
    only: Labels | None = None
    exclude: Labels | None = None
    delay: Code | None = None
    description: Text | None = None
    names_patient: bool = False
    observer: Text | None = None
    language: Code | None = None
    code_set: SpelledIn | None = None

    @model_validator(mode="after")
    def _one_choice(self) -> ManifestFile:
        if self.only and self.exclude:
            raise ValueError("'only' and 'exclude' do not stand together")
        return self


class TeachingFileFile(FileModel):
    """``{make: teaching-file, about: study, template: rcr-uk}``."""

    make: Literal["teaching-file"]
    about: Names
    template: Literal["rcr-uk", "base", "both"]
    code_set: SpelledIn | None = None


def _data_kind(value: object) -> str | None:
    """Tell the kind of data by its key; the tags are no keys, so that they vanish from error paths."""
    if not isinstance(value, dict):
        return None
    if "make" in value:
        return {"manifest": "a-manifest", "teaching-file": "a-teaching-file"}.get(str(value["make"]))
    return "by-recipe" if "recipe" in value else "by-folder" if "from" in value else None


DataFile = Annotated[
    Annotated[RecipeFile, Tag("by-recipe")]
    | Annotated[FolderFile, Tag("by-folder")]
    | Annotated[ManifestFile, Tag("a-manifest")]
    | Annotated[TeachingFileFile, Tag("a-teaching-file")],
    Discriminator(
        _data_kind,
        custom_error_type="data_kind",
        custom_error_message="data is {recipe: ...}, {from: DIR}, {make: manifest, ...} "
        "or {make: teaching-file, ...}",
    ),
]


class SendFile(FileModel):
    """``send: {transaction: RAD-50, from: selector, objects: [study]}``."""

    transaction: Transactions | None = None
    sender: Name = Field(alias="from")
    objects: Names
    order: Order = Order.AS_LISTED
    associations: Associations = Associations.ONE


class ReceiveFile(FileModel):
    """``{at: archive, until: all, within: 5 min}`` or ``{at: archive, nothing: true, for: 60 s}``."""

    at: Name
    transaction: Transaction | None = None
    until: Until | None = None
    count: Annotated[int, Field(ge=1)] | None = None
    within: Duration | None = None
    nothing: Literal[True] | None = None
    seconds: Duration | None = Field(default=None, alias="for")

    @model_validator(mode="after")
    def _one_form(self) -> ReceiveFile:
        if self.nothing:
            if self.seconds is None:
                raise ValueError("'nothing: true' needs 'for', such as 'for: 60 s'")
            if self.until or self.within or self.count:
                raise ValueError("'nothing: true' stands with 'at', 'for' and 'transaction' alone")
            return self
        if self.seconds is not None:
            raise ValueError("'for' stands only with 'nothing: true'; a wait has 'within'")
        if self.until is None or self.within is None:
            raise ValueError("a wait needs 'until' and 'within', such as 'until: manifest-complete'")
        if (self.until is Until.COUNT) != (self.count is not None):
            raise ValueError("'count' stands with 'until: count', and only there")
        return self


class OperatorFile(FileModel):
    """``operator: {do: ..., answer: ...}``."""

    do: Text
    answer: Text | None = None
    within: Duration = 600.0


class AttestFile(FileModel):
    """``attest: {requirement: RCR-B5.3, question: ...}``."""

    requirement: Text
    question: Text
    within: Duration = 600.0


VERBS = ("send", "receive", "operator", "attest", "check")


class StepFile(FileModel):
    """One step: an id and exactly one verb."""

    id: Name
    send: SendFile | None = None
    receive: ReceiveFile | None = None
    operator: OperatorFile | None = None
    attest: AttestFile | None = None
    check: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    of: Names | None = None
    against: Names | None = None

    @model_validator(mode="after")
    def _one_verb(self) -> StepFile:
        verbs = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(verbs) != 1:
            found = f"this one has {' and '.join(verbs)}" if verbs else "this one has none"
            raise ValueError(f"a step has exactly one of {', '.join(VERBS)}; {found}")
        if verbs == ["check"] and self.of is None:
            raise ValueError("'check' needs 'of': the step or steps whose messages are judged")
        if verbs != ["check"] and (self.of or self.against):
            raise ValueError(f"'of' and 'against' stand only with 'check', not with '{verbs[0]}'")
        return self


AxisValue = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")] | int | bool


class ScenarioFile(FileModel):
    """A scenario file with a value of each axis put in."""

    scenario: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*-[0-9]+$")]
    title: Text
    description: Text | None = None
    sut: Actor
    tags: tuple[Literal["slow"], ...] = ()
    option: Option | None = None
    simulated: Annotated[dict[Name, Text], Field(min_length=1)]
    matrix: dict[Name, Annotated[tuple[AxisValue, ...], Field(min_length=1)]] = Field(default_factory=dict)
    data: dict[Name, DataFile] = Field(default_factory=dict)
    steps: Annotated[tuple[StepFile, ...], Field(min_length=1)]
