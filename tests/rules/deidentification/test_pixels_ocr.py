from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.pixels_ocr import no_text_read_in_pixels, read_texts

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

NAME = Canary(
    value="Szczepańska-Hand^Małgorzata", kind=CanaryKind.NAME, element="(0010,0010)", subject="study/1"
)


def output(*texts: str) -> str:
    lines = [json.dumps({"frames": 1, "read": [1]})]
    lines += [json.dumps({"frame": 1, "box": [0, 0, 9, 9], "text": each, "score": 0.9}) for each in texts]
    return "\n".join(lines)


def judged(make_case: CaseMaker, study: Study, *texts: str, known: tuple[Canary, ...] = (NAME,)) -> Judgement:
    images = [each for each in study.exported if "PixelData" in each]
    more = [make_case.examination(each, output(*texts), examiner="ocr") for each in images]
    return no_text_read_in_pixels(make_case(study.originals, study.exported, canaries=known, more=more))


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


@pytest.mark.parametrize(
    "text", ["SZCZEPANSKA-HAND", "Szczepanska Hand Malgorzata", "Sczepanska-Hamd", "x Małgorzata"]
)
def test_a_name_is_known_again_misread_or_in_part(make_case: CaseMaker, study: Study, text: str) -> None:
    assert told(judged(make_case, study, text)) == {("identifying-text-read", Severity.WARNING)}


def test_a_ruler_and_a_side_mark_are_nothing(make_case: CaseMaker, study: Study) -> None:
    judgement = judged(make_case, study, "L", "5cm", "|.|.|")
    assert (judgement.examined, judgement.unit, judgement.findings) == (2, "images", ())


def test_other_text_is_a_remark_where_the_identifiers_are_known(make_case: CaseMaker, study: Study) -> None:
    assert told(judged(make_case, study, "GAIN 45 dB")) == {("text-read", Severity.INFO)}


def test_of_unknown_origin_all_text_is_for_a_person_to_see(make_case: CaseMaker, study: Study) -> None:
    judgement = judged(make_case, study, "GAIN 45 dB", known=())
    assert told(judgement) == {("text-read", Severity.WARNING)}
    assert all(each.quotes for each in judgement.findings)


def test_without_an_answer_nothing_is_passed(make_case: CaseMaker, study: Study) -> None:
    judgement = no_text_read_in_pixels(make_case(study.originals, study.exported))
    assert (judgement.examined, judgement.reason) == (0, "OCR was not asked")


def test_without_images_the_reason_is_told(make_case: CaseMaker) -> None:
    report = Dataset()
    report.SOPClassUID, report.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.11", "2.25.3"
    assert no_text_read_in_pixels(make_case([], [report])).reason == "no image was exported"


def test_lines_that_are_no_answer_are_passed_over() -> None:
    assert read_texts('nonsense\n[1]\n{"text": 7}\n') == ()
