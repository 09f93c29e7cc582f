"""The manifest reader: what was built comes back, and what is wrong is told, not raised."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import (
    BasicTextSRStorage,
    CTImageStorage,
    EnhancedSRStorage,
    KeyObjectSelectionDocumentStorage,
)

from tce_harness.model.errors import InstanceError
from tce_harness.objects.content_items import code_item
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import (
    Manifest,
    Reference,
    is_export_manifest,
    is_key_object_selection,
    read_manifest,
)
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

TITLES = [title for pair in codes.EXPORT_TITLES for title in pair]
REASONS = [reason for pair in codes.DELAY_REASONS for reason in pair]
Maker = Callable[..., FileDataset]
Uids = Callable[[], Callable[[], str]]


def titled(title: Concept, sop_class: str = KeyObjectSelectionDocumentStorage) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID = sop_class
    dataset.ConceptNameCodeSequence = [code_item(title)]
    return dataset


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title.value)
def test_a_key_object_selection_with_an_export_title_is_a_manifest(title: Concept) -> None:
    assert is_export_manifest(titled(title))


@pytest.mark.parametrize(
    "title",
    [
        *codes.KEY_IMAGE_NOTE_TITLES,
        *codes.REJECTION_NOTE_TITLES,
        codes.XDS_MANIFEST,
        Concept("TCE006", "IHERADTF", ""),
        Concept("TCE001", "DCM", "For Teaching File Export"),
        Concept("128710", "IHERADTF", "For Teaching File Export"),
        Concept("TCE 001", "IHERADTF", "For Teaching File Export"),
    ],
    ids=lambda title: f"{title.value} {title.scheme}",
)
def test_another_title_or_scheme_is_no_manifest_though_a_key_object_selection(title: Concept) -> None:
    dataset = titled(title)
    assert is_key_object_selection(dataset)
    assert not is_export_manifest(dataset)


def test_a_structured_report_with_an_export_title_is_no_manifest() -> None:
    assert not is_export_manifest(titled(TITLES[0], EnhancedSRStorage))


frame_numbers = st.none() | st.lists(st.integers(1, 9999), min_size=1, max_size=4).map(tuple)
words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=40).filter(
    lambda each: each.strip("\\^= ") != ""
)
person_parts = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=1, max_size=10)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    """Draw what an Export Selection of up to three studies may say."""
    count = draw(st.integers(1, 6))
    references = []
    for number in range(1, count + 1):
        study = draw(st.integers(1, 3))
        states = draw(st.integers(0, 2))
        references.append(
            Reference(
                study_instance_uid=f"1.2.3.{study}",
                series_instance_uid=f"1.2.3.{study}.{draw(st.integers(1, 2))}",
                sop_class_uid=draw(st.sampled_from([CTImageStorage, BasicTextSRStorage, "1.2.99.1"])),
                sop_instance_uid=f"1.2.3.9.{number}",
                frames=draw(frame_numbers),
                segments=draw(frame_numbers),
                presentation_states=tuple(
                    Reference(
                        study_instance_uid="1.2.3.1",
                        series_instance_uid="1.2.3.1.8",
                        sop_class_uid="1.2.840.10008.5.1.4.1.1.11.1",
                        sop_instance_uid=f"1.2.3.8.{number}.{state}",
                    )
                    for state in range(states)
                ),
            )
        )
    return Manifest(
        title=draw(st.sampled_from(TITLES)),
        references=tuple(references),
        delay_reason=draw(st.none() | st.sampled_from(REASONS)),
        description=draw(st.none() | words),
        observer=draw(st.none() | st.lists(person_parts, min_size=1, max_size=5).map("^".join)),
        language=draw(st.none() | st.just(Concept("cy", "RFC5646", "Welsh"))),
    )


def build(manifest: Manifest, instance: Maker, uids: Uids) -> tuple[FileDataset, ...]:
    built = build_manifests(
        manifest,
        [instance(1, study=study) for study in (1, 2, 3)],
        uids=uids(),
        content_datetime=datetime(2024, 3, 6),
        series_number=1,
    )
    return tuple(dcmread(BytesIO(encode_instance(each))) for each in built)


@settings(max_examples=40, deadline=None)
@given(manifest=manifests())
def test_reading_gives_back_what_was_built(manifest: Manifest, instance: Maker, uid_source: Uids) -> None:
    for document in build(manifest, instance, uid_source):
        read = read_manifest(document).manifest()
        assert read is not None
        assert (read.title, read.references) == (manifest.title, manifest.references)
        assert (read.delay_reason, read.language) == (manifest.delay_reason, manifest.language)
        assert (read.description, read.observer) == (manifest.description, manifest.observer)


@settings(max_examples=40, deadline=None)
@given(manifest=manifests())
def test_what_is_listed_is_each_referenced_instance_once(
    manifest: Manifest, instance: Maker, uid_source: Uids
) -> None:
    wanted = {each.sop_instance_uid for each in manifest.references} | {
        state.sop_instance_uid for each in manifest.references for state in each.presentation_states
    }
    for document in build(manifest, instance, uid_source):
        listed = read_manifest(document).listed
        assert set(listed) == wanted
        assert len(listed) == len(wanted)


def one_of_each(instance: Maker, uids: Uids) -> FileDataset:
    """Return a manifest with every kind of content, over two studies."""
    images = [instance(1), instance(1, study=2)]
    state = instance(1, series=2, sop_class="1.2.840.10008.5.1.4.1.1.11.1")
    manifest = Manifest(
        title=TITLES[0],
        references=(
            reference_to(images[0], frames=[1], segments=[2], presentation_states=[state]),
            reference_to(images[1]),
        ),
        delay_reason=REASONS[0],
        description="for the archive",
        observer="Ward^Ruth",
        language=Concept("en", "RFC5646", "English"),
    )
    return build(manifest, instance, uids)[0]


WRONG_VALUES: list[tuple[str, object]] = [
    ("LO", None),
    ("LO", "wrong"),
    ("LO", ["a", "b"]),
    ("PN", "Hand^Anna"),
    ("OB", b"\xff\xfe\x00"),
    ("US", 65535),
    ("IS", "15"),
    ("DS", "1.5"),
    ("UI", "../../etc"),
    ("UI", ["1.2", "1.3"]),
    ("SQ", []),
]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_mutilated_manifest_is_read_without_raising(
    data: st.DataObject, instance: Maker, uid_source: Uids
) -> None:
    document = one_of_each(instance, uid_source)
    for _ in range(data.draw(st.integers(1, 6))):
        holders = [document, *(item for each in document.iterall() if each.VR == "SQ" for item in each.value)]
        holder = holders[data.draw(st.integers(0, len(holders) - 1))]
        tags = [each.tag for each in holder if each.keyword != "SpecificCharacterSet"]
        if not tags:
            continue
        tag = data.draw(st.sampled_from(tags))
        how = data.draw(st.sampled_from(["drop", "retype", "empty item", "repeat", "nest"]))
        if how == "drop":
            del holder[tag]
        elif how == "retype":
            vr, value = data.draw(st.sampled_from(WRONG_VALUES))
            holder[tag] = DataElement(tag, vr, value)
        elif holder[tag].VR == "SQ" and len(holder[tag].value):
            more = {"empty item": Dataset(), "repeat": holder[tag].value[0], "nest": deepcopy(holder)}[how]
            holder[tag].value = [*holder[tag].value, more]
    reading = read_manifest(document)
    assert reading.is_key_object_selection == (
        document.get("SOPClassUID") == KeyObjectSelectionDocumentStorage
    )
    assert len(reading.items) == len(
        document.ContentSequence
        if "ContentSequence" in document and document["ContentSequence"].VR == "SQ"
        else []
    )
    assert all(uid for uid in reading.listed)
    reading.manifest()


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_manifest_with_broken_bytes_is_read_or_refused(
    data: st.DataObject, instance: Maker, uid_source: Uids
) -> None:
    content = bytearray(encode_instance(one_of_each(instance, uid_source)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(132, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        dataset = read_instance(bytes(content))
    except InstanceError:
        return
    read_manifest(dataset).manifest()


def test_nothing_at_all_is_read_as_nothing() -> None:
    reading = read_manifest(Dataset())
    assert reading.title is None
    assert reading.listed == ()
    assert reading.manifest() is None


def test_every_series_of_every_study_of_the_evidence_is_read(instance: Maker, uid_source: Uids) -> None:
    instances = [instance(n, study=s, series=r) for s in (1, 2) for r in (1, 2) for n in (1, 2)]
    manifest = Manifest(title=TITLES[0], references=tuple(map(reference_to, instances)))
    reading = read_manifest(build(manifest, instance, uid_source)[0])
    assert len(reading.evidence) == 8
    assert reading.evidence[-1].element == "(0040,A375)[2]/(0008,1115)[2]/(0008,1199)[2]"


def test_a_title_modifier_that_is_no_delay_is_told_apart(instance: Maker, uid_source: Uids) -> None:
    document = one_of_each(instance, uid_source)
    assert read_manifest(document).is_delayed
    modifier = document.ContentSequence[0]
    modifier.ConceptCodeSequence = [code_item(Concept("113013", "DCM", "Best In Set"))]
    reading = read_manifest(document)
    assert [each.position for each in reading.title_modifiers] == [1]
    assert not reading.is_delayed


def test_a_delay_modifier_out_of_place_is_found_with_its_position(instance: Maker, uid_source: Uids) -> None:
    document = one_of_each(instance, uid_source)
    first, *rest = document.ContentSequence
    document.ContentSequence = [*rest, first]
    (delay,) = read_manifest(document).delay_modifiers
    assert delay.position == len(rest) + 1
    assert delay.element == f"(0040,A730)[{len(rest) + 1}]"


def test_items_below_items_are_counted_at_all_depths(instance: Maker, uid_source: Uids) -> None:
    document = one_of_each(instance, uid_source)
    deep = Dataset()
    deep.ContentSequence = [Dataset()]
    document.ContentSequence[1].ContentSequence = [deep, Dataset()]
    assert [each.nested for each in read_manifest(document).items][:3] == [0, 3, 0]
