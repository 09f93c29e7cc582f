"""What a folder alone can tell, and what it cannot: nothing that needs the originals passes without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tce_harness.model.claims import Claims
from tce_harness.rules.registry import Rule, all_rules

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

#: What the output tells by itself, of all that `tce check` judges.
BY_ITSELF = {
    "deid/character-sets-agree",
    "deid/file-meta-is-new",
    "deid/marked-as-de-identified",
    "deid/method-codes",
    "deid/method-recorded",
    "deid/no-burned-in-contradiction",
    "deid/no-private-sop-class",
    "deid/no-trailing-or-codestream-residue",
    "deid/private-removed",
    "deid/temporal-information",
    "object/readable",
    "uid/new-uids-are-valid",
    "uid/references-resolve-or-point-at-nothing-original",
}
#: Judged by outside judges, or of one folder never.
ELSEWHERE = {"deid/valid-instances", "deid/valid-by-the-standard"}
RULES = [
    rule
    for name, rule in all_rules().items()
    if name.startswith(("deid/", "uid/", "object/")) and name not in ELSEWHERE
]
EVERY_OPTION = Claims(
    deidentification_codes=(
        "113100", "113103", "113104", "113105", "113107", "113108", "113109", "113111", "113112",
    )
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("claims", [Claims(), EVERY_OPTION], ids=["basic", "options"])
def test_nothing_that_needs_the_originals_passes_without_them(
    rule: Rule, claims: Claims, make_case: CaseMaker, study: Study
) -> None:
    judgement = rule.judge(make_case([], study.exported, claims=claims, on_wire=False, what="check"))
    decided = judgement.applicable and judgement.examined > 0
    assert decided == (rule.name in BY_ITSELF), judgement
    assert decided or judgement.reason
