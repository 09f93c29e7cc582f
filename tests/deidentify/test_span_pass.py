"""The short way gives the bytes of the long one, or leaves the instance to it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from tce_harness.content import Content
from tce_harness.deidentify import Deidentified, Deidentifier, Policy, Pseudonyms, find_policy, with_options
from tce_harness.deidentify.kinship import Kinship
from tce_harness.deidentify.plan import PRIVATE_CHARACTERISTICS
from tce_harness.deidentify.span_pass import LongWay
from tce_harness.fixtures.recipe import recipes
from tce_harness.fixtures.synthesis import synthesise
from tce_harness.objects.instance import encode_instance, read_instance

KEY = b"a key of more than sixteen bytes"
RECIPES = {recipe.name: recipe for recipe in recipes(Content.with_overlays())}
POLICIES = sorted(file.stem for file in Content.with_overlays().files("simulators/policies", "*.yaml"))
WITHOUT_PIXELS = {"document-manifest", "key-image-note", "rejection-note", "report", "presentation-state"}


def deidentifier(policy: str | Policy) -> Deidentifier:
    chosen = find_policy(policy, Content.with_overlays()) if isinstance(policy, str) else policy
    return Deidentifier(chosen, Pseudonyms(KEY))


def both_ways(short: Deidentifier, content: bytes) -> tuple[bytes, bytes]:
    """Return what the short and the long way make of a file; the long one has no memory."""
    rewritten = short.span_pass.rewrite(content)
    long = Deidentifier(short.policy, Pseudonyms(KEY)).deidentify(read_instance(content))
    assert isinstance(long, Deidentified), long
    written = encode_instance(long.dataset)
    assert sorted(map(repr, rewritten.notes)) == sorted(map(repr, long.notes))
    dataset = long.dataset
    assert rewritten.uids == (
        dataset.get("StudyInstanceUID", ""),
        dataset.get("SeriesInstanceUID", ""),
        dataset.SOPInstanceUID,
    )
    content = b"".join(rewritten.parts)
    return content, written[-len(content) :]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", sorted(RECIPES.keys() - WITHOUT_PIXELS))
def test_both_ways_give_the_same_bytes_for_every_recipe(name: str, policy: str) -> None:
    study = synthesise(RECIPES[name], seed=5, block=1, name="study", instances=4)
    short, long = deidentifier(policy), deidentifier(policy)
    equal = 0
    for instance in study.instances:
        content = encode_instance(instance.dataset)
        outcome = long.deidentify(read_instance(content))
        try:
            rewritten = short.span_pass.rewrite(content)
        except LongWay:
            continue
        assert isinstance(outcome, Deidentified), outcome
        assert encode_instance(outcome.dataset).endswith(b"".join(rewritten.parts))
        equal += 1
    burned_in = [instance for instance in study.instances if instance.burned_in]
    declares = any(PRIVATE_CHARACTERISTICS in instance.dataset for instance in study.instances)
    held = name == "mr-two-studies" and policy == "stage-2-anonymise"  # slices of a head
    assert equal > 0 or burned_in or held or (declares and "113111" in short.policy.codes)


def test_an_element_that_was_met_before_becomes_the_same(ct: Dataset, basic: Policy) -> None:
    short = deidentifier(basic)
    for number in range(3):
        ct.InstanceNumber, ct.SOPInstanceUID = number, f"1.2.3.4.{number}"
        ct.ImagePositionPatient = [0, 0, number * 1.25]
        one, other = both_ways(short, encode_instance(ct))
        assert one == other


def test_two_patients_do_not_share_what_was_remembered(ct: Dataset, teaching: Policy) -> None:
    short = deidentifier(teaching)
    ct.StudyDescription = "Chest of Hand, lung"
    for name in ("Hand^Peter", "Lung^Mary", "Hand^Peter"):
        ct.PatientName = name
        one, other = both_ways(short, encode_instance(ct))
        assert one == other
        assert (b"ung" in one) is (name == "Hand^Peter")


def test_a_text_that_mentions_an_instance_is_not_remembered(ct: Dataset, teaching: Policy) -> None:
    short = deidentifier(teaching)
    ct.ConvolutionKernel = "1.7.20.1"  # a text that no row names; it is short enough to be a version
    kept = []
    for uid in ("1.7.20.2", "1.7.20.1", "1.7.20.3"):
        ct.SOPInstanceUID = uid
        one, other = both_ways(short, encode_instance(ct))
        assert one == other
        kept.append(b"1.7.20.1" in one)
    assert kept == [True, False, True]


@pytest.mark.parametrize("declared", ["ISO_IR 100", "ISO_IR 192", "GB18030", ["", "ISO 2022 IR 87"]])
def test_text_of_every_character_set_is_written_alike(
    declared: str | list[str], ct: Dataset, basic: Policy
) -> None:
    ct.SpecificCharacterSet = declared
    ct.Manufacturer = {"ISO_IR 100": "Gérät", "GB18030": "王", "ISO_IR 192": "Ωμέγα"}.get(
        str(declared), "山田"
    )
    short = deidentifier(basic)
    for _ in range(2):
        one, other = both_ways(short, encode_instance(ct))
        assert one == other
        assert ct.Manufacturer.encode("utf-8") in one


def test_an_institution_that_stays_is_spared_both_ways(ct: Dataset, basic: Policy) -> None:
    short = deidentifier(with_options(basic, ["institution-identity"], Content.with_overlays()))
    for number, name in enumerate(["Fernhill Infirmary", "Quillgate", "Fernhill Infirmary"]):
        ct.SOPInstanceUID = f"1.2.3.4.{number}"
        ct.InstitutionName, ct.RequestingService = name, "Fernhill Infirmary"
        ct.ConvolutionKernel = "Fernhill Infirmary"
        one, other = both_ways(short, encode_instance(ct))
        assert one == other
        assert one.count(b"Fernhill Infirmary") == (0 if name == "Quillgate" else 2)


@pytest.mark.parametrize("policy", ["basic", "clinical-trial"])
def test_what_identifies_in_another_spelling_goes_both_ways(policy: str, ct: Dataset) -> None:
    ct.ImageType = ["ORIGINAL", "PRIMARY", "PETER", "HAND"]
    ct.ConvolutionKernel, ct.ScanOptions = ["B30f", "HandPeter", "999 123-4564"], "PETER"
    ct.FilterType, ct.PixelSpacing = "born 12-Mar-1957", ["0.5", "9991234564"]
    ct.PatientAge = "1140M"
    short = deidentifier(policy)
    for number in range(2):
        ct.SOPInstanceUID = f"1.2.3.4.{number}"
        one, other = both_ways(short, encode_instance(ct))
        assert one == other
        assert b"ORIGINAL\\PRIMARY\\REMOVED\\HAND" in one
        assert not any(left in one for left in (b"Peter", b"PETER", b"123-4564", b"Mar-1957", b"1140M"))


def test_text_designated_as_chinese_keeps_no_designation(ct: Dataset, basic: Policy) -> None:
    ct.SpecificCharacterSet = ["", "ISO 2022 IR 58"]
    ct.Manufacturer = "M" * 10
    content = encode_instance(ct).replace(b"M" * 10, b"\x1b$)A\xd2\xbd\xd4\xba  ")
    one, other = both_ways(deidentifier(basic), content)
    assert one == other
    assert b"\x1b$)A" not in one
    assert "\u533b\u9662".encode() in one


def test_frames_and_implicit_vr_take_the_short_way_too(ct: Dataset, cr: Dataset, basic: Policy) -> None:
    short = deidentifier(basic)
    ct.file_meta.TransferSyntaxUID = uids.ImplicitVRLittleEndian
    one, other = both_ways(short, encode_instance(ct))
    assert one == other
    cr.file_meta.TransferSyntaxUID = uids.JPEGBaseline8Bit
    cr.BitsAllocated, cr.BitsStored, cr.HighBit = 8, 8, 7
    frame = b"\xff\xd8\xff\xfe\x00\x0aHand^Pet\xff\xda\x00\x02\x12\x34\xff\xd9"
    cr.PixelData = encapsulate([frame])
    cr["PixelData"].VR, cr["PixelData"].is_undefined_length = "OB", True
    one, other = both_ways(short, encode_instance(cr))
    assert one == other
    assert b"Hand" not in one


def _document(dataset: Dataset) -> None:
    dataset.ContentSequence = []


def _odd_uid(dataset: Dataset) -> None:
    dataset.FrameOfReferenceUID = "12"


def _burned_in(dataset: Dataset) -> None:
    dataset.BurnedInAnnotation = "YES"


def _identifier_in_a_kept_value(dataset: Dataset) -> None:
    dataset.PixelData = dataset.PixelData[:-20] + b"  " + str(dataset.PatientID).encode() + b" " * 8


@pytest.mark.parametrize("change", [_document, _odd_uid, _burned_in, _identifier_in_a_kept_value])
def test_what_has_to_be_looked_at_as_a_whole_takes_the_long_way(
    change: Callable[[Dataset], None], ct: Dataset, basic: Policy
) -> None:
    change(ct)
    with pytest.raises(LongWay):
        deidentifier(basic).span_pass.rewrite(encode_instance(ct))


def test_a_rewritten_file_is_whole(ct: Dataset, report: Dataset, basic: Policy) -> None:
    subject = deidentifier(basic)
    written = subject.rewrite(encode_instance(ct))
    long = deidentifier(basic).deidentify(ct)
    assert isinstance(long, Deidentified)
    assert written is not None
    content = b"".join(written.parts)
    assert content == encode_instance(long.dataset)
    assert read_instance(content).SOPInstanceUID == written.sop_instance_uid
    assert written.original_sop_instance_uid == ct.SOPInstanceUID
    assert subject.rewrite(encode_instance(report)) is None


VALUES = st.one_of(
    st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), max_size=20),
    st.sampled_from(
        [
            "Hand",
            "9991234564",
            "1.2.826.0.1.3680043.8.498.11.1",
            "1.5",
            "0001",
            " 7 ",
            "5 mm",
            "é",
            "YES",
            "20240229",
            "235959",
            "1985",
        ]
    ),
)
KEYWORDS = st.sampled_from(
    ["SeriesDescription", "ConvolutionKernel", "PatientComments", "SliceThickness", "InstanceNumber", "KVP",
     "StationName", "ImageComments", "ProtocolName", "AcquisitionTime", "PatientAge", "Manufacturer",
     "StudyDate", "StudyTime", "AcquisitionDate", "DeviceSerialNumber", "StudyInstanceUID",
     "DeidentificationMethod", "PatientIdentityRemoved", "ResponsiblePerson", "ResponsiblePersonRole",
     "ShutterShape", "OtherPatientIDs", "AlgorithmParameters", "ScanOptions", "PatientID", "PatientName"]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(KEYWORDS, VALUES), max_size=6), data=st.data())
def test_both_ways_agree_whatever_the_values(
    changes: list[tuple[str, str]], data: st.DataObject, ct: Dataset
) -> None:
    short = deidentifier(data.draw(st.sampled_from(POLICIES)))
    for _ in range(2):
        changed = deepcopy(ct)
        changed.SpecificCharacterSet = "ISO_IR 192"
        for keyword, value in changes:
            changed.add_new(keyword, changed_vr(keyword), value)
        content = encode_instance(changed)
        long = Deidentifier(short.policy, Pseudonyms(KEY)).deidentify(read_instance(content))
        try:
            rewritten = short.span_pass.rewrite(content)
        except LongWay:
            return
        assert isinstance(long, Deidentified)
        assert encode_instance(long.dataset).endswith(b"".join(rewritten.parts))


def changed_vr(keyword: str) -> str:
    """Return a VR that takes any text, for attributes whose own does not."""
    own = {
        "SliceThickness": "LO",
        "InstanceNumber": "SH",
        "KVP": "LO",
        "AcquisitionTime": "LO",
        "PatientAge": "CS",
    }
    return own.get(keyword, "PN" if keyword in ("PatientName", "ResponsiblePerson") else "LO")


def test_time_zones_are_handled_alike(ct: Dataset) -> None:
    short = deidentifier("clinical-trial")
    dose = Dataset()
    ct.SOPClassUID = uids.PositronEmissionTomographyImageStorage
    ct.RadiopharmaceuticalInformationSequence = [dose]
    for zone, offset in (("+0545", "-0330"), ("-0500", "-0330"), ("-0500", ""), ("-0500", "+0000")):
        ct.TimezoneOffsetFromUTC = zone
        ct.AcquisitionDateTime = dose.RadiopharmaceuticalStartDateTime = f"20240229233000{offset}"
        one, other = both_ways(short, encode_instance(ct))
        assert one == other
        assert b"+0000" in one
    ct.TimezoneOffsetFromUTC = "somewhere"
    with pytest.raises(LongWay):
        short.span_pass.rewrite(encode_instance(ct))


def test_an_image_that_lacks_the_time_of_its_study_takes_the_long_way(ct: Dataset) -> None:
    policy = find_policy("clinical-trial", Content.with_overlays())
    kinship = Kinship(study_times={str(ct.StudyInstanceUID): "2359"})
    short = Deidentifier(policy, Pseudonyms(KEY, kinship=kinship)).span_pass
    short.rewrite(encode_instance(ct))
    del ct.StudyTime
    with pytest.raises(LongWay):
        short.rewrite(encode_instance(ct))
