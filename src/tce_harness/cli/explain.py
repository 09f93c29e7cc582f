"""``tce explain``: a scenario as numbered sentences, or a policy by its options and HIPAA's identifiers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from tce_harness import __version__
from tce_harness.cli.options import ContentOption, JsonOption, content_of, library_of
from tce_harness.content import near_match
from tce_harness.deidentify import Policy, find_policy, with_options
from tce_harness.deidentify.explanation import PolicyView, explain_policy
from tce_harness.model.claims import Claims
from tce_harness.model.errors import HarnessError
from tce_harness.scenarios import explain as sentences_of
from tce_harness.scenarios import spell_claims

POLICY = "policy"
REMARK = (
    "This tells what the policy does with attributes. It does not show that an output identifies nobody: "
    "free text, faces and rare cases need a person's eyes."
)


def explain(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Its id, such as EM-010; or the word policy.")
    ],
    name: Annotated[
        str | None,
        typer.Argument(metavar="[POLICY]", help="After the word policy: its name, or a YAML file."),
    ] = None,
    *,
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="An option that the policy is to claim besides; may be repeated."),
    ] = None,
    claims: Annotated[
        bool,
        typer.Option(
            "--claims", help="Print nothing but what the policy claims, as a file for tce check --claims."
        ),
    ] = False,
    content: ContentOption = None,
    json_wanted: JsonOption = False,
) -> None:
    """Say what a scenario does, sentence by sentence, or what a policy of de-identification does.

    A policy is told by its options and by the 18 identifiers of the HIPAA Privacy Rule, each with the rows
    and rules that take it out.

    Example: tce explain EM-010; tce explain policy rcr; tce explain policy rcr --claims > rcr-claims.yaml
    """
    if scenario == POLICY:
        folders = content_of(content)
        if name is None:
            raise HarnessError("which policy? For example: tce explain policy basic")
        policy = with_options(find_policy(name, folders), option or (), folders)
        if claims:
            typer.echo(_claims_of(policy), nl=False)
            return
        view = explain_policy(policy)
        typer.echo(_as_json(view) if json_wanted else "\n".join(_as_text(view)))
        return
    if name is not None or option or claims:
        raise HarnessError(
            f"{scenario!r} takes no policy; did you mean: tce explain policy {name or 'NAME'}?"
        )
    _scenario(scenario, content, json_wanted)


def _scenario(scenario: str, content: ContentOption, json_wanted: bool) -> None:
    library = library_of(content)
    known = {each.id: each for each in library.scenarios}
    if scenario not in known:
        hint = near_match(scenario, list(known))
        raise HarnessError(f"{scenario!r} is no scenario" + (f" ({hint})" if hint else ""))
    sentences = sentences_of(known[scenario])
    if json_wanted:
        typer.echo(json.dumps({"scenario": scenario, "sentences": sentences}, indent=1, ensure_ascii=False))
        return
    for sentence in sentences:
        typer.echo(sentence)


def _claims_of(policy: Policy) -> str:
    claims = Claims(deidentification_codes=policy.codes, edition=policy.edition)
    return spell_claims(claims, f"tce deidentify by policy {policy.name}", __version__)


def _as_json(view: PolicyView) -> str:
    return json.dumps({**asdict(view), "remark": REMARK}, indent=1, ensure_ascii=False)


def _as_text(view: PolicyView) -> Iterator[str]:
    yield f"{view.name}: {view.title} (PS3.15 {view.edition})"
    yield ""
    for option in view.options:
        rows = ", ".join(
            f"{count} rows {done}"
            for count, done in ((option.kept, "stay"), (option.cleaned, "changed"))
            if count
        )
        yield f"{option.code} {option.meaning}"
        yield f"       {option.sentence}" + (f" ({rows})" if rows else "")
    yield ""
    yield from view.settings
    yield ""
    yield "HIPAA's identifiers, 45 CFR 164.514(b)(2)(i):"
    for identifier in view.identifiers:
        stays = sum(row.stays for row in identifier.rows)
        yield f"{identifier.letter}  {identifier.title}" + (f" [{stays} rows stay]" if stays else "")
        for row in identifier.rows:
            yield f"     {row.key} {row.name}: {row.outcome}"
        for rule in identifier.rules:
            yield f"     - {rule}"
    yield ""
    yield REMARK
