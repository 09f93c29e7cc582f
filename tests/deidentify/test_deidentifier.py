"""One instance: what it says of itself, what is hidden in it, and what must not change."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import uid as uids
from pydicom.data import get_testdata_files
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tce_harness.deidentify import (
    Deidentified,
    Deidentifier,
    NoteKind,
    Policy,
    Pseudonyms,
    Quarantined,
)
from tce_harness.deidentify.subjects import Subjects
from tce_harness.model.errors import InstanceError
from tce_harness.objects.instance import IMPLEMENTATION_CLASS_UID, encode_instance, read_instance

Deidentify = Callable[[Dataset], Dataset]
ORIGINAL_ROOT = b"1.2.826.0.1.3680043.8.498."


def fields(dataset: Dataset) -> dict[str, object]:
    text: dict[str, object] = json.loads(dataset.to_json())
    return text


def test_the_data_set_that_is_given_is_not_changed(ct: Dataset, by_basic: Deidentify) -> None:
    before, meta = fields(ct), copy.deepcopy(ct.file_meta)
    by_basic(ct)
    assert fields(ct) == before
    assert ct.file_meta == meta


def test_an_output_says_what_was_done(ct: Dataset, by_basic: Deidentify, by_teaching: Deidentify) -> None:
    result = by_teaching(ct)
    assert result.PatientIdentityRemoved == "YES"
    assert result.LongitudinalTemporalInformationModified == "REMOVED"
    assert result.DeidentificationMethod == "TCE_HARNESS_0_1, PS3.15 2026d, teaching-file"
    codes = [
        (item.CodeValue, item.CodingSchemeDesignator) for item in result.DeidentificationMethodCodeSequence
    ]
    assert codes == [("113100", "DCM"), ("113103", "DCM"), ("113104", "DCM"), ("113105", "DCM")]
    assert [item.CodeValue for item in by_basic(ct).DeidentificationMethodCodeSequence] == [
        "113100",
        "113104",
    ]


def test_the_history_is_added_to_and_not_overwritten(ct: Dataset, by_basic: Deidentify) -> None:
    earlier = Dataset()
    earlier.CodeValue, earlier.CodingSchemeDesignator = "113107", "DCM"
    earlier.CodeMeaning = "Retain Longitudinal Temporal Information Modified Dates Option"
    ct.DeidentificationMethod = ["first step", "x" * 90]
    ct.DeidentificationMethodCodeSequence = [earlier]
    result = by_basic(ct)
    assert result.DeidentificationMethod[0] == "first step"
    assert len(result.DeidentificationMethod) == 3
    assert all(len(text) <= 64 for text in result.DeidentificationMethod)
    assert [item.CodeValue for item in result.DeidentificationMethodCodeSequence] == [
        "113107",
        "113100",
        "113104",
    ]


def test_a_second_pass_keeps_the_history_of_the_first(ct: Dataset, by_teaching: Deidentify) -> None:
    text = "TCE_HARNESS_0_1, PS3.15 2026d, teaching-file"
    assert by_teaching(by_teaching(ct)).DeidentificationMethod == [text, text]


def test_file_meta_and_preamble_are_our_own(ct: Dataset, by_basic: Deidentify) -> None:
    ct.file_meta.SourceApplicationEntityTitle = "STMARYS_PACS"
    ct.file_meta.PrivateInformation, ct.file_meta.PrivateInformationCreatorUID = b"Hand", uids.UID("1.2.3.4")
    ct.preamble = b"Peter Hand".ljust(128, b"\x00")
    written = read_instance(encode_instance(by_basic(ct)))
    assert written.file_meta.MediaStorageSOPInstanceUID == written.SOPInstanceUID
    assert written.file_meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert "SourceApplicationEntityTitle" not in written.file_meta
    assert "PrivateInformation" not in written.file_meta
    assert written.preamble == bytes(128)


def test_instances_of_one_patient_stay_linked_and_those_of_another_do_not(
    ct: Dataset, mr: Dataset, by_basic: Deidentify
) -> None:
    one, other = by_basic(ct), by_basic(mr)
    assert one.PatientID == other.PatientID
    assert one.PatientName == other.PatientName
    assert one.StudyInstanceUID != other.StudyInstanceUID
    mr.PatientID = "9991234565"
    assert by_basic(mr).PatientID != one.PatientID


def test_studies_without_a_patient_id_are_not_made_one_patient(
    ct: Dataset, mr: Dataset, by_basic: Deidentify
) -> None:
    ct.PatientID, mr.PatientID = "", None
    assert by_basic(ct).PatientID != by_basic(mr).PatientID


def test_a_patient_born_on_the_day_of_the_dummy_date_is_not_held_back(
    ct: Dataset, by_basic: Deidentify
) -> None:
    ct.PatientBirthDate = "20000101"
    assert by_basic(ct).PatientBirthDate in (None, "")


def test_private_attributes_go_at_every_depth(ct: Dataset, by_basic: Deidentify) -> None:
    inner, item = Dataset(), Dataset()
    inner.private_block(0x0029, "ZWIEBEL", create=True).add_new(1, "LO", "Peter")
    item.private_block(0x0029, "ZWIEBEL", create=True).add_new(2, "SQ", Sequence([inner]))
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = (
        uids.CTImageStorage,
        "1.2.826.0.1.3680043.8.498.5",
    )
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedInstanceSequence = "1.2.826.0.1.3680043.8.498.6", [item]
    ct.ReferencedSeriesSequence = [series]
    ct.private_block(0x0029, "ZWIEBEL", create=True).add_new(3, "SQ", Sequence([inner]))
    result = by_basic(ct)
    assert not any(element.tag.is_private for element in result.iterall())
    kept = result.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert kept.ReferencedSOPInstanceUID.startswith("2.25.")


def test_an_unknown_attribute_and_one_that_the_iod_does_not_define_go(
    ct: Dataset, by_basic: Deidentify
) -> None:
    ct.add_new(0x0018FEED, "LO", "Peter")
    ct.add_new(0x00700080, "CS", "LABEL")
    ct.add_new(0x0040A067, "PN", "Zebulon")
    result = by_basic(ct)
    assert not {0x0018FEED, 0x00700080, 0x0040A067} & set(result.keys())


def test_a_name_in_an_attribute_that_no_row_names_goes_and_is_noted(
    ct: Dataset, basic: Policy, pseudonyms: Pseudonyms
) -> None:
    ct.ImageType = ["ORIGINAL", "PRIMARY", "9991234564"]
    ct.Manufacturer = "Hand's own scanner"
    ct.BodyPartExamined = "HAND"
    ct.ConvolutionKernel = "BONE"
    outcome = Deidentifier(basic, pseudonyms).deidentify(ct)
    assert isinstance(outcome, Deidentified)
    assert outcome.dataset.Manufacturer in (None, "")
    assert "9991234564" not in str(outcome.dataset.ImageType)
    assert (outcome.dataset.BodyPartExamined, outcome.dataset.ConvolutionKernel) == ("HAND", "BONE")
    places = {note.element for note in outcome.notes if note.kind is NoteKind.IDENTIFYING_VALUE}
    assert places == {"(0008,0070)", "(0008,0008)"}


def test_an_institution_of_one_word_goes_from_a_text_that_no_row_names(
    ct: Dataset, by_basic: Deidentify
) -> None:
    ct.InstitutionName, ct.Manufacturer = "Osyth", "Built for OSYTH"
    assert by_basic(ct).Manufacturer in (None, "")


def test_the_meaning_of_a_local_code_is_cleaned_at_every_depth(
    ct: Dataset, by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    request, local, public = Dataset(), Dataset(), Dataset()
    local.CodeValue, local.CodingSchemeDesignator = "RPC-0417", "99LOCAL"
    local.CodeMeaning = "Chest asked for by Caoimhe Q Ng"
    public.CodeValue, public.CodingSchemeDesignator, public.CodeMeaning = "51185008", "SCT", "Chest"
    request.RequestedProcedureCodeSequence = [local]
    ct.RequestAttributesSequence = [request]
    ct.AnatomicRegionSequence = [local]
    ct.ViewCodeSequence = [public]
    cleaned = by_teaching(ct)
    asked = cleaned.RequestAttributesSequence[0].RequestedProcedureCodeSequence[0]
    assert (asked.CodeValue, asked.CodeMeaning) == ("RPC-0417", "Chest for by")
    assert cleaned.AnatomicRegionSequence[0].CodeMeaning == "Chest for by"
    assert by_basic(ct).AnatomicRegionSequence[0].CodeMeaning == "REMOVED"


def test_a_text_that_no_row_names_and_people_write_is_cleaned(
    presentation: Dataset, by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    presentation.GraphicLayerSequence[0].GraphicLayerDescription = "Marks for Zebulon and Dr Long"
    presentation.ContentDescription = "Nodule shown to Zebulon"
    assert "GraphicLayerDescription" not in by_basic(presentation).GraphicLayerSequence[0]
    assert by_basic(presentation).ContentDescription is None
    cleaned = by_teaching(presentation)
    assert cleaned.GraphicLayerSequence[0].GraphicLayerDescription == "for and"
    assert cleaned.ContentDescription == "Nodule shown to"


def test_a_name_in_the_words_for_an_institution_or_after_a_title_goes_from_every_text(
    ct: Dataset, by_teaching: Deidentify
) -> None:
    person, meaning = Dataset(), Dataset()
    meaning.CodeValue, meaning.CodingSchemeDesignator, meaning.CodeMeaning = "G1", "99GMC", "Small bone"
    person.PersonIdentificationCodeSequence = [meaning]
    ct.ReferringPhysicianIdentificationSequence = [person]
    ct.SeriesDescription = "for Dr Large"
    ct.StudyDescription = "mass of small bone, large cyst"
    assert by_teaching(ct).StudyDescription == "mass of, cyst"


def test_uids_that_no_row_names_are_mapped_and_well_known_ones_stay(
    ct: Dataset, by_basic: Deidentify
) -> None:
    ct.FrameOfReferenceUID = "1.2.840.10008.1.4.1.1"
    ct.SoftwareVersions = f"5.4.3 for {ct.StudyInstanceUID}"
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = uids.CTImageStorage, ct.SOPInstanceUID
    ct.add_new(0x00281199, "UI", ["1.2.840.10008.1.5.1", "1.2.826.0.1.3680043.8.498.44"])
    ct.add_new(0x00081190, "UR", f"https://pacs.example/studies/{ct.StudyInstanceUID}")
    result = by_basic(ct)
    assert result.FrameOfReferenceUID == "1.2.840.10008.1.4.1.1"
    assert result.SOPClassUID == uids.CTImageStorage
    assert result[0x00281199].value[0] == "1.2.840.10008.1.5.1"
    assert result[0x00281199].value[1].startswith("2.25.")
    assert 0x00081190 not in result
    assert ORIGINAL_ROOT not in encode_instance(result)


def test_a_uid_hidden_in_bytes_that_must_stay_holds_the_instance_back(
    ct: Dataset, basic: Policy, pseudonyms: Pseudonyms
) -> None:
    uid = str(ct.StudyInstanceUID).encode()
    ct.PixelData = ct.PixelData[:4] + b"\x00" + uid + b"\x00" + ct.PixelData[6 + len(uid) :]
    outcome = Deidentifier(basic, pseudonyms).deidentify(ct)
    assert isinstance(outcome, Quarantined)
    assert "1.2.826" not in outcome.reason


def test_signatures_original_attributes_and_icons_go(ct: Dataset, by_basic: Deidentify) -> None:
    item = Dataset()
    item.PatientName = "Hand^Peter"
    for tag in (0xFFFAFFFA, 0x04000561, 0x00880200, 0x04000500):
        ct.add_new(tag, "SQ", [copy.deepcopy(item)])
    result = by_basic(ct)
    assert not {0xFFFAFFFA, 0x04000561, 0x00880200, 0x04000500} & set(result.keys())


@pytest.mark.parametrize("charset", [None, "ISO_IR 100", "ISO_IR 192", "GB18030"])
def test_text_and_declared_character_set_agree_at_every_depth(
    charset: str | None, ct: Dataset, by_teaching: Deidentify
) -> None:
    if charset:
        ct.SpecificCharacterSet = charset
    else:
        ct.pop("SpecificCharacterSet", None)
    ct.Manufacturer = "Öber" if charset in ("ISO_IR 100", "ISO_IR 192") else "Ober"
    item = Dataset()
    item.SpecificCharacterSet = "ISO_IR 192"
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "818981001", "SCT", "Abdömen"
    ct.AnatomicRegionSequence = [item]
    result = read_instance(encode_instance(by_teaching(read_instance(encode_instance(ct)))))
    assert result.SpecificCharacterSet == "ISO_IR 192"
    assert "SpecificCharacterSet" not in result.AnatomicRegionSequence[0]
    assert result.AnatomicRegionSequence[0].CodeMeaning == "Abdömen"
    assert result.Manufacturer == ct.Manufacturer


def test_plain_ascii_needs_no_character_set(ct: Dataset, by_basic: Deidentify) -> None:
    ct.SpecificCharacterSet = "ISO_IR 100"
    assert "SpecificCharacterSet" not in by_basic(ct)


@pytest.mark.parametrize(
    "syntax",
    [
        uids.ImplicitVRLittleEndian,
        uids.ExplicitVRLittleEndian,
        uids.DeflatedExplicitVRLittleEndian,
    ],
)
def test_the_transfer_syntax_stays(syntax: uids.UID, cr: Dataset, by_basic: Deidentify) -> None:
    cr.file_meta.TransferSyntaxUID = syntax
    result = read_instance(encode_instance(by_basic(read_instance(encode_instance(cr)))))
    assert result.file_meta.TransferSyntaxUID == syntax
    assert result.Rows == 4


def test_a_second_pass_changes_only_uids_pseudonyms_and_history(
    everything: tuple[Dataset, ...], by_teaching: Deidentify
) -> None:
    for dataset in everything:
        once = by_teaching(dataset)
        twice = by_teaching(once)
        first, second = fields(once), fields(twice)
        assert set(first) == set(second)
        changed = {tag for tag in first if normal(first[tag]) != normal(second[tag])}
        assert changed <= {"00120063"}


def normal(element: object) -> str:
    text = re.sub(r"2\.25\.\d+", "UID", json.dumps(element, sort_keys=True))
    return re.sub(r"TCE-[A-Z2-7]{12}|R[A-Z2-7]{10}", "PSEUDONYM", text)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(
        st.characters(codec="utf-8", exclude_characters="\\^=\r\n\x1b", exclude_categories=["Cc"]),
        max_size=20,
    ),
    identifier=st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\"), max_size=20
    ),
)
def test_any_patient_comes_out_under_a_pseudonym(
    name: str, identifier: str, report: Dataset, teaching: Policy, pseudonyms: Pseudonyms
) -> None:
    dataset = copy.deepcopy(report)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID = f"{name}^Peter", identifier
    dataset.ContentSequence[1].TextValue = f"Mass {name} {identifier}"
    outcome = Deidentifier(teaching, pseudonyms).deidentify(dataset)
    assert isinstance(outcome, Deidentified), outcome
    assert re.fullmatch(r"TCE-[A-Z2-7]{12}", outcome.dataset.PatientID)
    text = outcome.dataset.ContentSequence[1].TextValue
    if len(identifier) > 5:
        assert identifier not in text


def test_real_files_are_deidentified_held_back_or_refused(
    basic: Policy, teaching: Policy, pseudonyms: Pseudonyms
) -> None:
    outcomes: dict[str, list[str]] = {"written": [], "held back": [], "refused": []}
    by_policy = [Deidentifier(policy, pseudonyms) for policy in (basic, teaching)]
    for number, name in enumerate(sorted(get_testdata_files())):
        path = Path(name)
        if "dicomdirtests" in name and number % 8:
            continue
        try:
            dataset = read_instance(path)
        except InstanceError as refusal:
            outcomes["refused"].append(str(refusal))
            continue
        for deidentifier in by_policy:
            outcome = deidentifier.deidentify(dataset)
            if isinstance(outcome, Quarantined):
                outcomes["held back"].append(outcome.reason)
                continue
            written = read_instance(encode_instance(outcome.dataset))
            assert written.PatientIdentityRemoved == "YES"
            assert not any(element.tag.is_private for element in written.iterall())
            outcomes["written"].append(path.name)
    assert len(outcomes["written"]) > 60
    assert len(outcomes["held back"]) > 60
    assert len(outcomes["refused"]) > 3


@pytest.mark.parametrize("subject", ["Hand", "HAND-01", "peter"])
def test_a_subject_id_that_is_a_name_of_the_patient_holds_the_instance(
    ct: Dataset, basic: Policy, subject: str
) -> None:
    short = Deidentifier(
        basic, Pseudonyms(b"a key of more than sixteen bytes", Subjects({(str(ct.PatientID), ""): subject}))
    )
    outcome = short.deidentify(ct)
    assert isinstance(outcome, Quarantined)
    assert "the subject id of the list holds a name" in outcome.reason
    assert short.rewrite(encode_instance(ct)) is None


def test_an_output_is_deidentified_again_under_its_subject_id(ct: Dataset, basic: Policy) -> None:
    subjects = Subjects({(str(ct.PatientID), ""): "Sub-01", ("Sub-01", ""): "Sub-01"})
    outcome: object = Deidentified(ct, ())
    for _ in range(2):
        assert isinstance(outcome, Deidentified)
        outcome = Deidentifier(basic, Pseudonyms(b"a key of more than sixteen bytes", subjects)).deidentify(
            outcome.dataset
        )
    assert isinstance(outcome, Deidentified)
    assert outcome.dataset.PatientName == "Sub-01"
