from __future__ import annotations

import re

from tce_harness.content import Content
from tce_harness.mutations import MutationEntry


def test_the_page_for_engineers_names_every_mutation_and_no_other() -> None:
    page = Content.with_overlays().file("simulators/mutations.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z-]+): ", row)}
    assert named == {info.alias or name for name, info in MutationEntry.model_fields.items()}
