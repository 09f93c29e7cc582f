from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset

from tce_harness.model.errors import HarnessError
from tce_harness.mutations import parse_mutations

Apply = Callable[..., Dataset]
CODE = {"value": "113107", "scheme": "DCM", "meaning": "Modified Dates"}


def test_a_code_is_added_at_the_end(apply: Apply, image: Dataset) -> None:
    add = {"add-code": {"element": "(0012,0064)", "code": CODE}}
    once = apply([add], image)
    twice = apply([add, {"add-code": {"element": "(0012,0064)", "code": {**CODE, "value": "113100"}}}], image)
    assert [item.CodeValue for item in once.DeidentificationMethodCodeSequence] == ["113107"]
    assert [item.CodeValue for item in twice.DeidentificationMethodCodeSequence] == ["113107", "113100"]


@pytest.mark.parametrize("element", ["(0012,0063)", "(0012,0064)[1]", "private"])
def test_what_is_no_sequence_gets_no_code(element: str) -> None:
    with pytest.raises(HarnessError, match="is no sequence that a code could be added to"):
        parse_mutations(json.dumps([{"add-code": {"element": element, "code": CODE}}]))
