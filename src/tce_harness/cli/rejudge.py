"""``tce rejudge``: verdicts again, from evidence alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tce_harness.cli.options import ContentOption, JsonOption, library_of
from tce_harness.cli.outputs import read_result
from tce_harness.engine import differences
from tce_harness.engine import rejudge as judge_again
from tce_harness.model.verdict import ExitStatus
from tce_harness.reports import to_json


def rejudge(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder that 'tce run' or 'tce check' wrote.")],
    content: ContentOption = None,
    json_wanted: JsonOption = False,
) -> None:
    """Recompute every verdict from the evidence and hold it against the recorded result.

    The evidence log's chain and the digest of every instance are verified on the way.

    Example: tce rejudge tce-run-20261122T140500Z
    """
    before = read_result(run)
    now = judge_again(run, library_of(content))
    different = differences(before, now)
    if json_wanted:
        typer.echo(to_json(now), nl=False)
    else:
        for difference in different:
            typer.echo(str(difference))
        if now.evidence_head != before.evidence_head:
            typer.echo("the evidence is not the one that the result was made from")
        same = "as recorded" if not different else f"{len(different)} verdicts differ"
        typer.echo(f"{now.evidence_records} evidence records, chain whole; {same}")
    if different or now.evidence_head != before.evidence_head:
        raise typer.Exit(int(ExitStatus.FAILED))
    raise typer.Exit(now.exit_status)
