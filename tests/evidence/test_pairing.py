"""Exported instances find their originals by content alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, KeyObjectSelectionDocumentStorage, MRImageStorage

from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.log import EvidenceWriter
from tce_harness.evidence.pairing import Pairing, instance_key, pair_by_content, pixel_digest

if TYPE_CHECKING:
    from tests.evidence.conftest import Make

Instances = Callable[..., list[EvidenceInstance]]
KOS = KeyObjectSelectionDocumentStorage


@pytest.fixture
def instances(writer: EvidenceWriter, make: Make) -> Instances:
    """Return a function that keeps data sets and gives them as instances in evidence."""

    def keep(name: str, datasets: Sequence[Dataset], names: Sequence[str] = ()) -> list[EvidenceInstance]:
        return [
            EvidenceInstance(
                writer.evidence(),
                digest=writer.keep(make.file(dataset)),
                label=f"{name}/{number}",
                record="e0001",
                name=names[number - 1] if names else None,
            )
            for number, dataset in enumerate(datasets, start=1)
        ]

    return keep


def pairs(pairing: Pairing) -> dict[str, str]:
    return {pair.subject.label: pair.original.label for pair in pairing.pairs}


def alone(pairing: Pairing) -> tuple[list[str], list[str]]:
    return (
        [each.label for each in pairing.subjects_alone],
        [each.label for each in pairing.originals_alone],
    )


def test_instances_of_the_same_key_are_a_pair_whatever_their_uids(instances: Instances, make: Make) -> None:
    originals = instances("study", [make.instance(f"1.2.{n}", key=(3, n)) for n in (1, 2)])
    exported = instances("out", [make.instance(f"2.25.{n}", key=(3, n)) for n in (2, 1)])
    assert pairs(pair_by_content(exported, originals)) == {"out/1": "study/2", "out/2": "study/1"}


def test_instances_of_the_same_pixels_are_a_pair_where_the_key_is_gone(
    instances: Instances, make: Make
) -> None:
    originals = instances(
        "study", [make.instance(f"1.2.{n}", key=(3, n), pixels=bytes([n, 0])) for n in (1, 2)]
    )
    exported = instances("out", [make.instance(f"2.25.{n}", pixels=bytes([n, 0])) for n in (2, 1)])
    assert pairs(pair_by_content(exported, originals)) == {"out/1": "study/2", "out/2": "study/1"}


def test_key_and_pixels_together_come_before_either_alone(instances: Instances, make: Make) -> None:
    originals = instances("study", [make.instance("1.2.1", key=(1, 1), pixels=b"\1\0")])
    exported = instances(
        "out",
        [
            make.instance("2.25.1", key=(1, 1), pixels=b"\2\0"),
            make.instance("2.25.2", key=(1, 1), pixels=b"\1\0"),
        ],
    )
    found = pair_by_content(exported, originals)
    assert pairs(found) == {"out/2": "study/1"}
    assert alone(found) == (["out/1"], [])


def test_files_of_the_same_name_and_class_are_a_pair(instances: Instances, make: Make) -> None:
    originals = instances("study", [make.instance("1.2.1"), make.instance("1.2.2")], ["a", "b"])
    exported = instances("out", [make.instance("2.25.1"), make.instance("2.25.2")], ["b", "a"])
    assert pairs(pair_by_content(exported, originals)) == {"out/1": "study/2", "out/2": "study/1"}


def test_a_file_name_says_nothing_across_sop_classes(instances: Instances, make: Make) -> None:
    originals = instances("study", [make.instance("1.2.1", sop_class=CTImageStorage)], ["a"])
    exported = instances("out", [make.instance("2.25.1", sop_class=MRImageStorage)], ["a"])
    assert alone(pair_by_content(exported, originals)) == (["out/1"], ["study/1"])


def test_what_remains_alone_of_its_sop_class_is_a_pair(instances: Instances, make: Make) -> None:
    originals = instances(
        "study", [make.instance("1.2.1", key=(1, 1)), make.instance("1.2.2", sop_class=KOS)]
    )
    exported = instances("out", [make.instance("2.25.2", sop_class=KOS), make.instance("2.25.1", key=(1, 1))])
    assert pairs(pair_by_content(exported, originals)) == {"out/1": "study/2", "out/2": "study/1"}


def test_what_cannot_be_told_apart_stays_alone(instances: Instances, make: Make) -> None:
    originals = instances("study", [make.instance("1.2.1"), make.instance("1.2.2")])
    exported = instances("out", [make.instance("2.25.1"), make.instance("2.25.2")])
    found = pair_by_content(exported, originals)
    assert found.pairs == ()
    assert alone(found) == (["out/1", "out/2"], ["study/1", "study/2"])


def test_a_key_that_two_exported_instances_share_makes_no_pair(instances: Instances, make: Make) -> None:
    originals = instances("study", [make.instance("1.2.1", key=(1, 1))])
    exported = instances("out", [make.instance("2.25.1", key=(1, 1)), make.instance("2.25.2", key=(1, 1))])
    assert alone(pair_by_content(exported, originals)) == (["out/1", "out/2"], ["study/1"])


def test_what_has_no_original_at_all_stays_alone(instances: Instances, make: Make) -> None:
    originals = instances("study", [make.instance("1.2.1", key=(1, 1))])
    exported = instances("out", [make.instance("2.25.1", key=(1, 1)), make.instance("2.25.9", sop_class=KOS)])
    found = pair_by_content(exported, originals)
    assert pairs(found) == {"out/1": "study/1"}
    assert alone(found) == (["out/2"], [])


def test_a_key_needs_all_three_of_its_values(make: Make) -> None:
    whole = make.instance("1.2.1", key=(2, 7))
    assert instance_key(whole) == (CTImageStorage, "2", "7")
    for keyword in ("SOPClassUID", "SeriesNumber", "InstanceNumber"):
        lacking = make.instance("1.2.1", key=(2, 7))
        lacking[keyword].value = None
        assert instance_key(lacking) is None


def test_no_pixels_have_no_digest(make: Make) -> None:
    assert pixel_digest(make.instance("1.2.1")) is None
    assert pixel_digest(make.instance("1.2.1", pixels=b"")) is None
    assert pixel_digest(make.instance("1.2.1", pixels=b"\1\0")) == pixel_digest(
        make.instance("2.25.9", pixels=b"\1\0")
    )


_ATTRIBUTES = st.tuples(
    st.none() | st.tuples(st.integers(1, 2), st.integers(1, 2)),
    st.none() | st.sampled_from([b"\1\0", b"\2\0"]),
    st.sampled_from([CTImageStorage, KOS]),
)


@given(st.lists(_ATTRIBUTES, max_size=4), st.lists(_ATTRIBUTES, max_size=4))
@settings(max_examples=40, deadline=None)
def test_every_instance_is_in_one_pair_or_alone(
    tmp_path_factory: pytest.TempPathFactory,
    make: Make,
    left: list[tuple[tuple[int, int] | None, bytes | None, str]],
    right: list[tuple[tuple[int, int] | None, bytes | None, str]],
) -> None:
    writer = EvidenceWriter(tmp_path_factory.mktemp("pairs") / "evidence")

    def keep(
        name: str, root: str, found: list[tuple[tuple[int, int] | None, bytes | None, str]]
    ) -> list[EvidenceInstance]:
        made = [
            make.instance(f"{root}.{number}", key=key, pixels=pixels, sop_class=sop_class)
            for number, (key, pixels, sop_class) in enumerate(found, start=1)
        ]
        return [
            EvidenceInstance(
                writer.evidence(), digest=writer.keep(make.file(each)), label=f"{name}/{n}", record="e0001"
            )
            for n, each in enumerate(made, start=1)
        ]

    subjects, originals = keep("out", "2.25", left), keep("study", "1.2", right)
    writer.close()
    found = pair_by_content(subjects, originals)
    paired_subjects = [pair.subject for pair in found.pairs]
    paired_originals = [pair.original for pair in found.pairs]
    assert sorted(map(id, [*paired_subjects, *found.subjects_alone])) == sorted(map(id, subjects))
    assert sorted(map(id, [*paired_originals, *found.originals_alone])) == sorted(map(id, originals))
    assert all(
        pair.subject.sop_class_uid == pair.original.sop_class_uid
        for pair in found.pairs
        if not pair.subject.dataset.get("PixelData")
    )
