"""What is told of a fault of ours."""

from __future__ import annotations

from tce_harness.model.errors import HarnessError, describe_fault


def fault(error: Exception) -> Exception:
    try:
        raise error
    except Exception as raised:
        return raised


def test_a_fault_is_told_with_its_kind_and_place() -> None:
    told = describe_fault(fault(ValueError("Hand^Oona")), quote=True)
    assert told.startswith("ValueError at test_fault.py:")
    assert told.endswith(": Hand^Oona")


def test_a_fault_that_may_quote_a_patient_is_told_without_its_text() -> None:
    assert "Hand" not in describe_fault(fault(ValueError("Hand^Oona")), quote=False)


def test_what_was_raised_on_purpose_has_a_text_for_the_user() -> None:
    assert describe_fault(fault(HarnessError("name a folder")), quote=False) == "name a folder"


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert describe_fault(KeyError("x"), quote=False) == "KeyError"
