"""Scenario files to scenarios: every fault of every file at once, each with its place."""

from __future__ import annotations

from pathlib import Path

from tce_harness.content import Content, YamlFile, read_yaml
from tce_harness.model.claims import TeachingFileTemplate
from tce_harness.model.errors import Problem, ScenarioError
from tce_harness.model.requirement import Actor
from tce_harness.scenarios.matrix import Variant, axis_problems, axis_values, spell_value, variants
from tce_harness.scenarios.names import NameCheck, transaction_of, used_data
from tce_harness.scenarios.scenario import (
    SUT_ROLES,
    AbsenceStep,
    AttestStep,
    Case,
    CheckStep,
    Data,
    FolderData,
    ManifestData,
    OperatorStep,
    ReceiveStep,
    RecipeData,
    Scenario,
    SendStep,
    Step,
    TeachingFileData,
    Transaction,
)
from tce_harness.scenarios.scenario_file import (
    FolderFile,
    ManifestFile,
    ReceiveFile,
    RecipeFile,
    ScenarioFile,
    SendFile,
    StepFile,
)
from tce_harness.scenarios.vocabulary import Vocabulary

SUFFIX = ".tce.yaml"


def load_scenarios(content: Content, vocabulary: Vocabulary) -> tuple[Scenario, ...]:
    """Return every scenario of the content, sorted by its file.

    Raises
    ------
    ScenarioError
        With every fault of every file.
    """
    problems: list[Problem] = []
    found: dict[str, Scenario] = {}
    for path in content.files("scenarios", f"**/*{SUFFIX}"):
        try:
            scenario = load_scenario(path, vocabulary, content.relative(path))
        except ScenarioError as error:
            problems += error.problems
            continue
        if path.parent.name != scenario.sut:
            message = f"the system under test is {scenario.sut.value}: the file belongs in that folder"
            problems.append(Problem(path, scenario.line, 1, "sut", message))
        if scenario.id in found:
            message = f"the id {scenario.id} is that of {found[scenario.id].file} already"
            problems.append(Problem(path, scenario.line, 1, "scenario", message))
        found[scenario.id] = scenario
    if problems:
        raise ScenarioError(problems)
    return tuple(found.values())


def load_scenario(path: Path, vocabulary: Vocabulary, file: str | None = None) -> Scenario:
    """Return the scenario of one file.

    Parameters
    ----------
    file
        How reports name the file; its path where None.

    Raises
    ------
    ScenarioError
        With every fault of the file, cross-references too.
    """
    yaml = read_yaml(path)
    if not isinstance(yaml.value, dict):
        yaml.validate(ScenarioFile)
    problems = set(axis_problems(yaml))
    cases: list[Case] = []
    used: set[str] = set()
    for variant in variants(yaml):
        used |= used_data(variant.yaml.value)
        faults, model = _check(variant, vocabulary)
        problems |= faults
        if model is not None and not problems:
            cases.append(_case(variant, model, file or path.as_posix()))
    problems |= _unused_data(yaml, used) | _misnamed(yaml)
    if problems:
        raise ScenarioError(sorted(problems))
    return _scenario(yaml, cases)


def _check(variant: Variant, vocabulary: Vocabulary) -> tuple[set[Problem], ScenarioFile | None]:
    model = None
    problems: set[Problem] = set()
    try:
        model = variant.yaml.validate(ScenarioFile)
    except ScenarioError as error:
        problems |= set(error.problems)
    problems |= set(NameCheck(variant.yaml, vocabulary).run())
    return problems, model


def _unused_data(yaml: YamlFile, used: set[str]) -> set[Problem]:
    data = yaml.value.get("data")
    names = data if isinstance(data, dict) else {}
    return {
        yaml.problem(("data", name), f"the data {name!r} is not used") for name in names if name not in used
    }


def _misnamed(yaml: YamlFile) -> set[Problem]:
    name = yaml.value.get("scenario")
    if not isinstance(name, str) or yaml.path.name.startswith(f"{name}-"):
        return set()
    message = f"the file is named {yaml.path.name!r} and not {name}-<slug>{SUFFIX}"
    return {yaml.problem(("scenario",), message)}


def _scenario(yaml: YamlFile, cases: list[Case]) -> Scenario:
    first = cases[0]
    matrix = ((axis, tuple(map(spell_value, values))) for axis, values in axis_values(yaml).items())
    return Scenario(
        id=first.scenario,
        title=first.title,
        description=yaml.value.get("description"),
        path=first.path,
        file=first.file,
        line=first.line,
        sut=first.sut,
        tags=first.tags,
        option=first.option,
        matrix=tuple(matrix),
        expanded=tuple(cases),
    )


def _case(variant: Variant, model: ScenarioFile, file: str) -> Case:
    yaml = variant.yaml
    return Case(
        id="/".join([model.scenario, *(value for _, value in variant.axes)]),
        scenario=model.scenario,
        title=model.title,
        path=yaml.path,
        file=file,
        line=yaml.place(("scenario",))[0],
        sut=model.sut,
        tags=model.tags,
        option=model.option,
        axes=variant.axes,
        simulated=tuple(model.simulated.items()),
        data=tuple(_data(yaml, model, name) for name in model.data),
        steps=tuple(_step(yaml, model, index) for index in range(len(model.steps))),
    )


def _data(yaml: YamlFile, model: ScenarioFile, name: str) -> Data:
    data = model.data[name]
    line = yaml.place(("data", name))[0]
    if isinstance(data, RecipeFile):
        return RecipeData(name=name, line=line, recipe=data.recipe, instances=data.instances)
    if isinstance(data, FolderFile):
        return FolderData(name=name, line=line, folder=yaml.path.parent / data.folder)
    if isinstance(data, ManifestFile):
        return ManifestData(
            name=name,
            line=line,
            title=data.title,
            references=data.references,
            only=data.only or (),
            exclude=data.exclude or (),
            delay=data.delay,
            description=data.description,
            names_patient=data.names_patient,
            observer=data.observer,
            language=data.language,
            spelled_in=data.code_set,
        )
    template = None if data.template == "both" else TeachingFileTemplate(data.template)
    return TeachingFileData(
        name=name, line=line, about=data.about, template=template, spelled_in=data.code_set
    )


def _step(yaml: YamlFile, model: ScenarioFile, index: int) -> Step:
    step = model.steps[index]
    line = yaml.place(("steps", index))[0]
    if step.send is not None:
        return _send(step.id, line, step.send, model)
    if step.receive is not None:
        return _receive(step.id, line, step.receive)
    return _words(step, line)


def _send(name: str, line: int, send: SendFile, model: ScenarioFile) -> SendStep:
    if send.transaction is not None:
        sent = send.transaction
    elif model.sut is Actor.RECEIVER or send.sender == SUT_ROLES[Actor.EXPORT_MANAGER]:
        sent = (Transaction.EXPORT_INSTANCES,)
    else:
        sent = tuple(transaction_of(model.data[each]) for each in send.objects)
    return SendStep(
        id=name,
        line=line,
        transactions=tuple(dict.fromkeys(sent)),
        sender=send.sender,
        objects=send.objects,
        order=send.order,
        associations=send.associations,
    )


def _receive(name: str, line: int, receive: ReceiveFile) -> ReceiveStep | AbsenceStep:
    if receive.seconds is not None:
        return AbsenceStep(
            id=name, line=line, transaction=receive.transaction, at=receive.at, seconds=receive.seconds
        )
    if receive.until is None or receive.within is None:
        raise AssertionError("a wait without 'until' and 'within' is refused when the file is read")
    return ReceiveStep(
        id=name,
        line=line,
        transaction=receive.transaction,
        at=receive.at,
        until=receive.until,
        within=receive.within,
        count=receive.count,
    )


def _words(step: StepFile, line: int) -> OperatorStep | AttestStep | CheckStep:
    if step.operator is not None:
        return OperatorStep(
            id=step.id,
            line=line,
            instruction=step.operator.do,
            question=step.operator.answer,
            within=step.operator.within,
        )
    if step.attest is not None:
        return AttestStep(
            id=step.id,
            line=line,
            requirement=step.attest.requirement,
            question=step.attest.question,
            within=step.attest.within,
        )
    return CheckStep(
        id=step.id, line=line, rules=step.check or (), of=step.of or (), against=step.against or ()
    )
