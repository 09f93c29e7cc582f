"""Planted values that stand packed or coded in binary values, and what of those cannot be opened."""

from __future__ import annotations

import base64
import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.canaries import no_canary_survives

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

CANARIES = tuple(
    Canary(value=value, kind=kind, element=element, subject=f"study/{number}")
    for number in (1, 2)
    for element, kind, value in (
        ("(0010,0010)", CanaryKind.NAME, "Szczepańska-Hand^Małgorzata"),
        ("(0010,0020)", CanaryKind.IDENTIFIER, "9994610238"),
    )
)
LEAK = {("canary-survives", Severity.FAIL)}


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


def packed(pack: Callable[[bytes], bytes]) -> bytes:
    return pack(b"Patient: Ma\xc5\x82gorzata Szczepa\xc5\x84ska-Hand, NHS 9994610238, seen by the doctor")


PDF = b"%PDF-1.4\n1 0 obj <</Filter/FlateDecode>> stream\n" + packed(zlib.compress) + b"\nendstream endobj\n"
KERNED = b"%PDF-1.4\nstream\n[(NHS 999461) -20 (0238)] TJ\nendstream\n"
HEXADECIMAL = b"%PDF-1.4\nstream\n<" + b"NHS 9994610238".hex().encode() + b"> Tj\nendstream\n"


@pytest.mark.parametrize(
    "content",
    [
        packed(bytes),
        packed(zlib.compress),
        packed(lambda text: gzip.compress(text, mtime=0)),
        packed(base64.b64encode),
        packed(bz2.compress),
        packed(lzma.compress),
        packed(lambda text: lzma.compress(text, format=lzma.FORMAT_ALONE)),
        packed(lambda text: gzip.compress(b"a vendor's own header") + gzip.compress(text, mtime=0)),
        packed(lambda text: zlib.compress(b"a vendor's own header") + zlib.compress(text)),
        packed(lambda text: bytes(9 << 20) + gzip.compress(text, mtime=0)),
        packed(lambda text: b"\x78\x01\xff" * 200 + gzip.compress(text, mtime=0)),
        packed(lambda text: text.decode().encode("utf-16-le")),
        packed(lambda text: base64.b64encode(gzip.compress(text, mtime=0))),
        PDF,
        KERNED,
        HEXADECIMAL,
    ],
)
def test_a_packed_value_is_found(content: bytes, make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: one.add_new(0x00420011, "OB", content))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES))
    assert told(judgement) - {("not-opened", Severity.INFO)} == LEAK
    assert "(0042,0011)" in {each.element for each in judgement.findings}


def test_what_cannot_be_opened_is_listed(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: one.add_new(0x00420011, "OB", b"%PDF-1.7 /Encrypt 4 0 R "))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES))
    assert told(judgement) == {("not-opened", Severity.INFO)}


@pytest.mark.parametrize(
    "content",
    [
        b"\x28\xb5\x2f\xfd" + bytes(20),
        gzip.compress(bytes(9 << 20)),
        b"\x01" * (9 << 20),
        b"\x01" * (1 << 19),
    ],
)
def test_what_is_too_large_or_of_an_unknown_kind_is_listed(
    content: bytes, make_case: CaseMaker, study: Study
) -> None:
    exported = study.spoil(lambda one: one.add_new(0x00282000, "OB", content))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES))
    assert told(judgement) == {("not-opened", Severity.INFO)}


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("山田^太郎", "shift_jis"), ("山田^太郎", "euc_jp"), ("김희중^민준", "euc_kr"), ("欧阳^小东", "gbk"),
     ("Щукин^Илья", "cp1251"), ("Щукин^Илья", "koi8-r"), ("לוינסון^משה", "iso8859-8")],
)  # fmt: skip
def test_a_name_in_a_national_encoding_is_found_in_bytes(
    name: str, encoding: str, make_case: CaseMaker, study: Study
) -> None:
    canary = Canary(value=name, kind=CanaryKind.NAME, element="(0010,0010)", subject="study/1")
    content = b"\x00\x01 header " + name.replace("^", " ").encode(encoding) + b"\x00\x02"
    exported = study.spoil(lambda one: one.add_new(0x00282000, "OB", content))
    assert told(no_canary_survives(make_case(study.originals, exported, canaries=[canary]))) == LEAK
