"""Private elements: which stay, by whose word, and never one in which something identifying stands."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tce_harness.deidentify import Deidentified, Deidentifier, NoteKind, Policy, Pseudonyms
from tce_harness.deidentify.policy import SafeBlock
from tce_harness.deidentify.working_copy import working_copy
from tce_harness.objects.instance import encode_instance, read_instance

By = Callable[..., Deidentified]
CREATOR = "ZWIEBEL 1.0"


@pytest.fixture
def by(basic: Policy, pseudonyms: Pseudonyms) -> By:
    def by(dataset: Dataset, *codes: str, **changes: object) -> Deidentified:
        policy = dataclasses.replace(basic, codes=("113100", "113104", "113111", *codes), **changes)  # type: ignore[arg-type]
        outcome = Deidentifier(policy, pseudonyms).deidentify(dataset)
        assert isinstance(outcome, Deidentified), outcome
        return Deidentified(read_instance(encode_instance(outcome.dataset)), outcome.notes)

    return by


@pytest.fixture
def scan(ct: Dataset) -> Dataset:
    """An instance whose only private block is the tests' own."""
    ct.remove_private_tags()
    return ct


def private(dataset: Dataset) -> set[int]:
    return {int(element.tag) for element in dataset if element.tag.is_private}


def declare(
    dataset: Dataset, status: str, *safe: int, creator: str = CREATOR, **asked: tuple[int, ...]
) -> None:
    item = Dataset()
    item.PrivateGroupReference, item.PrivateCreatorReference = 0x0029, creator
    item.BlockIdentifyingInformationStatus = status
    if safe:
        item.NonidentifyingPrivateElements = list(safe)
    actions = []
    for action, elements in asked.items():
        each = Dataset()
        each.IdentifyingPrivateElements, each.DeidentificationAction = list(elements), action
        actions.append(each)
    if actions:
        item.DeidentificationActionSequence = actions
    dataset.PrivateDataElementCharacteristicsSequence = [item]


def test_a_row_of_the_table_stays_in_whatever_block_with_its_creator_alone(scan: Dataset, by: By) -> None:
    scan.add_new(0x70530010, "LO", "ANOTHER")
    scan.add_new(0x70531009, "DS", "3.5")
    scan.add_new(0x70530012, "LO", "Philips PET Private Group")
    scan.add_new(0x70531200, "DS", "1.5")
    scan.add_new(0x70531201, "LO", "not in the table")
    scan.add_new(0x70551200, "LO", "without a creator")
    outcome = by(scan)
    assert private(outcome.dataset) == {0x70530012, 0x70531200}
    assert outcome.dataset[0x70531200].value == 1.5
    assert [note.element for note in outcome.notes if note.kind is NoteKind.PRIVATE] == ["(7053,1200)"]


def test_without_the_option_nothing_private_stays_nor_what_describes_it(
    scan: Dataset, basic: Policy, pseudonyms: Pseudonyms
) -> None:
    scan.private_block(0x0029, CREATOR, create=True).add_new(1, "LO", "plain")
    declare(scan, "SAFE")
    outcome = Deidentifier(basic, pseudonyms).deidentify(scan)
    assert isinstance(outcome, Deidentified)
    assert private(outcome.dataset) == set()
    assert "PrivateDataElementCharacteristicsSequence" not in outcome.dataset


@pytest.mark.parametrize(
    ("status", "safe", "stay"),
    [("SAFE", (), {1, 2, 3}), ("MIXED", (2,), {2}), ("UNSAFE", (), set()), ("", (3,), {3})],
)
def test_an_instance_says_which_of_a_block_are_safe(
    status: str, safe: tuple[int, ...], stay: set[int], scan: Dataset, by: By
) -> None:
    block = scan.private_block(0x0029, CREATOR, create=True)
    for number in (1, 2, 3):
        block.add_new(number, "LO", f"plain {number}")
    declare(scan, status, *safe)
    result = by(scan).dataset
    assert private(result) == ({0x00290010} if stay else set()) | {0x00291000 | number for number in stay}
    assert ("PrivateDataElementCharacteristicsSequence" in result) is bool(stay)


def test_the_action_that_an_instance_asks_for_is_obeyed(scan: Dataset, by: By) -> None:
    block = scan.private_block(0x0029, CREATOR, create=True)
    for number in (1, 2, 3, 5, 6):
        block.add_new(number, "LO", f"plain {number}")
    block.add_new(4, "UI", "1.2.826.0.1.3680043.8.498.99")
    declare(scan, "SAFE", D=(1,), Z=(2,), X=(3,), U=(4,), WHAT=(5,))
    result = by(scan).dataset
    assert private(result) == {0x00290010, 0x00291001, 0x00291002, 0x00291004, 0x00291006}
    assert result[0x00291001].value not in ("", "plain 1")
    assert result[0x00291002].value in ("", None)
    assert result[0x00291004].value.startswith("2.25.")
    assert result[0x00291006].value == "plain 6"


def test_the_policy_lists_safe_elements_of_its_own(scan: Dataset, by: By) -> None:
    block = scan.private_block(0x0029, CREATOR, create=True)
    block.add_new(0x1F, "FD", 1.5)
    block.add_new(0x20, "FD", 2.5)
    listed = SafeBlock(creator=CREATOR, group=0x29, elements=frozenset({0x1F}), source="a statement")
    assert private(by(scan, safe_private=(listed,)).dataset) == {0x00290010, 0x0029101F}


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("LO", "for Peter Hand"),
        ("LO", "9991234564"),
        ("UT", "asked for by Dr Whoever"),
        ("OB", b"..9991234564.."),
        ("UN", b"Hand "),
        ("PN", "Somebody^Else"),
        ("DA", "20240229"),
        ("LO", "see 1.2.826.0.1.3680043.8.498.11"),
    ],
)
def test_a_value_that_identifies_goes_from_a_block_that_is_called_safe(
    vr: str, value: object, scan: Dataset, by: By
) -> None:
    scan.private_block(0x0029, CREATOR, create=True).add_new(1, vr, value)
    declare(scan, "SAFE")
    assert private(by(scan).dataset) == set()


def test_a_creator_that_names_the_patient_goes_with_its_block(scan: Dataset, by: By) -> None:
    scan.private_block(0x0029, "Hand", create=True).add_new(1, "LO", "plain")
    declare(scan, "SAFE", creator="Hand")
    result = by(scan).dataset
    assert private(result) == set()
    assert b"Hand" not in encode_instance(result)


def test_private_dates_and_uids_follow_the_options_on_them(scan: Dataset, by: By) -> None:
    block = scan.private_block(0x0029, CREATOR, create=True)
    block.add_new(1, "DA", "20240229")
    block.add_new(2, "UI", scan.StudyInstanceUID)
    declare(scan, "SAFE")
    moved = by(scan, "113107").dataset
    assert moved[0x00291001].value not in ("", "20240229")
    assert moved[0x00291002].value == moved.StudyInstanceUID
    kept = by(scan, "113106", "113110").dataset
    assert (kept[0x00291001].value, kept[0x00291002].value) == ("20240229", scan.StudyInstanceUID)


def test_safe_sequences_are_entered_and_blocks_in_items_have_creators_of_their_own(
    scan: Dataset, by: By
) -> None:
    inner, outer = Dataset(), Dataset()
    inner.private_block(0x0029, CREATOR, create=True).add_new(1, "LO", "plain")
    inner.private_block(0x0029, "OTHER", create=True).add_new(1, "LO", "unknown")
    inner.PatientName, inner.ReferencedSOPInstanceUID = "Hand^Peter", scan.SOPInstanceUID
    outer.private_block(0x0029, CREATOR, create=True).add_new(2, "SQ", [inner])
    scan.private_block(0x0029, CREATOR, create=True).add_new(3, "SQ", [outer])
    declare(scan, "SAFE")
    result = by(scan).dataset
    item = result[0x00291003].value[0][0x00291002].value[0]
    assert private(item) == {0x00290010, 0x00291001}
    assert item.ReferencedSOPInstanceUID == result.SOPInstanceUID
    assert str(item.get("PatientName")) != "Hand^Peter"


def test_what_is_not_known_to_be_safe_goes_also_where_its_words_are_in_the_vocabulary(
    scan: Dataset, teaching: Policy, pseudonyms: Pseudonyms
) -> None:
    inner = Dataset()
    inner.SeriesNumber = 7
    block = scan.private_block(0x0029, CREATOR, create=True)
    block.add_new(1, "LO", "lung")
    block.add_new(2, "SQ", [inner])
    policy = dataclasses.replace(teaching, codes=(*teaching.codes, "113111"))
    outcome = Deidentifier(policy, pseudonyms).deidentify(scan)
    assert isinstance(outcome, Deidentified)
    assert private(outcome.dataset) == set()


def implicit(tag: int, value: bytes) -> bytes:
    value += b" " * (len(value) & 1)
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, len(value)) + value


def item_of(*elements: bytes) -> bytes:
    content = b"".join(elements)
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_sequence_that_its_writer_did_not_know_is_gone_through_like_any_other(
    syntax: UID, scan: Dataset, by: By
) -> None:
    inner = item_of(
        implicit(0x00081155, scan.SOPInstanceUID.encode()),
        implicit(0x00100010, b"Hand^Peter"),
        implicit(0x00100030, b"19570312"),
    )
    scan.add_new(0x20010010, "LO", "Philips Imaging DD 001")
    scan.add_new(0x200110FC, "UN", inner)
    scan.add_new(0x200110FD, "UN", b"no sequence at all")
    scan.file_meta.TransferSyntaxUID = syntax
    result = by(scan).dataset
    assert 0x200110FD not in result
    kept = working_copy(result)[0x200110FC].value[0]
    assert [str(element.value)[:5] for element in kept] == ["2.25."]


def test_a_value_of_unknown_vr_stays_only_as_what_it_is_known_to_be(scan: Dataset, by: By) -> None:
    scan.add_new(0x00990010, "LO", "NQHeader")
    scan.add_new(0x00991001, "UN", f"{scan.SeriesInstanceUID}\0".encode())
    scan.add_new(0x00991004, "UN", b"\x05\x00")
    scan.add_new(0x00991005, "UN", b"Patient Hand\r\n")
    scan.add_new(0x00991002, "LO", "1.2.3")
    scan.add_new(0x70530010, "LO", "Philips PET Private Group")
    scan.add_new(0x70531000, "UN", b"one and a half")
    result = by(scan).dataset
    assert result[0x00991001].value.startswith("2.25.")
    assert private(result) == {0x00990010, 0x00991001, 0x00991004}


@pytest.mark.parametrize(
    "value",
    [
        b"Hand^Peter\0\0",
        b"line\r\nseen by Mr Hand today ",
        b"\x01\x02Quillfeather\0\x7f\xff",
        "\ufeffPeter Hand".encode("utf-16-le"),
        b"\0\x01ACC-470815\r\n",
        b"on 20240229101112\0\0",
        b"on 2024-02-29 \n",
    ],
)
@pytest.mark.parametrize("vr", ["UN", "OB"])
def test_bytes_of_a_block_that_is_declared_safe_are_searched_through_control_characters(
    value: bytes, vr: str, scan: Dataset, by: By
) -> None:
    block = scan.private_block(0x0029, CREATOR, create=True)
    block.add_new(1, vr, value)
    block.add_new(2, vr, b"\x01\x02gain\0\r\n2.5\xff\xfe1234567890123")
    declare(scan, "SAFE")
    assert private(by(scan).dataset) == {0x00290010, 0x00291002}


def test_a_block_says_itself_of_which_vr_its_elements_are(scan: Dataset, by: By) -> None:
    block = scan.private_block(0x0029, CREATOR, create=True)
    block.add_new(1, "UN", b"20240229")
    block.add_new(2, "LO", "taken 20240229")
    declare(scan, "SAFE")
    definition = Dataset()
    definition.PrivateDataElement, definition.PrivateDataElementValueRepresentation = 1, "DA"
    scan.PrivateDataElementCharacteristicsSequence[0].PrivateDataElementDefinitionSequence = [definition]
    moved = by(scan, "113107").dataset
    assert moved[0x00291001].VR == "DA"
    assert moved[0x00291001].value != "20240229"
    assert 0x00291002 not in moved
    assert by(scan, "113106").dataset[0x00291001].value == "20240229"
