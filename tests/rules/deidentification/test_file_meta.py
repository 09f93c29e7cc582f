from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from pydicom import dcmread

from tce_harness.model.finding import Judgement
from tce_harness.rules.deidentification.file_meta import file_meta_is_new

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study


def kinds(judgement: Judgement) -> list[tuple[str, str | None]]:
    return [(each.kind, each.element) for each in judgement.findings]


def with_meta(content: bytes, preamble: bytes = b"\0" * 128, **values: str) -> bytes:
    dataset = dcmread(BytesIO(content))
    for keyword, value in values.items():
        setattr(dataset.file_meta, keyword, value)
    dataset.preamble = preamble
    buffer = BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


def test_file_meta_of_the_deidentifiers_own_passes(make_case: CaseMaker, study: Study) -> None:
    judgement = file_meta_is_new(make_case(study.originals, study.exported, on_wire=False))
    assert (judgement.examined, judgement.unit, judgement.findings) == (3, "files", ())


def test_on_the_wire_it_does_not_apply(make_case: CaseMaker, study: Study) -> None:
    judgement = file_meta_is_new(make_case(study.originals, study.exported))
    assert judgement.applicable is False
    assert judgement.reason


def test_no_files_leave_it_open(make_case: CaseMaker, study: Study) -> None:
    judgement = file_meta_is_new(make_case(study.originals, [], on_wire=False))
    assert (judgement.examined, judgement.applicable) == (0, True)


def test_the_originals_instance_in_the_file_meta_fails(make_case: CaseMaker, study: Study) -> None:
    old = str(study.originals[0].SOPInstanceUID)
    spoilt = with_meta(make_case.as_bytes(study.exported[0]), MediaStorageSOPInstanceUID=old)
    case = make_case(study.originals, [spoilt, *study.exported[1:]], on_wire=False)
    assert kinds(file_meta_is_new(case)) == [("file-meta-names-another-instance", "(0002,0003)")]


def test_kept_titles_and_preamble_fail(make_case: CaseMaker, study: Study) -> None:
    marked = b"TIFF of St Dymphna".ljust(128, b"\0")
    title = {"SourceApplicationEntityTitle": "STDYMPHNA_PACS"}
    original = with_meta(make_case.as_bytes(study.originals[0]), marked, **title)
    spoilt = with_meta(make_case.as_bytes(study.exported[0]), marked, **title)
    case = make_case([original, *study.originals[1:]], [spoilt, *study.exported[1:]], on_wire=False)
    assert kinds(file_meta_is_new(case)) == [("preamble-kept", None), ("file-meta-kept", "(0002,0016)")]


def test_without_originals_the_named_instance_is_still_judged(make_case: CaseMaker, study: Study) -> None:
    spoilt = with_meta(make_case.as_bytes(study.exported[0]), MediaStorageSOPInstanceUID="2.25.1")
    judgement = file_meta_is_new(make_case([], [spoilt], on_wire=False))
    assert (judgement.examined, len(judgement.findings)) == (1, 1)
