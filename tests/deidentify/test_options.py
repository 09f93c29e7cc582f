"""What each option keeps, moves or cleans in an instance, and what stays gone beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pydicom import uid as uids
from pydicom.dataset import Dataset

from tce_harness.content import Content
from tce_harness.deidentify import (
    Already,
    Deidentified,
    Deidentifier,
    NoteKind,
    Policy,
    Pseudonyms,
    Quarantined,
    find_policy,
)
from tce_harness.objects.content_items import code_item
from tce_harness.objects.instance import encode_instance
from tce_harness.standard.codes import Concept

By = Callable[..., Deidentified]


def moment(dataset: Dataset, name: str) -> datetime:
    return datetime.strptime(
        f"{dataset[f'{name}Date'].value}{dataset[f'{name}Time'].value}"[:14], "%Y%m%d%H%M%S"
    )


# -- dates


def test_full_dates_stay_and_the_birth_date_does_not(ct: Dataset, by: By) -> None:
    ct.AcquisitionDateTime = "20240229101112.5+0100"
    ct.PatientBirthTime = "0101"
    result = by(ct, "full-dates").dataset
    assert (result.StudyDate, result.StudyTime) == ("20240229", "101112")
    assert result.AcquisitionDateTime == "20240229101112.5+0100"
    assert not result.PatientBirthDate
    assert "PatientBirthTime" not in result
    assert result.LongitudinalTemporalInformationModified == "UNMODIFIED"


def test_modified_dates_keep_every_interval_of_a_patient(
    ct: Dataset, mr: Dataset, by: By, pseudonyms: Pseudonyms
) -> None:
    ct.StudyTime, ct.SeriesDate, ct.SeriesTime = "235900", "20240301", "000130"
    ct.AcquisitionDateTime = "20240301000200.25+0000"
    del ct.TimezoneOffsetFromUTC, mr.TimezoneOffsetFromUTC
    mr.StudyDate, mr.StudyTime = "20250101", "080000"
    one, other = by(ct, "modified-dates").dataset, by(mr, "modified-dates").dataset
    shift = pseudonyms.shift(ct.PatientID)
    assert moment(one, "Study") == moment(ct, "Study") + shift
    assert moment(one, "Series") - moment(one, "Study") == timedelta(seconds=150)
    assert moment(other, "Study") - moment(one, "Study") == moment(mr, "Study") - moment(ct, "Study")
    assert one.AcquisitionDateTime.endswith(".25+0000")
    assert one.LongitudinalTemporalInformationModified == "MODIFIED"
    assert b"20240229" not in encode_instance(one)


def test_another_patient_has_another_shift(ct: Dataset, mr: Dataset, by: By) -> None:
    mr.PatientID, mr.StudyDate, mr.StudyTime = "9991234565", ct.StudyDate, ct.StudyTime
    one, other = by(ct, "modified-dates").dataset, by(mr, "modified-dates").dataset
    assert moment(one, "Study") != moment(other, "Study")


def test_the_injection_of_a_pet_study_stays_as_far_from_its_frames(ct: Dataset, by: By) -> None:
    dose = Dataset()
    dose.RadiopharmaceuticalStartTime = "233000"
    dose.RadiopharmaceuticalStartDateTime = "20240228233000"
    ct.SOPClassUID = uids.PositronEmissionTomographyImageStorage
    ct.RadiopharmaceuticalInformationSequence = [dose]
    ct.AcquisitionDate, ct.AcquisitionTime = "20240229", "003000"
    ct.FrameReferenceTime, ct.ActualFrameDuration = "1500", "60000"
    result = by(ct, "modified-dates").dataset
    moved = result.RadiopharmaceuticalInformationSequence[0]
    injected = datetime.strptime(moved.RadiopharmaceuticalStartDateTime, "%Y%m%d%H%M%S")
    assert moment(result, "Acquisition") - injected == timedelta(hours=1)
    assert moved.RadiopharmaceuticalStartTime == injected.strftime("%H%M%S")
    assert (result.FrameReferenceTime, result.ActualFrameDuration) == (1500, 60000)


def test_a_newborn_is_not_held_back_for_being_born_on_the_day_of_the_study(ct: Dataset, by: By) -> None:
    ct.PatientBirthDate = ct.StudyDate = "20240229"
    result = by(ct, "full-dates").dataset
    assert (result.StudyDate, result.PatientBirthDate) == ("20240229", "")
    ct.SeriesDescription = "born 20240229 small"
    ct.ImageComments = ct.PatientBirthDate
    assert b"born" not in encode_instance(by(ct, "full-dates", "clean-descriptors").dataset)


def test_what_is_told_in_a_time_zone_moves_as_universal_time(ct: Dataset, by: By) -> None:
    ct.TimezoneOffsetFromUTC, ct.AcquisitionDateTime = "+0545", "20240229101112-0330"
    ct.AcquisitionDate, ct.AcquisitionTime = "20240229", "192612"
    moved, kept = by(ct, "modified-dates").dataset, by(ct, "full-dates").dataset
    assert moved.TimezoneOffsetFromUTC == "+0000"
    assert moved.AcquisitionDateTime == moved.AcquisitionDate + moved.AcquisitionTime
    del ct.TimezoneOffsetFromUTC
    bare = by(ct, "modified-dates").dataset
    assert "TimezoneOffsetFromUTC" not in bare
    assert bare.AcquisitionDateTime.endswith("+0000")
    apart = datetime.strptime(bare.AcquisitionDateTime[:14], "%Y%m%d%H%M%S") - moment(moved, "Acquisition")
    assert apart == timedelta(0)
    assert kept.TimezoneOffsetFromUTC == "+0545"


def test_a_time_zone_that_is_none_goes_and_is_told(ct: Dataset, by: By) -> None:
    del ct.TimezoneOffsetFromUTC
    plain = by(ct, "modified-dates").dataset
    ct.TimezoneOffsetFromUTC = "Europe/London"
    moved = by(ct, "modified-dates")
    assert "TimezoneOffsetFromUTC" not in moved.dataset
    assert "(0008,0201)" in {note.element for note in moved.notes if note.kind is NoteKind.NOT_A_TIME}
    assert (moved.dataset.StudyDate, moved.dataset.StudyTime) == (plain.StudyDate, plain.StudyTime)


def test_a_date_stays_valid_where_its_time_is_none(ct: Dataset, by: By) -> None:
    ct.StudyTime = "2530"
    moved = by(ct, "modified-dates")
    assert moved.dataset.StudyDate not in ("", ct.StudyDate)
    assert moved.dataset.StudyTime == ""
    assert [note.element for note in moved.notes if note.kind is NoteKind.NOT_A_TIME] == ["(0008,0030)"]


def test_date_and_time_items_that_no_table_pairs_move_together(report: Dataset, by: By) -> None:
    def item(kind: str, code: str, **value: str) -> Dataset:
        made = Dataset()
        made.RelationshipType, made.ValueType = "CONTAINS", kind
        made.ConceptNameCodeSequence = [code_item(Concept(code, "99LOC", code))]
        for keyword, each in value.items():
            setattr(made, keyword, each)
        return made

    report.ContentSequence = [
        item("DATE", "a", Date="20240229"),
        item("TIME", "b", Time="2359"),
        item("DATETIME", "c", DateTime="202402292359"),
        item("TIME", "d", Time="0001"),
        item("DATE", "e", Date="20240229"),
    ]
    first, time, both, other, last = by(report, "modified-dates", "clean-descriptors").dataset.ContentSequence
    assert first.Date + time.Time == both.DateTime
    assert last.Date <= first.Date
    assert other.Time != "0001"


def test_a_date_in_a_sequence_that_is_replaced_does_not_stay(report: Dataset, by: By) -> None:
    observer = Dataset()
    observer.VerifyingObserverName, observer.VerificationDateTime = "Quillfeather^Ada", "20240229101112"
    observer.VerifyingOrganization = "Saint Cuthbert Infirmary"
    report.VerificationFlag, report.VerifyingObserverSequence = "VERIFIED", [observer]
    (replaced,) = by(report, "full-dates").dataset.VerifyingObserverSequence
    assert replaced.VerificationDateTime == "20000101000000"
    result = by(report, "modified-dates").dataset
    (moved,) = result.VerifyingObserverSequence
    assert moved.VerificationDateTime == f"{result.StudyDate}{result.StudyTime}"


def test_a_value_that_is_no_date_goes_and_is_told(ct: Dataset, by: By) -> None:
    ct.StudyDate, ct.SeriesDate = "about 1985", "1985"
    outcome = by(ct, "modified-dates")
    assert outcome.dataset.StudyDate == ""
    assert "1985" not in str(outcome.dataset.get("SeriesDate"))
    places = [note.element for note in outcome.notes if note.kind is NoteKind.NOT_A_TIME]
    assert places == ["(0008,0020)", "(0008,0021)"]


def test_a_date_item_moves_with_its_time_item_and_a_birth_date_item_goes(atfi: Dataset, by: By) -> None:
    def item(kind: str, value: str, meaning: str, **told: str) -> Dataset:
        made, name = Dataset(), Dataset()
        name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = value, "DCM", meaning
        made.RelationshipType, made.ValueType, made.ConceptNameCodeSequence = "CONTAINS", kind, [name]
        for keyword, text in told.items():
            setattr(made, keyword, text)
        return made

    atfi.ContentSequence.extend(
        [
            item("DATE", "111060", "Study Date", Date=str(atfi.StudyDate)),
            item("TIME", "111061", "Study Time", Time="235959"),
            item("DATE", "121031", "Subject Birth Date", Date="19570312"),
        ]
    )
    atfi.StudyTime = "235959"
    result = by(atfi, "modified-dates").dataset
    day, time, born = result.ContentSequence[-3:]
    assert (day.Date, time.Time) == (result.StudyDate, result.StudyTime)
    assert day.Date != atfi.StudyDate
    assert born.Date == "20000101"
    kept = by(atfi, "full-dates").dataset.ContentSequence[-3:]
    assert [kept[0].Date, kept[1].Time, kept[2].Date] == [atfi.StudyDate, "235959", "20000101"]


def test_what_is_no_time_does_not_stay_as_one(ct: Dataset, by: By) -> None:
    ct.StudyDate, ct.SeriesDate, ct.SeriesTime = "Zebulon", "1985", str(ct.StudyInstanceUID)
    outcome = by(ct, "full-dates")
    assert outcome.dataset.StudyDate == ""
    assert outcome.dataset.SeriesDate == "1985"
    assert b"Zebulon" not in encode_instance(outcome.dataset)
    places = [note.element for note in outcome.notes if note.kind is NoteKind.NOT_RETAINED]
    assert places == ["(0008,0020)", "(0008,0031)"]


# -- identities


def test_device_identity_stays_and_ae_titles_do_not(ct: Dataset, by: By) -> None:
    ct.StationName, ct.DeviceSerialNumber, ct.DeviceUID = "CT-ROOM-3", "SN-47110815", "1.2.3.4.55"
    ct.StationAETitle, ct.RetrieveAETitle = "STMARYS", ["STMARYS", "OTHER"]
    ct.ImageComments = "seen on CT-ROOM-3"
    result = by(ct, "device-identity").dataset
    assert (result.StationName, result.DeviceSerialNumber) == ("CT-ROOM-3", "SN-47110815")
    assert result.DeviceUID == "1.2.3.4.55"
    assert b"STMARYS" not in encode_instance(result)
    assert "StationName" not in by(ct).dataset or by(ct).dataset.StationName != "CT-ROOM-3"


def test_a_device_serial_number_that_is_the_patients_identifier_is_not_kept(ct: Dataset, by: By) -> None:
    ct.DeviceSerialNumber = ct.PatientID
    outcome = by(ct, "device-identity")
    assert ct.PatientID.encode() not in encode_instance(outcome.dataset)
    assert [note.element for note in outcome.notes if note.kind is NoteKind.NOT_RETAINED] == ["(0018,1000)"]


def test_institution_identity_stays_with_its_codes_and_a_name_in_it_is_told(ct: Dataset, by: By) -> None:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "RX1", "99ODS", "Hand Clinic"
    ct.InstitutionName, ct.InstitutionCodeSequence = "Hand Clinic", [code]
    ct.InstitutionAddress = "1 Peter Street"
    ct.RequestingService = "Ward for Zebulon"
    outcome = by(ct, "institution-identity")
    result = outcome.dataset
    assert (result.InstitutionName, result.InstitutionAddress) == ("Hand Clinic", "1 Peter Street")
    assert result.InstitutionCodeSequence[0].CodeMeaning == "Hand Clinic"
    told = {note.element for note in outcome.notes if note.kind is NoteKind.RETAINED}
    assert told == {"(0008,0080)", "(0008,0081)", "(0008,0082)[1]/(0008,0104)"}
    assert "RequestingService" not in result
    bare = by(ct).dataset
    assert bare.get("InstitutionName") in (None, "")


def test_patient_characteristics_stay_and_the_oldest_are_told_as_one_group(ct: Dataset, by: By) -> None:
    ct.PatientAge, ct.PatientSize, ct.PatientWeight = "095Y", "1.7", "70"
    ct.Allergies, ct.SmokingStatus = "Allergic to contrast, says Zebulon", "NO"
    ct.EthnicGroup = "W"
    result = by(ct, "patient-characteristics").dataset
    assert (result.PatientSex, result.PatientAge, result.PatientWeight) == ("M", "090Y", 70)
    assert (result.SmokingStatus, result.EthnicGroup) == ("NO", "W")
    assert "Allergies" not in result
    assert by(ct, "patient-characteristics", oldest_age=None).dataset.PatientAge == "095Y"
    ct.PatientAge = "089Y"
    cleaned = by(ct, "patient-characteristics", "clean-descriptors").dataset
    assert cleaned.PatientAge == "089Y"
    assert "contrast" in cleaned.Allergies
    assert "Zebulon" not in cleaned.Allergies


def test_the_age_and_sex_of_a_content_item_follow_the_option(atfi: Dataset, by: By) -> None:
    age, name, measured, unit = Dataset(), Dataset(), Dataset(), Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "121033", "DCM", "Subject Age"
    unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "a", "UCUM", "year"
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = "93", [unit]
    age.RelationshipType, age.ValueType, age.ConceptNameCodeSequence = "CONTAINS", "NUM", [name]
    age.MeasuredValueSequence = [measured]
    atfi.ContentSequence.append(age)
    kept = by(atfi, "patient-characteristics").dataset.ContentSequence[-1]
    assert kept.MeasuredValueSequence[0].NumericValue == 90
    measured.NumericValue = "42"
    kept = by(atfi, "patient-characteristics").dataset.ContentSequence[-1]
    assert kept.MeasuredValueSequence[0].NumericValue == 42
    assert len(by(atfi).dataset.ContentSequence[-1].MeasuredValueSequence) == 0


@pytest.mark.parametrize("code", ["121033 DCM", "397669002 SCT", "424144002 SCT", "30525-0 LN"])
def test_an_age_in_months_is_capped_under_whatever_code(code: str, atfi: Dataset, by: By) -> None:
    age, name, measured, unit = Dataset(), Dataset(), Dataset(), Dataset()
    (name.CodeValue, name.CodingSchemeDesignator), name.CodeMeaning = code.split(), "Age"
    unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "mo", "UCUM", "month"
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = "1140", [unit]
    age.RelationshipType, age.ValueType, age.ConceptNameCodeSequence = "CONTAINS", "NUM", [name]
    age.MeasuredValueSequence = [measured]
    atfi.ContentSequence.append(age)
    kept = by(atfi, "patient-characteristics").dataset.ContentSequence[-1]
    assert kept.MeasuredValueSequence[0].NumericValue == 1080


def test_each_of_several_ages_is_capped(ct: Dataset, by: By) -> None:
    ct.PatientAge = ["042Y", "95Y", "1140M"]
    assert list(by(ct, "patient-characteristics").dataset.PatientAge) == ["042Y", "090Y", "090Y"]


def test_a_device_of_the_content_stays_with_the_option_alone(report: Dataset, by: By) -> None:
    def item(kind: str, value: str, meaning: str) -> Dataset:
        made, name = Dataset(), Dataset()
        name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = value, "DCM", meaning
        made.RelationshipType, made.ValueType = "HAS OBS CONTEXT", kind
        made.ConceptNameCodeSequence = [name]
        return made

    observer, serial = (
        item("UIDREF", "121012", "Device Observer UID"),
        item("TEXT", "121016", "Serial Number"),
    )
    observer.UID, serial.TextValue = "1.2.826.0.1.3680043.8.498.77.5", "SN-47110815"
    report.ContentSequence.extend([observer, serial])
    kept = by(report, "device-identity").dataset.ContentSequence[-2:]
    assert (kept[0].UID, kept[1].TextValue) == (observer.UID, "SN-47110815")
    gone = by(report, "clean-descriptors").dataset.ContentSequence[-2:]
    assert gone[0].UID.startswith("2.25.")
    assert gone[1].TextValue == "REMOVED"


def test_uids_stay_at_every_depth(ct: Dataset, report: Dataset, by: By) -> None:
    ct.add_new(0x00281199, "UI", "1.2.826.0.1.3680043.8.498.44")
    ct.SoftwareVersions = f"5.4.3 for {ct.StudyInstanceUID}"
    one, other = by(ct, "uids").dataset, by(report, "uids").dataset
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        assert one[keyword].value == ct[keyword].value
    assert one.file_meta.MediaStorageSOPInstanceUID == ct.SOPInstanceUID
    assert one[0x00281199].value == "1.2.826.0.1.3680043.8.498.44"
    assert one.SoftwareVersions == ct.SoftwareVersions
    reference = other.ContentSequence[-1].ReferencedSOPSequence[0]
    assert reference.ReferencedSOPInstanceUID == ct.SOPInstanceUID


def test_a_retained_sequence_is_entered_and_not_copied(ct: Dataset, by: By) -> None:
    device = Dataset()
    device.UniqueDeviceIdentifier, device.DeviceDescription = "(01)0471108", "Scanner of Aurelius Hand"
    device.PatientComments = "Zebulon"
    ct.UDISequence = [device]
    kept = by(ct, "device-identity").dataset.UDISequence[0]
    assert kept.UniqueDeviceIdentifier == "(01)0471108"
    assert "PatientComments" not in kept


# -- the whole content, and instances that were here before


def test_without_structured_content_a_report_says_nothing_and_a_manifest_is_held_back(
    report: Dataset, manifests: tuple[Dataset, ...], basic: Policy, pseudonyms: Pseudonyms
) -> None:
    deidentifier = Deidentifier(dataclasses.replace(basic, codes=("113100",)), pseudonyms)
    outcome = deidentifier.deidentify(report)
    assert isinstance(outcome, Deidentified)
    (item,) = outcome.dataset.ContentSequence
    assert (item.ValueType, item.TextValue) == ("TEXT", "REMOVED")
    assert "ContentTemplateSequence" not in outcome.dataset
    held = deidentifier.deidentify(manifests[0])
    assert isinstance(held, Quarantined)
    assert "without 113104" in held.reason


@pytest.mark.parametrize("already", list(Already))
def test_what_says_it_is_de_identified_is_passed_done_again_or_refused(
    already: Already, ct: Dataset, basic: Policy, pseudonyms: Pseudonyms
) -> None:
    ct.PatientIdentityRemoved, ct.DeidentificationMethod = "YES", "elsewhere"
    outcome = Deidentifier(dataclasses.replace(basic, already=already), pseudonyms).deidentify(ct)
    if already is Already.REFUSE:
        assert isinstance(outcome, Quarantined)
        assert "(0012,0062) is YES already" in outcome.reason
        return
    assert isinstance(outcome, Deidentified)
    assert [note.detail for note in outcome.notes if note.kind is NoteKind.ALREADY] == [
        "passed as it is" if already is Already.PASS else "de-identified again"
    ]
    passed = already is Already.PASS
    assert (outcome.dataset.PatientID == ct.PatientID) is passed
    assert (outcome.dataset.DeidentificationMethod == "elsewhere") is passed


def test_passing_on_does_not_pass_on_what_may_show_text(
    us: Dataset, basic: Policy, pseudonyms: Pseudonyms
) -> None:
    us.PatientIdentityRemoved, us.BurnedInAnnotation = "YES", "YES"
    outcome = Deidentifier(dataclasses.replace(basic, already=Already.PASS), pseudonyms).deidentify(us)
    assert isinstance(outcome, Quarantined)


def test_two_stages_add_to_the_method_and_the_second_leaves_no_way_back(
    ct: Dataset, content: Content, pseudonyms: Pseudonyms
) -> None:
    first, second = (
        Deidentifier(find_policy(name, content), pseudonyms)
        for name in ("stage-1-pseudonymise", "stage-2-anonymise")
    )
    middle = first.deidentify(ct)
    assert isinstance(middle, Deidentified)
    assert (middle.dataset.StudyDate, middle.dataset.PatientSex) == ("20240229", "M")
    assert middle.dataset.InstitutionName == ct.InstitutionName
    encrypted = Dataset()
    encrypted.EncryptedContentTransferSyntaxUID = uids.ExplicitVRLittleEndian
    encrypted.EncryptedContent = b"\x01\x02"
    middle.dataset.EncryptedAttributesSequence = [encrypted]
    last = second.deidentify(middle.dataset)
    assert isinstance(last, Deidentified)
    assert "EncryptedAttributesSequence" not in last.dataset
    assert not last.dataset.StudyDate
    assert [text.split(", ")[-1] for text in last.dataset.DeidentificationMethod] == [
        "stage-1-pseudonymise",
        "stage-2-anonymise",
    ]
    assert last.dataset.LongitudinalTemporalInformationModified == "REMOVED"


def test_the_output_of_a_trial_is_its_subjects(ct: Dataset, content: Content, pseudonyms: Pseudonyms) -> None:
    ct.ClinicalTrialSponsorName, ct.ClinicalTrialSubjectID = "An earlier sponsor", "9991234564"
    ct.ClinicalTrialProtocolEthicsCommitteeName = "Cuthbert committee"
    outcome = Deidentifier(find_policy("clinical-trial", content), pseudonyms).deidentify(ct)
    assert isinstance(outcome, Deidentified)
    result, subject = outcome.dataset, pseudonyms.patient(ct.PatientID)
    assert (result.ClinicalTrialSponsorName, result.ClinicalTrialProtocolID) == (
        "Example Sponsor",
        "EXAMPLE-1",
    )
    assert result.ClinicalTrialSiteID == "001"
    assert result.PatientID == result.ClinicalTrialSubjectID == subject.id
    assert result.PatientName == subject.name
    assert "ClinicalTrialProtocolEthicsCommitteeName" not in result
    assert (result.ClinicalTrialTimePointID, result.ClinicalTrialCoordinatingCenterName) == ("", "")
