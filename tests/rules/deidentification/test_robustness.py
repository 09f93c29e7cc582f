"""No rule raises, whatever a foreign system wrote; and the bytes alone agree with what the rules say."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from tce_harness.model.canary import Canary, CanaryKind, Fate
from tce_harness.model.claims import Claims
from tce_harness.model.errors import InstanceError
from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.layout import layout
from tce_harness.rules.registry import Rule, all_rules

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

OURS = ("deid/", "uid/", "object/")
RULES = [rule for name, rule in all_rules().items() if name.startswith(OURS)]

TAGS = st.sampled_from(
    [
        0x00080005, 0x00080008, 0x00080020, 0x00081140, 0x00081155, 0x00091001, 0x00090010, 0x00100010,
        0x00100020, 0x00100030, 0x00120062, 0x00120063, 0x00120064, 0x0020000D, 0x00200052, 0x00280010,
        0x00280011, 0x00280100, 0x00280101, 0x00280102, 0x00280301, 0x00280303, 0x00400275, 0x0040A043,
        0x0040A160, 0x0040A730, 0x00420011, 0x00700001, 0x50003000, 0x60000102, 0x60003000, 0x7FE00010,
        0xFFFCFFFC, 0x00081301, 0x00102162, 0x0040A124,
    ]
)  # fmt: skip
TEXT = st.text(max_size=24) | st.sampled_from(["1.2.840.10008.1.2", "20190412", "YES", "\\", "^=", "1.2.3"])
VALUES = st.one_of(
    st.tuples(st.sampled_from(["LO", "PN", "UI", "DA", "UT", "CS", "SH", "DT"]), TEXT),
    st.tuples(st.sampled_from(["LO", "PN", "UI"]), st.lists(TEXT, max_size=3)),
    st.tuples(
        st.sampled_from(["OB", "UN"]), st.binary(max_size=40).map(lambda each: each + b"\0" * (len(each) % 2))
    ),
    st.tuples(st.just("US"), st.integers(0, 65535)),
    st.tuples(st.just("UN"), st.just(b"\xfe\xff\x00\xe0\xff\xff\xff\xff\x08\x00")),
)


def data_sets(depth: int = 2) -> st.SearchStrategy[list[tuple[int, str, object]]]:
    leaves = st.tuples(TAGS, VALUES).map(lambda each: (each[0], *each[1]))
    if not depth:
        return st.lists(leaves, max_size=6)
    nested = st.tuples(TAGS, st.just("SQ"), st.lists(data_sets(depth - 1), max_size=2))
    return st.lists(leaves | nested, max_size=8)


def build(parts: list[tuple[int, str, object]]) -> Dataset:
    dataset = Dataset()
    for tag, vr, value in parts:
        content = Sequence([build(each) for each in value]) if vr == "SQ" else value  # type: ignore[attr-defined]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset.add_new(tag, vr, content)
    return dataset


def instance(parts: list[tuple[int, str, object]], syntax: str) -> Dataset:
    one = build(parts)
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = UID(syntax)
    one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, "1.2.826.0.1.3680043.10.5.7.1.1.1"
    return one


CANARIES = [
    Canary(value=value, kind=kind, element=element, subject="study/1", fate=fate)
    for value, kind, element, fate in (
        ("Hand^Maria", CanaryKind.NAME, "(0010,0010)", Fate.MUST_GO),
        ("", CanaryKind.NAME, "(0010,0010)", Fate.MUST_GO),
        ("^=^", CanaryKind.NAME, "nowhere", Fate.MUST_GO),
        ("20190412", CanaryKind.DATE, "(0008,0020)", Fate.MUST_GO),
        ("99999999", CanaryKind.DATE, "(0008,0020)", Fate.MUST_GO),
        ("\x00\x01", CanaryKind.BYTES, "(6000,3000)", Fate.MUST_GO),
        ("1.2.3", CanaryKind.UID, "(0020,000D)", Fate.MUST_GO),
        ("YES", CanaryKind.TEXT, "(0012,0062)", Fate.MUST_STAY),
    )
]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=data_sets(),
    after=data_sets(),
    syntax=st.sampled_from([ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian]),
    codes=st.lists(st.sampled_from([str(code) for code in range(113100, 113113)]), max_size=4),
)
def test_no_rule_raises_over_any_data_set(  # type: ignore[no-untyped-def]
    make_case: CaseMaker, before, after, syntax, codes
) -> None:
    claims = Claims(deidentification_codes=("113100", *codes))
    try:
        contents = [make_case.as_bytes(instance(each, syntax)) for each in (before, after)]
    except (InstanceError, ValueError, TypeError):
        assume(False)  # what cannot be written cannot arrive
    for on_wire in (True, False):
        case = make_case(contents[:1], contents[1:], claims=claims, canaries=CANARIES, on_wire=on_wire)
        for rule in RULES:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                judgement = rule.judge(case)
            assert judgement.examined >= 0
            assert (
                judgement.examined or judgement.reason or not judgement.findings or not judgement.applicable
            )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cut=st.integers(0, 1400), noise=st.binary(max_size=30), at=st.integers(0, 1400))
def test_no_rule_raises_over_broken_bytes(  # type: ignore[no-untyped-def]
    make_case: CaseMaker, cut, noise, at
) -> None:
    original = instance(
        [(0x00100010, "PN", "Hand^Maria"), (0x7FE00010, "OB", b"\0" * 900)], ExplicitVRLittleEndian
    )
    content = bytearray(make_case.as_bytes(original))
    content[at : at + len(noise)] = noise
    case = make_case([original], [bytes(content[: max(cut, 1)])], canaries=CANARIES)
    for rule in RULES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert rule.judge(case).examined >= 0


@given(st.binary(max_size=300))
def test_the_layout_of_any_bytes_is_read(content: bytes) -> None:
    read = layout(content)
    assert read.behind or read.headers or read.cut_short or not content[132:] or content[128:132] != b"DICM"
    read.fragments()


def explicit_strings(content: bytes) -> set[str]:
    """Return the printable runs of a file: what the oracle knows, made without any reader of DICOM."""
    runs: set[str] = set()
    run = bytearray()
    for byte in content[132:] + b"\0":
        if 32 <= byte < 127 or byte >= 128:
            run.append(byte)
        elif run:
            runs.add(run.decode("utf-8", "replace"))
            run.clear()
    return runs


def oracle_tells(content: bytes, value: str) -> bool:
    return any(value in run for run in explicit_strings(content))


def keep(keyword: str) -> Callable[[Dataset, Dataset], None]:
    def change(original: Dataset, exported: Dataset) -> None:
        exported[keyword] = copy.deepcopy(original[keyword])

    return change


MUTANTS = {
    keyword: keep(keyword)
    for keyword in (
        "PatientName", "PatientID", "PatientBirthDate", "AccessionNumber", "InstitutionName",
        "StudyDescription", "ReferringPhysicianName", "StudyInstanceUID", "SeriesInstanceUID",
        "FrameOfReferenceUID",
        "RequestAttributesSequence", "ReferencedImageSequence",
    )
}  # fmt: skip
SECRETS = (
    "Szczepańska-Hand^Małgorzata", "9994610238", "19570312", "RX44910273", "St Dymphna Infirmary", "Okonkwo",
    "1.2.826.0.1.3680043.10.5.7.1",
)  # fmt: skip


@pytest.mark.parametrize("keyword", MUTANTS)
def test_what_the_bytes_tell_the_rules_tell_too(keyword: str, make_case: CaseMaker, study: Study) -> None:
    clean = make_case.as_bytes(study.exported[0])
    assert not any(oracle_tells(clean, secret) for secret in SECRETS)
    MUTANTS[keyword](study.originals[0], study.exported[0])
    assert any(oracle_tells(make_case.as_bytes(study.exported[0]), secret) for secret in SECRETS)
    case = make_case(study.originals, study.exported)
    failing = {
        rule.name
        for rule in RULES
        if any(each.severity is Severity.FAIL for each in rule.judge(case).findings)
    }
    assert "deid/basic-profile-rows" in failing


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_passes_a_clean_export_without_a_warning(
    rule: Rule, make_case: CaseMaker, study: Study
) -> None:
    findings = rule.judge(make_case(study.originals, study.exported, canaries=CANARIES)).findings
    assert {each.severity for each in findings} <= {Severity.INFO}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_message_quotes_a_value(rule: Rule, make_case: CaseMaker, study: Study) -> None:
    canaries = [
        Canary(value=value, kind=kind, element=element, subject="study/1")
        for value, kind, element in (
            (SECRETS[0], CanaryKind.NAME, "(0010,0010)"),
            (SECRETS[1], CanaryKind.IDENTIFIER, "(0010,0020)"),
        )
    ]
    judgement = rule.judge(make_case(study.originals, study.originals, canaries=canaries))
    for finding in judgement.findings:
        assert not any(secret in finding.message for secret in SECRETS)
        quoted = " ".join(filter(None, (finding.expected, finding.observed)))
        assert finding.quotes or not any(secret in quoted for secret in SECRETS)


def test_a_deflated_file_has_a_layout(make_case: CaseMaker, study: Study) -> None:
    study.exported[0].file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    read = layout(make_case.as_bytes(study.exported[0]))
    assert read.value(0x00100010) == b"PSEUDO^0417 "
    assert BytesIO(read.behind).read().strip(b"\0") == b""
