"""``tce prove``: each check is seen to fail on a planted defect."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.cli.options import ContentOption, JsonOption, OutOption, library_of, seed_of
from tce_harness.engine import Proof
from tce_harness.engine import prove as prove_defects
from tce_harness.model.verdict import ExitStatus, Verdict


def prove(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME ...]", help="Defects; none means all.")
    ] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Every defect in every case of its actor.")] = False,
    out: OutOption = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Same seed, same data.")] = None,
    content: ContentOption = None,
    json_wanted: JsonOption = False,
) -> None:
    """Plant every defect and see that exactly its requirements turn.

    Example: tce prove keeps-frame-of-reference-uid
    """
    library = library_of(content)
    with tempfile.TemporaryDirectory(prefix="tce-prove-") as temporary:
        proof = prove_defects(
            library,
            names or [],
            folder=out or Path(temporary) / "run",
            seed=seed_of(seed),
            full=full,
        )
    if json_wanted:
        typer.echo(json.dumps({**asdict(proof), "complete": proof.complete}, indent=1))
    else:
        _print(proof)
    raise typer.Exit(int(ExitStatus.OK if proof.complete else ExitStatus.FAILED))


def _print(proof: Proof) -> None:
    for defect in proof.defects:
        turned = ", ".join(f"{requirement} {verdict}" for requirement, verdict in defect.turned) or "nothing"
        typer.echo(
            f"{'✓' if defect.proven else '✕'} {defect.defect} ({', '.join(defect.cases)}): turns {turned}"
        )
        if defect.repeated:
            typer.echo("    - at the second attempt; the first did not come out as its file says")
        for requirement, expected, said in defect.uncaught:
            typer.echo(f"    ✕ uncaught: {requirement} should be {expected} and is {said}")
        for requirement, verdict in defect.unexpected:
            typer.echo(f"    ✕ turns too much: {requirement} is {verdict}")
        for requirement, reason in defect.unexamined:
            typer.echo(f"    - not examined here: {requirement}: {reason}")
    for case, requirement, verdict in proof.reference:
        typer.echo(f"✕ the reference itself is not passed: {case} {requirement} is {verdict}")
    for requirement in proof.unproven:
        typer.echo(f"✕ unproven: no defect brings {requirement} to its worst verdict")
    proven = sum(defect.proven for defect in proof.defects)
    broken = {Verdict.FAIL, Verdict.WARNING}
    caught = {
        requirement for defect in proof.defects for requirement, verdict in defect.turned if verdict in broken
    }
    typer.echo(
        f"{proven} of {len(proof.defects)} defects turn exactly what they should; "
        f"{len(caught)} requirements seen to fail, {len(proof.unproven)} unproven, "
        f"{len(proof.unexamined)} without a judge here"
    )
