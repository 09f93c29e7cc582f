from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import generate_uid

from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.hashes import hashed_as, no_unkeyed_hash, uid_hashed_as

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

OLD = "1.2.826.0.1.3680043.10.5.7.1.1.1"
NUMBER = "9994610238"


def digest(how: str, text: str) -> bytes:
    return hashlib.new(how, text.encode()).digest()


def decimal(how: str, text: str) -> str:
    return str(int.from_bytes(digest(how, text), "big"))


@pytest.mark.parametrize(
    ("new", "how"),
    [
        (f"2.25.{decimal('md5', OLD)}", "MD5"),
        (f"1.2.840.99.{decimal('sha1', OLD)}"[:64], "SHA-1"),
        (f"1.2.840.99.{decimal('sha256', OLD)}"[:64], "SHA-256"),
        (f"1.2.840.99.{int.from_bytes(digest('sha256', OLD)[:12], 'big')}", "SHA-256"),
        (f"1.2.840.99.{int(decimal('sha256', OLD)) % 10**24}", "SHA-256"),
        (f"1.2.840.99.{decimal('md5', OLD)[:13]}.{decimal('md5', OLD)[13:26]}", "MD5"),
        (f"2.25.{decimal('md5', OLD + chr(0))}", "MD5"),
        (generate_uid(entropy_srcs=[OLD]), "SHA-512"),
        (f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, OLD).int}", "UUID version 5 in the OID namespace"),
        (f"2.25.{uuid.uuid3(uuid.NAMESPACE_URL, OLD).int}", "UUID version 3 in the URL namespace"),
        (f"2.25.{uuid.UUID(bytes=digest('md5', OLD), version=3).int}", "MD5 as a UUID"),
        (f"2.25.{uuid.UUID(bytes=digest('sha256', OLD)[:16], version=4).int}", "SHA-256 as a UUID"),
        (f"2.25.{int.from_bytes(uuid.uuid5(uuid.NAMESPACE_DNS, OLD).bytes, 'little')}", "UUID version 5"),
        (f"1.2.840.99.{uuid.uuid5(uuid.NAMESPACE_DNS, OLD).int}"[:44], "UUID version 5"),
        (f"2.25.{decimal('sha512', OLD)[:39]}", "SHA-512"),
    ],
)
def test_the_common_hashes_of_a_uid_are_recognised(new: str, how: str) -> None:
    found = uid_hashed_as(OLD, new)
    assert found is not None
    assert found.startswith(how.split(" ", maxsplit=1)[0])


@pytest.mark.parametrize(
    "make",
    [
        lambda old: hashlib.sha256(old.encode()).hexdigest(),
        lambda old: hashlib.sha1(old.encode()).hexdigest().upper()[:12],
        lambda old: "ANON-" + hashlib.md5(old.encode()).hexdigest()[:8] + "9",
        lambda old: "PAT_" + hashlib.md5(old.encode()).hexdigest(),
        lambda old: base64.b64encode(hashlib.sha256(old.encode()).digest()).decode(),
        lambda old: base64.urlsafe_b64encode(hashlib.sha256(old.encode()).digest()).decode()[:22],
        lambda old: base64.b32encode(hashlib.sha1(old.encode()).digest()).decode(),
        lambda old: decimal("md5", old)[:16],
        lambda old: str(uuid.uuid5(uuid.NAMESPACE_DNS, old)),
        lambda old: hashlib.sha256(f"{old} ".encode()).hexdigest()[-20:],
    ],
)
def test_the_common_hashes_of_an_identifier_are_recognised(make: Callable[[str], str]) -> None:
    new = make(NUMBER)
    if new.startswith("ANON-"):
        new = new[:-1]  # eight digits of hexadecimal are told where one of them is a number
        assert any(each.isdigit() for each in new[5:])
    assert hashed_as(NUMBER, new)
    assert hashed_as(NUMBER, f"{make('9994610239')}") is None


def test_case_and_digits_of_the_original_are_tried_in_the_usual_ways() -> None:
    assert hashed_as("999 461 0238", hashlib.sha256(b"9994610238").hexdigest())
    assert hashed_as("Okonkwo^Ada", hashlib.sha256(b"OKONKWO^ADA").hexdigest()[:16])


@given(st.integers(10**20, 2**128 - 1), st.text(st.characters(codec="ascii"), max_size=40))
def test_what_chance_makes_is_no_hash(number: int, text: str) -> None:
    assert uid_hashed_as(OLD, f"2.25.{number}") is None
    assert hashed_as(NUMBER, text) is None


def test_words_and_short_pseudonyms_are_not_tried() -> None:
    for new in ("PSEUDO^0417", "P0417", "Subject 1", "deadbeef", ""):
        assert hashed_as(NUMBER, new) is None


def test_a_clean_export_passes(make_case: CaseMaker, study: Study) -> None:
    judgement = no_unkeyed_hash(make_case(study.originals, study.exported))
    assert judgement.findings == ()
    assert judgement.examined > 10
    assert no_unkeyed_hash(make_case([], study.exported)).examined == 0


def test_a_hashed_uid_is_a_warning_and_told_once(make_case: CaseMaker, study: Study) -> None:
    for one, original in zip(study.exported, study.originals, strict=True):
        if "FrameOfReferenceUID" in one:
            one.FrameOfReferenceUID = f"2.25.{decimal('md5', original.FrameOfReferenceUID)}"
    judgement = no_unkeyed_hash(make_case(study.originals, study.exported))
    assert [(each.kind, each.severity, each.element) for each in judgement.findings] == [
        ("uid-hash-of-original", Severity.WARNING, "(0020,0052)")
    ]


@pytest.mark.parametrize(
    ("keyword", "source", "element"),
    [
        ("PatientID", "PatientID", "(0010,0020)"),
        ("PatientName", "PatientID", "(0010,0010)"),
        ("AccessionNumber", "AccessionNumber", "(0008,0050)"),
    ],
)
def test_a_hashed_identifier_fails(
    keyword: str, source: str, element: str, make_case: CaseMaker, study: Study
) -> None:
    for one, original in zip(study.exported, study.originals, strict=True):
        setattr(one, keyword, hashlib.sha256(str(original[source].value).encode()).hexdigest()[:16])
    judgement = no_unkeyed_hash(make_case(study.originals, study.exported))
    assert [(each.kind, each.severity, each.element) for each in judgement.findings] == [
        ("identifier-hash-of-original", Severity.FAIL, element)
    ]


@pytest.mark.parametrize(
    ("tag", "vr", "new"),
    [
        (0x00120040, "LO", digest("md5", NUMBER).hex()),
        (0x00101000, "LO", f"X-{digest('sha256', NUMBER).hex()}"),
        (0x00080014, "UI", f"2.25.{decimal('md5', NUMBER)}"),
        (0x00091010, "LO", digest("sha1", NUMBER).hex()),
    ],
)
def test_a_hashed_identifier_in_an_added_element_fails(
    tag: int, vr: str, new: str, make_case: CaseMaker, study: Study
) -> None:
    for one in study.exported:
        one.add_new(tag, vr, new)
    judgement = no_unkeyed_hash(make_case(study.originals, study.exported))
    assert {(each.kind, each.severity) for each in judgement.findings} == {
        ("identifier-hash-of-original", Severity.FAIL)
    }
    for one in study.exported:
        one.add_new(tag, vr, "2.25.170141183460469231731687303715884105727" if vr == "UI" else "9f" * 12)
    assert no_unkeyed_hash(make_case(study.originals, study.exported)).findings == ()
