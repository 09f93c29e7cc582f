from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from uuid import NAMESPACE_OID, UUID, uuid3, uuid5

import pytest
from pydicom.dataset import Dataset

from tce_harness.model.errors import HarnessError
from tce_harness.mutations import parse_mutations

Apply = Callable[..., Dataset]


def derive(apply: Apply, image: Dataset, original: Dataset, **said: object) -> Dataset:
    return apply([{"derive": said}], image, original)


def test_an_identifier_becomes_a_cut_hash_behind_a_prefix(
    apply: Apply, image: Dataset, original: Dataset
) -> None:
    sent = derive(
        apply, image, original, element="(0010,0020)", how="sha256", written="hex", length=8, root="ID-"
    )
    assert sent.PatientID == "ID-" + sha256(b"9990001").hexdigest()[:8]


@pytest.mark.parametrize(("how", "made"), [("uuid3", uuid3), ("uuid5", uuid5)])
def test_a_uid_becomes_a_name_based_uuid(
    how: str, made: Callable[..., UUID], apply: Apply, image: Dataset, original: Dataset
) -> None:
    sent = derive(apply, image, original, element="(0020,0052)", how=how, root="2.25.")
    assert sent.FrameOfReferenceUID == f"2.25.{made(NAMESPACE_OID, '1.2.3.9').int}"


def test_a_long_hash_is_cut_to_the_length_of_a_uid(apply: Apply, image: Dataset, original: Dataset) -> None:
    sent = derive(apply, image, original, element="(0020,0052)", how="sha256", root="1.2.826.0.1.")
    assert len(sent.FrameOfReferenceUID) == 64


def test_the_last_component_becomes_another(apply: Apply, image: Dataset, original: Dataset) -> None:
    sent = derive(apply, image, original, element="(0020,0052)", how="last-component")
    assert sent.FrameOfReferenceUID == "1.2.3.10"


def test_what_only_one_of_the_two_has_stays(apply: Apply, image: Dataset, original: Dataset) -> None:
    sent = derive(apply, image, original, element=["(0010,1001)", "(0020,000D)"], how="md5")
    assert "OtherPatientNames" not in sent
    assert sent.StudyInstanceUID == image.StudyInstanceUID


def test_other_hashes_are_refused() -> None:
    with pytest.raises(HarnessError, match="how"):
        parse_mutations(json.dumps([{"derive": {"element": "(0010,0020)", "how": "crc32"}}]))
