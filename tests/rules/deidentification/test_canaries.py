from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from tce_harness.model.canary import Canary, CanaryKind, Fate
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.canaries import no_canary_survives, nothing_over_cleaned

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

PLANTED = {
    "(0010,0010)": (CanaryKind.NAME, "Szczepańska-Hand^Małgorzata"),
    "(0010,0020)": (CanaryKind.IDENTIFIER, "9994610238"),
    "(0010,0030)": (CanaryKind.DATE, "19570312"),
    "(0010,0040)": (CanaryKind.TEXT, "F"),
    "(0010,1010)": (CanaryKind.TEXT, "062Y"),
    "(0008,0020)": (CanaryKind.DATE, "20190412"),
    "(0008,0030)": (CanaryKind.TIME, "101530"),
    "(0008,0050)": (CanaryKind.IDENTIFIER, "RX44910273"),
    "(0008,0080)": (CanaryKind.TEXT, "St Dymphna Infirmary"),
    "(0008,0090)": (CanaryKind.NAME, "Okonkwo^Bernadette^^Dr"),
    "(0020,0010)": (CanaryKind.IDENTIFIER, "S88213"),
    "(0020,000D)": (CanaryKind.UID, "1.2.826.0.1.3680043.10.5.7.1"),
    "(0040,0275)[1]/(0040,0009)": (CanaryKind.IDENTIFIER, "SPS7713"),
    "codestream comment": (CanaryKind.TEXT, "scanned by B Okonkwo"),
}
CANARIES = tuple(
    Canary(value=value, kind=kind, element=element, subject=f"study/{number}")
    for number in (1, 2)
    for element, (kind, value) in PLANTED.items()
)


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


LEAK = {("canary-survives", Severity.FAIL)}


def bytes_tell(content: bytes, *spellings: str) -> bool:
    """Say by the bytes alone whether a value stands in a file: nothing of the harness takes part."""
    plain = content.decode("latin-1")
    wide = content[::2].decode("latin-1") + content[1::2].decode("latin-1")
    return any(
        each in plain or each in wide or each.encode().decode("latin-1") in plain for each in spellings
    )


def test_a_clean_export_passes(make_case: CaseMaker, study: Study) -> None:
    judgement = no_canary_survives(make_case(study.originals, study.exported, canaries=CANARIES))
    assert judgement.examined == len(PLANTED)
    assert judgement.unit == "planted values"
    assert judgement.findings == ()
    values = [value for _, value in PLANTED.values() if len(value) > 4]
    assert not any(bytes_tell(make_case.as_bytes(each), *values) for each in study.exported)


def test_originals_sent_on_as_they_are_fail_for_every_value(make_case: CaseMaker, study: Study) -> None:
    judgement = no_canary_survives(make_case(study.originals, study.originals, canaries=CANARIES))
    elements = {each.element for each in judgement.findings if each.subject == "study/1"}
    assert elements >= set(PLANTED) - {"codestream comment"}
    assert all(value not in each.message for each in judgement.findings for _, value in PLANTED.values())
    assert all(each.quotes for each in judgement.findings)


def test_nothing_planted_leaves_it_open(make_case: CaseMaker, study: Study) -> None:
    judgement = no_canary_survives(make_case(study.originals, study.exported))
    assert (judgement.examined, judgement.reason) == (0, "nothing was planted in the originals")
    judgement = no_canary_survives(make_case(study.originals, [], canaries=CANARIES))
    assert (judgement.examined, judgement.reason) == (0, "nothing readable was exported")


@pytest.mark.parametrize(
    ("keyword", "value", "spelled"),
    [
        ("PatientName", "Szczepańska-Hand^Małgorzata", "Szczepańska"),
        ("PatientName", "MAŁGORZATA^SZCZEPAŃSKA HAND", "SZCZEPA"),
        ("OperatorsName", "Szczepanska-Hand^M", "Szczepanska-Hand"),
        ("ImageComments", "seen by malgorzata szczepanska hand today", "szczepanska hand"),
        ("ImageComments", "SzczepańskaHandMałgorzata", "Szczepa"),
        ("PatientComments", "NHS 999 461 0238", "999 461 0238"),
        ("PatientComments", "NHS 999-461-0238", "999-461-0238"),
        ("PatientComments", "born 12/03/1957", "12/03/1957"),
        ("PatientComments", "born 12-MAR-1957", "12-MAR-1957"),
        ("PatientComments", "born 1957-03-12.", "1957-03-12"),
        ("PatientComments", "born 12 March 1957", "12 March 1957"),
        ("PatientBirthDate", "19570312", "19570312"),
        ("StudyTime", "101530.000000", "101530"),
        ("PatientComments", "S88213", "S88213"),
        ("ImageComments", "ST. DYMPHNA INFIRMARY, ward 3", "DYMPHNA"),
        ("ImageComments", "accession rx44910273", "rx44910273"),
        ("ImageComments", "accession RX 449 102 73", "RX 449 102 73"),
        ("PatientID", "0009994610238", "9994610238"),
        ("ImageComments", "999 4610 238", "999 4610 238"),
        ("PatientComments", "né le 12 mars 1957", "12 mars 1957"),
        ("PatientComments", "born 12031957", "12031957"),
    ],
)
def test_a_value_is_found_in_another_spelling(
    keyword: str, value: str, spelled: str, make_case: CaseMaker, study: Study
) -> None:
    exported = study.spoil(lambda one: setattr(one, keyword, value))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES))
    assert told(judgement) == LEAK
    assert bytes_tell(make_case.as_bytes(exported[0]), spelled)


@pytest.mark.parametrize(
    ("keyword", "value", "kind", "severity"),
    [
        ("PatientName", "Szczepańska-Hand", "canary-survives", Severity.FAIL),
        ("ReferringPhysicianName", "Okonkwo^B", "canary-survives", Severity.FAIL),
        ("ImageComments", "ask Szczepanska-Hand", "canary-survives", Severity.FAIL),
        ("StudyDescription", "Thorax for Bernadette", "name-part-survives", Severity.WARNING),
        ("OperatorsName", "Okonkwo^B", "name-part-survives", Severity.WARNING),
    ],
)
def test_a_part_of_a_name_tells_as_much_as_it_tells(
    keyword: str, value: str, kind: str, severity: Severity, make_case: CaseMaker, study: Study
) -> None:
    exported = study.spoil(lambda one: setattr(one, keyword, value))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES))
    assert told(judgement) == {(kind, severity)}


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("ImageComments", "left hand, two views"),
        ("BodyPartExamined", "HAND"),
        ("SeriesDescription", "Hand pa"),
        ("ImageComments", "order S882139 of 57"),
        ("PatientName", "PSEUDO^F"),
        ("ImageComments", "062Y and F"),
        ("SeriesInstanceUID", "2.25.3199946102381957031220190412101530"),
        ("SeriesDate", "20190412"),
    ],
)
def test_words_and_chance_numbers_are_no_leak(
    keyword: str, value: str, make_case: CaseMaker, study: Study
) -> None:
    exported = study.spoil(lambda one: setattr(one, keyword, value))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES))
    assert judgement.findings == ()


@pytest.mark.parametrize("number", ["000000000", "10000000", "0000000"])
def test_a_round_number_is_looked_for_only_where_it_was_planted(
    number: str, make_case: CaseMaker, study: Study
) -> None:
    canary = Canary(value=number, kind=CanaryKind.IDENTIFIER, element="(0010,0020)", subject="study/1")
    exported = study.spoil(
        lambda one: setattr(one, "ImageComments", "1.000000000 and 0.0000000000000, 0000000")
    )
    exported[0].add_new(0x00280030, "DS", ["1.0000000000000", "0.00000000"])
    assert no_canary_survives(make_case(study.originals, exported, canaries=[canary])).findings == ()
    exported[0].PatientID = number
    assert told(no_canary_survives(make_case(study.originals, exported, canaries=[canary]))) == LEAK


@pytest.mark.parametrize(
    ("value", "severities"),
    [("1015", {Severity.WARNING}), ("101500", {Severity.WARNING}), ("101500.000", {Severity.WARNING}),
     ("101530.5", {Severity.FAIL}), ("10", set()), ("101531", set())],
)  # fmt: skip
def test_a_time_to_the_minute_is_a_warning(
    value: str, severities: set[Severity], make_case: CaseMaker, study: Study
) -> None:
    exported = study.spoil(lambda one: setattr(one, "StudyTime", value))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES))
    assert {each.severity for each in judgement.findings} == severities


def test_a_comment_in_the_pixels_is_found(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: setattr(one, "PixelData", one.PixelData + b"Scanned by B Okonkwo"))
    (finding,) = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES)).findings
    assert (finding.kind, finding.element) == ("canary-survives", None)


def test_a_deflated_instance_is_searched(make_case: CaseMaker, study: Study) -> None:
    study.exported[0].file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    assert no_canary_survives(make_case(study.originals, study.exported, canaries=CANARIES)).findings == ()
    exported = study.spoil(lambda one: setattr(one, "PixelData", one.PixelData + b"scanned by B Okonkwo"))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES))
    assert told(judgement) == LEAK


@pytest.mark.parametrize(
    ("charset", "name", "encoded"),
    [
        ("ISO 2022 IR 87", "山田^太郎", "iso2022_jp"),
        ("GB18030", "王^小东", "gb18030"),
        ("ISO_IR 144", "Щукин^Илья", "iso8859-5"),
    ],
)
def test_names_are_found_in_the_character_set_of_their_own_item(
    charset: str, name: str, encoded: str, make_case: CaseMaker, study: Study
) -> None:
    canary = Canary(value=name, kind=CanaryKind.NAME, element="(0010,0010)", subject="study/1")
    item = Dataset()
    item.SpecificCharacterSet = ["", charset] if "2022" in charset else charset
    item.PersonName = name
    study.exported[0].PersonIdentificationCodeSequence = [item]
    (finding,) = no_canary_survives(make_case(study.originals, study.exported, canaries=[canary])).findings
    assert finding.element == "(0040,1101)[1]/(0040,A123)"


def test_an_unparted_name_in_running_text_is_found(make_case: CaseMaker, study: Study) -> None:
    canary = Canary(value="山田^太郎", kind=CanaryKind.NAME, element="(0010,0010)", subject="study/1")
    exported = study.spoil(lambda one: setattr(one, "ImageComments", "患者山田太郎様"))
    assert told(no_canary_survives(make_case(study.originals, exported, canaries=[canary]))) == LEAK


def test_a_name_of_three_ideographs_is_found_in_running_text_of_any_instance(
    make_case: CaseMaker, study: Study
) -> None:
    canary = Canary(value="王^小东", kind=CanaryKind.NAME, element="(0010,0010)", subject="study/2")
    other = Canary(value="4711023", kind=CanaryKind.IDENTIFIER, element="(0010,0020)", subject="study/1")
    exported = study.spoil(lambda one: setattr(one, "ImageComments", "病人王小东头部"))
    assert told(no_canary_survives(make_case(study.originals, exported, canaries=[canary, other]))) == LEAK


def test_the_whole_name_of_another_instance_in_a_name_is_a_leak(make_case: CaseMaker, study: Study) -> None:
    canary = Canary(value="Lee^Tom", kind=CanaryKind.NAME, element="(0010,0010)", subject="study/2")
    other = Canary(value="4711023", kind=CanaryKind.IDENTIFIER, element="(0010,0020)", subject="study/1")
    exported = study.spoil(lambda one: setattr(one, "ReferringPhysicianName", "Lee^Tom"))
    assert told(no_canary_survives(make_case(study.originals, exported, canaries=[canary, other]))) == LEAK


@pytest.mark.parametrize(
    ("code", "keyword"),
    [
        ("113108", "PatientAge"),
        ("113112", "InstitutionName"),
        ("113106", "StudyDate"),
        ("113110", "StudyInstanceUID"),
    ],
)
def test_what_a_claimed_option_retains_is_no_leak(
    code: str, keyword: str, make_case: CaseMaker, study: Study
) -> None:
    kept = getattr(study.originals[0], keyword)
    exported = study.spoil(lambda one: setattr(one, keyword, kept))
    claims = Claims(deidentification_codes=("113100", code))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES, claims=claims))
    assert told(judgement) == {("not-searched", Severity.INFO)}
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES))
    assert told(judgement) == LEAK


@pytest.mark.parametrize(("what", "severity"), [("run", Severity.FAIL), ("check", Severity.INFO)])
def test_a_description_that_cleaning_left_is_a_leak_only_where_it_was_planted(
    what: Literal["run", "check"], severity: Severity, make_case: CaseMaker, study: Study
) -> None:
    words = study.originals[0].StudyDescription
    canary = Canary(value=words, kind=CanaryKind.TEXT, element="(0008,1030)", subject="study/1")
    exported = study.spoil(lambda one: setattr(one, "StudyDescription", words))
    claims = Claims(deidentification_codes=("113100", "113105"))
    case = make_case(study.originals, exported, canaries=[canary], claims=claims, what=what)
    assert {each.severity for each in no_canary_survives(case).findings} == {severity}


def test_the_text_of_a_content_item_that_nobody_planted_may_be_left_where_cleaning_is_claimed(
    make_case: CaseMaker, study: Study
) -> None:
    words = "For the chest meeting"
    for one in (study.originals[2], study.exported[2]):
        item = Dataset()
        item.ValueType, item.TextValue = "TEXT", words
        one.ContentSequence = [item]
    canary = Canary(
        value=words, kind=CanaryKind.TEXT, element="(0040,A730)[1]/(0040,A160)", subject="study/3"
    )
    for codes, severity in ((("113100", "113104"), Severity.INFO), (("113100",), Severity.FAIL)):
        claims = Claims(deidentification_codes=codes)
        case = make_case(study.originals, study.exported, canaries=[canary], claims=claims, what="check")
        assert {each.severity for each in no_canary_survives(case).findings} == {severity}


def author(value: str) -> Dataset:
    concept, item, one = Dataset(), Dataset(), Dataset()
    concept.CodeValue, concept.CodingSchemeDesignator = "TCE101", "IHERADTF"
    item.ConceptNameCodeSequence, item.ValueType, item.TextValue = [concept], "TEXT", value
    one.ContentSequence = [item]
    return one


def test_the_author_stays_by_policy_and_the_patient_does_not(make_case: CaseMaker, study: Study) -> None:
    writer = "Featherstonehaugh^Zebedee^^Dr^GMC7654321"
    canaries = (
        *CANARIES,
        Canary(value=writer, kind=CanaryKind.NAME, element="(0040,A730)[1]/(0040,A160)", subject="study/3"),
    )
    study.originals[2].ContentSequence = author(writer).ContentSequence
    study.exported[2].ContentSequence = author(writer).ContentSequence
    judgement = no_canary_survives(make_case(study.originals, study.exported, canaries=canaries))
    assert told(judgement) == {("author-identity-retained", Severity.INFO)}
    study.exported[2].ContentSequence = author("Szczepańska-Hand^Małgorzata").ContentSequence
    judgement = no_canary_survives(make_case(study.originals, study.exported, canaries=canaries))
    assert told(judgement) == LEAK


def test_an_author_of_the_patients_family_name_is_no_leak_and_one_of_the_whole_name_is(
    make_case: CaseMaker, study: Study
) -> None:
    for writer, leak in (
        ("Szczepańska-Hand^Zebedee^^Dr^GMC7654321", {("author-identity-retained", Severity.INFO)}),
        ("Szczepańska-Hand^Małgorzata", LEAK),
    ):
        study.originals[2].ContentSequence = author(writer).ContentSequence
        study.exported[2].ContentSequence = author(writer).ContentSequence
        judgement = no_canary_survives(make_case(study.originals, study.exported, canaries=CANARIES))
        assert told(judgement) == leak


def test_a_value_in_a_private_block_that_was_taken_to_be_safe_is_a_warning(
    make_case: CaseMaker, study: Study
) -> None:
    canary = Canary(value="Zweigelt ward 7", kind=CanaryKind.TEXT, element="(0009,1001)", subject="study/1")
    exported = study.spoil(lambda one: one.add_new(0x00091001, "LO", "Zweigelt ward 7"))
    safe = Claims(deidentification_codes=("113100", "113111"))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=[canary], claims=safe))
    assert told(judgement) == {("claimed-safe-private", Severity.WARNING)}
    assert told(no_canary_survives(make_case(study.originals, exported, canaries=[canary]))) == LEAK


STAYING = (
    Canary(value="CT", kind=CanaryKind.TEXT, element="(0008,0060)", subject="study/1", fate=Fate.MUST_STAY),
    Canary(value="Acme", kind=CanaryKind.TEXT, element="(0008,0070)", subject="study/1", fate=Fate.MUST_STAY),
)


def test_what_must_stay_and_stays_passes(make_case: CaseMaker, study: Study) -> None:
    judgement = nothing_over_cleaned(make_case(study.originals, study.exported, canaries=STAYING))
    assert (judgement.examined, judgement.findings) == (2, ())


def test_what_must_stay_and_is_gone_fails(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: setattr(one, "Manufacturer", ""))
    (finding,) = nothing_over_cleaned(make_case(study.originals, exported, canaries=STAYING)).findings
    assert (finding.kind, finding.element, finding.severity) == ("value-lost", "(0008,0070)", Severity.FAIL)


def test_what_never_came_is_not_said_to_be_over_cleaned(make_case: CaseMaker, study: Study) -> None:
    judgement = nothing_over_cleaned(make_case(study.originals, study.exported[2:], canaries=STAYING))
    assert (judgement.examined, bool(judgement.reason)) == (0, True)


def test_what_a_row_asks_to_remove_is_not_over_cleaned(make_case: CaseMaker, study: Study) -> None:
    canary = Canary(
        value="062Y", kind=CanaryKind.TEXT, element="(0010,1010)", subject="study/1", fate=Fate.MUST_STAY
    )
    assert nothing_over_cleaned(make_case(study.originals, study.exported, canaries=[canary])).examined == 0
    claims = Claims(deidentification_codes=("113100", "113108"))
    judgement = nothing_over_cleaned(
        make_case(study.originals, study.exported, canaries=[canary], claims=claims)
    )
    assert {each.kind for each in judgement.findings} == {"value-lost"}


def test_a_shifted_date_may_be_the_date_of_another_instance(make_case: CaseMaker, study: Study) -> None:
    canaries = [
        Canary(value=value, kind=CanaryKind.DATE, element="(0008,0023)", subject=f"study/{number}")
        for number, value in ((1, "20190412"), (2, "20190413"))
    ]
    study.originals[1].ContentDate = "20190413"
    study.exported[0].ContentDate, study.exported[1].ContentDate = "20190413", "20190414"
    assert no_canary_survives(make_case(study.originals, study.exported, canaries=canaries)).findings == ()
    study.exported[1].ContentDate = "20190413"
    (finding,) = no_canary_survives(make_case(study.originals, study.exported, canaries=canaries)).findings
    assert (finding.subject, finding.element) == ("study/2", "(0008,0023)")


@pytest.mark.parametrize(
    "value",
    [
        "".join(f"Seen on ward {number} by the sister. " for number in range(24_000)),
        "".join(chr(97 + number * number % 23) for number in range(720_000)),
        "".join(f"{number * number % 9973:04d}x" for number in range(150_000)),
    ],
)
@pytest.mark.parametrize("kind", [CanaryKind.TEXT, CanaryKind.IDENTIFIER, CanaryKind.NAME])
def test_a_part_of_a_very_long_value_is_found(
    kind: CanaryKind, value: str, make_case: CaseMaker, study: Study
) -> None:
    canary = Canary(value=value, kind=kind, element="(0010,4000)", subject="study/1")
    exported = study.spoil(lambda one: one.add_new(0x00204000, "UT", value[300_000:500_000]))
    assert told(no_canary_survives(make_case(study.originals, exported, canaries=[canary]))) == LEAK


def test_the_digits_of_a_uid_in_a_text_are_no_hexadecimal(make_case: CaseMaker, study: Study) -> None:
    number = "9994610238"
    canary = Canary(value=number, kind=CanaryKind.IDENTIFIER, element="(0010,0020)", subject="study/1")
    for text, leaks in ((f"see {number.encode().hex()}", True), (f"see 1.2.{number.encode().hex()}", False)):
        study.exported[0].StudyDescription = text
        case = make_case(study.originals, study.exported, canaries=[canary])
        assert (told(no_canary_survives(case)) == LEAK) is leaks
