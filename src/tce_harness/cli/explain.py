"""``tce explain``: a scenario as numbered sentences."""

from __future__ import annotations

from typing import Annotated

import typer

from tce_harness.cli.options import ContentOption, library_of
from tce_harness.content import near_match
from tce_harness.model.errors import HarnessError
from tce_harness.scenarios import explain as sentences_of


def explain(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Its id, such as EM-010.")],
    content: ContentOption = None,
) -> None:
    """Say what a scenario does, sentence by sentence.

    Example: tce explain EM-010
    """
    library = library_of(content)
    known = {each.id: each for each in library.scenarios}
    if scenario not in known:
        hint = near_match(scenario, list(known))
        raise HarnessError(f"{scenario!r} is no scenario" + (f" ({hint})" if hint else ""))
    for sentence in sentences_of(known[scenario]):
        typer.echo(sentence)
