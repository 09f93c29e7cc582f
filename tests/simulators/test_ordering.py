"""Where the manifest stands among the instances."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.simulators.ordering import Order, in_order
from tce_harness.transport import OutgoingInstance


def outgoing(label: str) -> OutgoingInstance:
    return OutgoingInstance(
        path=Path(label),
        sop_class_uid="1.2",
        sop_instance_uid="1.2.3",
        transfer_syntax_uid="1.2",
        label=label,
        group="manifest" if label.startswith("m") else "instances",
    )


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.AS_LISTED, "a b c m"),
        (Order.MANIFEST_FIRST, "m a b c"),
        (Order.MANIFEST_BETWEEN, "a b m c"),
        (Order.REVERSED, "m c b a"),
    ],
)
def test_the_manifest_stands_where_it_is_asked_for(order: Order, expected: str) -> None:
    ordered = in_order([outgoing(label) for label in "abcm"], order)
    assert " ".join(each.label for each in ordered) == expected


@given(st.lists(st.sampled_from(["a", "b", "m"])), st.sampled_from(Order))
def test_no_order_loses_or_doubles_an_instance(labels: list[str], order: Order) -> None:
    ordered = in_order([outgoing(label) for label in labels], order)
    assert sorted(each.label for each in ordered) == sorted(labels)
