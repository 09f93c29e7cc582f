from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tce_harness.model.errors import HarnessError
from tce_harness.mutations import parse_mutations
from tce_harness.mutations.selectors import parse_selector
from tce_harness.objects.instance import check_uid, encode_instance

Apply = Callable[..., Dataset]


def test_keep_puts_the_original_value_back(apply: Apply, image: Dataset, original: Dataset) -> None:
    sent = apply([{"keep": "(0020,0052)"}], image, original)
    assert sent.FrameOfReferenceUID == "1.2.3.9"
    assert sent.SOPInstanceUID == "2.25.11"


def test_keep_brings_back_what_was_removed_with_the_sequence_around_it(
    apply: Apply, image: Dataset, original: Dataset
) -> None:
    del image.RequestAttributesSequence
    sent = apply([{"keep": "(0040,0275)/(0040,0007)"}], image, original)
    items = sent.RequestAttributesSequence
    assert [dict(item) for item in items[:1]] == [{}]
    assert items[1].ScheduledProcedureStepDescription == "secret"


def test_keep_fills_only_the_missing_items_of_a_sequence(
    apply: Apply, image: Dataset, original: Dataset
) -> None:
    sent = apply([{"keep": ["(0040,0275)[2]/(0040,0007)", "(0010,1001)"]}], image, original)
    assert [item.RequestedProcedureID for item in sent.RequestAttributesSequence] == ["R1", "R2"]
    assert sent.RequestAttributesSequence[1].ScheduledProcedureStepDescription == "secret"
    assert [str(name) for name in sent.OtherPatientNames] == ["A^B", "C^D"]


def test_keep_of_a_private_element_brings_its_creator(
    apply: Apply, image: Dataset, original: Dataset
) -> None:
    sent = apply([{"keep": "(0009,1001)"}], image, original)
    assert sent.private_block(0x0009, "SOMEBODY")[0x01].value == "hidden"


def test_keep_of_private_keeps_every_private_element(apply: Apply, image: Dataset, original: Dataset) -> None:
    sent = apply([{"keep": "**/private"}], image, original)
    assert {str(element.tag) for element in sent if element.tag.is_private} == {"(0009,0010)", "(0009,1001)"}


def test_keep_leaves_text_readable_whatever_character_set_stood_there(
    apply: Apply, image: Dataset, original: Dataset
) -> None:
    image.InstitutionName = "Spital Zürich"
    del image.PixelData
    sent = apply([{"keep": "(0010,0010)"}], image, original)
    read = dcmread(BytesIO(encode_instance(sent)))
    assert str(read.PatientName) == "Ковалёв^Иван"
    assert read.InstitutionName == "Spital Zürich"
    assert read.SpecificCharacterSet == "ISO_IR 192"


def test_keep_changes_nothing_where_there_is_no_original(apply: Apply, image: Dataset) -> None:
    assert apply([{"keep": "(0020,0052)"}], image, None) == image


def test_drop_leaves_an_element_out_at_its_place_or_at_any_depth(apply: Apply, image: Dataset) -> None:
    assert "PatientName" not in apply([{"drop": "(0010,0010)"}], image)
    sent = apply([{"drop": "**/(0040,1001)"}], image)
    assert [len(item) for item in sent.RequestAttributesSequence] == [0, 0]
    sent = apply([{"drop": "(0040,0275)[2]/(0040,1001)"}], image)
    assert [len(item) for item in sent.RequestAttributesSequence] == [1, 0]


def test_drop_leaves_one_item_of_a_sequence_out(apply: Apply, image: Dataset) -> None:
    sent = apply([{"drop": "(0040,0275)[1]"}], image)
    assert [item.RequestedProcedureID for item in sent.RequestAttributesSequence] == ["R2"]
    assert apply([{"drop": "(0040,0275)[3]"}], image) == image


def test_drop_leaves_a_whole_object_out(apply: Apply, image: Dataset, manifest: Dataset) -> None:
    second = [{"drop": {"instance": "image", "number": 2}}]
    assert apply(second, image, None, 3, 2) is None
    assert apply(second, image, None, 2, 1) == image
    assert apply(second, manifest, None, 3, 2) == manifest
    assert apply([{"drop": {"instance": "manifest"}}, {"drop": "(0010,0010)"}], manifest) is None


def test_set_gives_a_value_where_there_was_one_or_none(apply: Apply, image: Dataset) -> None:
    sent = apply(
        [
            {"set": "(0010,0010)=DOE^JANE=X"},
            {"set": {"element": "(0028,0010)", "value": 512}},
            {"set": {"element": "(0018,0050)", "value": 1.5}},
            {"set": {"element": "(0008,0008)", "value": ["ORIGINAL", "PRIMARY"]}},
            {"set": {"element": "(0009,1001)", "value": "here", "vr": "LO"}},
            {"set": {"element": "(7FE0,0010)", "value": "\u00ff\u0000"}},
        ],
        image,
    )
    assert str(sent.PatientName) == "DOE^JANE=X"
    assert (sent.Rows, sent.SliceThickness, list(sent.ImageType)) == (512, 1.5, ["ORIGINAL", "PRIMARY"])
    assert sent[0x00091001].value == "here"
    assert sent.PixelData == b"\xff\x00"


def test_set_reaches_every_item_but_below_any_depth_only_what_stands_there(
    apply: Apply, image: Dataset
) -> None:
    sent = apply([{"set": "(0040,0275)/(0040,0007)=all"}], image)
    assert [item.ScheduledProcedureStepDescription for item in sent.RequestAttributesSequence] == ["all"] * 2
    sent = apply([{"set": "**/(0040,1001)=X"}], image)
    assert [item.RequestedProcedureID for item in sent.RequestAttributesSequence] == ["X", "X"]
    assert "RequestedProcedureID" not in sent


def test_empty_leaves_the_element_without_a_value(apply: Apply, image: Dataset) -> None:
    sent = apply([{"empty": ["(0010,0010)", "(0040,0275)", "(0020,0052)"]}], image)
    assert [sent[tag].is_empty for tag in ("PatientName", "RequestAttributesSequence")] == [True, True]
    assert sent["FrameOfReferenceUID"].is_empty


def test_leak_carries_an_original_value_into_another_element(
    apply: Apply, image: Dataset, original: Dataset
) -> None:
    sent = apply(
        [
            {"leak": {"element": "(0010,0020)", "into": "(0020,4000)"}},
            {"leak": {"element": "**/(0040,0007)", "into": "(0040,0275)[2]/(0040,0254)"}},
            {"leak": {"element": "(0010,1001)", "into": "(0009,1001)", "vr": "LO"}},
        ],
        image,
        original,
    )
    assert sent.ImageComments == "9990001"
    assert sent.RequestAttributesSequence[1].PerformedProcedureStepDescription == "secret"
    assert sent[0x00091001].value == ["A^B", "C^D"]
    assert apply([{"leak": {"element": "(0010,0020)", "into": "(0020,4000)"}}], image) == image


def test_uid_per_file_gives_one_uid_another_replacement_in_every_object(apply: Apply, image: Dataset) -> None:
    first = apply([{"uid-per-file": ["(0020,0052)", "(0020,000D)"]}], image)
    image.SOPInstanceUID = "2.25.14"
    second = apply([{"uid-per-file": ["(0020,0052)", "(0020,000D)"]}], image)
    assert first.FrameOfReferenceUID != second.FrameOfReferenceUID != image.FrameOfReferenceUID
    assert first.FrameOfReferenceUID != first.StudyInstanceUID
    assert check_uid(first.FrameOfReferenceUID) == first.FrameOfReferenceUID


def test_uid_per_file_replaces_each_of_several_values(apply: Apply, image: Dataset) -> None:
    image.IrradiationEventUID = ["2.25.51", "2.25.52"]
    sent = apply([{"uid-per-file": "(0008,3010)"}], image)
    assert len({*sent.IrradiationEventUID, "2.25.51", "2.25.52"}) == 4


@pytest.mark.parametrize("how", ["letters", "leading-zero", "too-long", "empty-component"])
@pytest.mark.parametrize("uid", ["2.25.13", "1." + "2" * 62])
def test_uid_malformed_breaks_the_rules_for_uids(how: str, uid: str, apply: Apply, image: Dataset) -> None:
    image.FrameOfReferenceUID = uid
    sent = apply([{"uid-malformed": {"element": "(0020,0052)", "how": how}}], image)
    with pytest.raises(HarnessError):
        check_uid(str(sent.FrameOfReferenceUID))
    assert (len(sent.FrameOfReferenceUID) > 64) == (how == "too-long")


def test_a_mutation_speaks_of_one_kind_or_one_object_alone(
    apply: Apply, image: Dataset, manifest: Dataset
) -> None:
    only = [{"drop": {"element": "(0008,0018)", "in": "manifest"}}]
    assert "SOPInstanceUID" in apply(only, image)
    assert "SOPInstanceUID" not in apply(only, manifest)
    third = [{"drop": {"element": "(0008,0018)", "number": 3}}]
    assert "SOPInstanceUID" not in apply(third, image, None, 3, 1)
    assert "SOPInstanceUID" in apply(third, image, None, 4, 3)
    third_image = [{"drop": {"element": "(0008,0018)", "in": "image", "number": 3}}]
    assert "SOPInstanceUID" in apply(third_image, image, None, 3, 1)
    assert "SOPInstanceUID" not in apply(third_image, image, None, 4, 3)


def test_repeating_groups_are_meant_by_xx(apply: Apply, image: Dataset) -> None:
    for group in (0x6000, 0x6002):
        image.add_new((group, 0x3000), "OW", b"\x01\x00")
        image.add_new((group, 0x0010), "US", 1)
    sent = apply([{"drop": "(60xx,3000)"}], image)
    assert [str(element.tag) for element in sent if element.tag.group in {0x6000, 0x6002}] == [
        "(6000,0010)",
        "(6002,0010)",
    ]


def test_any_depth_counts_every_place_once(image: Dataset) -> None:
    inner = Dataset()
    inner.PatientName = "A"
    outer = Dataset()
    outer.PatientName = "B"
    outer.RequestAttributesSequence = Sequence([inner])
    image.RequestAttributesSequence = Sequence([outer])
    assert len(parse_selector("**/(0010,0010)").places(image)) == 3
    assert len(parse_selector("(0040,0275)/**/(0010,0010)").places(image)) == 2


@pytest.mark.parametrize(
    ("mutation", "message"),
    [
        ({"keep": "0010,0010"}, "'0010,0010' is not '(gggg,eeee)'"),
        ({"keep": []}, "at least 1 item"),
        ({"keep": "(0040,A730)/**"}, "names no element after '**'"),
        ({"keep": ["(0010,0010)", "(0002,0003)"]}, "file meta information"),
        ({"keep": 5}, "an element is text such as"),
        ({"keep": {"elements": "(0010,0010)"}}, "[0].keep.elements: Extra inputs are not permitted"),
        ({"kep": "(0010,0010)"}, "(did you mean keep?)"),
        ({"keep": "(0010,0010)", "drop": "(0010,0010)"}, "one key, its name; this one has drop and keep"),
        ({}, "this one has none"),
        ({"keep": None}, "one key, its name"),
        ({"drop": {}}, "'drop' names an 'element' or an 'instance'"),
        ({"drop": {"instance": "image", "in": "image"}}, "'instance' says the kind"),
        ({"drop": {"instance": "imgae"}}, "Input should be 'manifest', 'teaching-file'"),
        ({"set": "(0010,0010)"}, "'set' is '(gggg,eeee)=value'"),
        ({"set": {"element": "(0010,0010)"}}, "Field required"),
        ({"set": "(0010,xxxx)=A"}, "is not '(gggg,eeee)'"),
        ({"set": "(60xx,0010)=1"}, "is not one element that could be set"),
        ({"set": "(0040,A730)=1"}, "has VR SQ, which cannot be set"),
        ({"set": "(0009,1001)=1"}, "PS3.6 knows no element"),
        ({"set": "(0028,0010)=many"}, "invalid literal for int()"),
        ({"leak": {"element": "(0010,0010)", "into": "(0040,A730)"}}, "could be set"),
        ({"drop": {"element": "(0010,0010)", "number": 0}}, "greater than or equal to 1"),
    ],
)
def test_a_mutation_that_cannot_be_meant_is_refused(mutation: object, message: str) -> None:
    with pytest.raises(HarnessError) as caught:
        parse_mutations(json.dumps([mutation]))
    assert message in str(caught.value)


def test_text_can_be_coded_in_another_set_than_the_declared_one(apply: Apply, image: Dataset) -> None:
    del image.PixelData
    spoilt = {"element": "(0008,103E)", "value": "für", "coded": "utf-8"}
    sent = apply([{"set": spoilt}], image)
    assert "für".encode() in encode_instance(sent)
    plain = apply([{"set": "(0008,103E)=für"}], image)
    assert "für".encode("latin-1") in encode_instance(plain)
