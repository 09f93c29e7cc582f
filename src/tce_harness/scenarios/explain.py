"""A scenario as numbered sentences, for people who do not read YAML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tce_harness.content.durations import spell_duration
from tce_harness.scenarios.scenario import (
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
    Until,
)
from tce_harness.simulators.ordering import Order
from tce_harness.transport import Associations

_ORDERS = {
    Order.AS_LISTED: "",
    Order.MANIFEST_FIRST: ", the manifest first",
    Order.MANIFEST_BETWEEN: ", the manifest between the others",
    Order.REVERSED: ", in reversed order",
}
_ASSOCIATIONS = {
    Associations.ONE: "",
    Associations.EACH: ", over an association for each",
    Associations.PER_INSTANCE: ", over an association for every instance",
}


def explain(scenario: Scenario) -> list[str]:
    """Return what a scenario does as sentences, numbered from 1."""
    told = [*_introduction(scenario)]
    cases = scenario.cases()
    axes = _listed(axis for axis, _ in scenario.matrix)
    for variants in zip(*(tuple(_course(case)) for case in cases), strict=True):
        first = variants[0]
        if len(set(variants)) > 1:
            first = f"{first.removesuffix('.')} (so in {cases[0].id}; it varies with {axes})."
        told.append(first)
    return [f"{number}. {sentence}" for number, sentence in enumerate(told, 1)]


def _introduction(scenario: Scenario) -> Iterator[str]:
    yield f"{scenario.id} tests the {scenario.sut.value}: {scenario.title.removesuffix('.')}."
    if scenario.description:
        yield " ".join(scenario.description.split())
    if scenario.option is not None:
        yield f"It applies where the option {scenario.option.value} is claimed."
    if scenario.matrix:
        axes = _listed(f"{axis} ({', '.join(values)})" for axis, values in scenario.matrix)
        yield f"It is performed {len(scenario.cases())} times, once for every value of {axes}."


def _course(case: Case) -> Iterator[str]:
    roles = _listed(f"the {role} ({simulator})" for role, simulator in case.simulated)
    yield f"The harness plays {roles}."
    for data in case.data:
        yield _data(data)
    for step in case.steps:
        yield _step(step, case)


def _data(data: Data) -> str:
    if isinstance(data, RecipeData):
        count = _instances(data.instances) if data.instances else "as many instances as that has"
        return f"It makes {data.name} by the recipe {data.recipe}: {count}."
    if isinstance(data, FolderData):
        return f"It takes {data.name} from the files in {data.folder.name}."
    if isinstance(data, ManifestData):
        return f"It makes {data.name}: a manifest titled {data.title} over {_manifest(data)}."
    template = "both templates" if data.template is None else f"the template {data.template.value}"
    return (
        f"It makes {data.name}: additional teaching file information about {_listed(data.about)}, "
        f"after {template}."
    )


def _manifest(data: ManifestData) -> str:
    told = _listed(data.references)
    if data.only:
        told += f", of which only {_listed(data.only)}"
    if data.exclude:
        told += f", without {_listed(data.exclude)}"
    if data.names_patient:
        told += ", with the patient's name in its description"
    if data.delay is not None:
        told += f", with the delay reason {data.delay}"
    return told


def _step(step: Step, case: Case) -> str:
    if isinstance(step, SendStep):
        return _send(step, case)
    if isinstance(step, ReceiveStep):
        return _receive(step)
    if isinstance(step, AbsenceStep):
        what = "Nothing" if step.transaction is None else f"Nothing by {step.transaction.value}"
        return f"{what} may arrive at the {step.at} for {spell_duration(step.seconds)} ({step.id})."
    if isinstance(step, OperatorStep):
        question = f" They are asked: {step.question}" if step.question else ""
        return f"A person is told ({step.id}): {step.instruction}{question}"
    if isinstance(step, AttestStep):
        return f"A person attests {step.requirement} ({step.id}): {step.question}"
    return _check(step)


def _send(step: SendStep, case: Case) -> str:
    objects = _listed(step.objects) + _ORDERS[step.order] + _ASSOCIATIONS[step.associations]
    by = "/".join(each.value for each in step.transactions)
    if step.sender == case.sut_role:
        return f"The operator of the system under test makes it send {objects}, by {by} ({step.id})."
    return f"The {step.sender} sends {objects}, by {by} ({step.id})."


def _receive(step: ReceiveStep) -> str:
    by = "" if step.transaction is None else f" by {step.transaction.value}"
    until = {
        Until.MANIFEST_COMPLETE: "a manifest and everything that it lists have arrived",
        Until.ALL: "everything that was announced has arrived",
        Until.COUNT: f"{_instances(step.count or 0)} {'has' if step.count == 1 else 'have'} arrived",
    }[step.until]
    return f"The {step.at} waits{by} until {until}, at most {spell_duration(step.within)} ({step.id})."


def _check(step: CheckStep) -> str:
    against = f", held against {_listed(step.against)}" if step.against else ""
    return f"Of {_listed(step.of)}{against}, these rules judge: {', '.join(step.rules)}."


def _instances(count: int) -> str:
    return "1 instance" if count == 1 else f"{count} instances"


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
