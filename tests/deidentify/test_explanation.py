"""What is told of a policy, held against the table and against what the policy does."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from tce_harness.content import Content
from tce_harness.deidentify import Deidentified, Deidentifier, Pseudonyms, find_policy, with_options
from tce_harness.deidentify.explanation import PolicyView, explain_policy
from tce_harness.deidentify.hipaa import IDENTIFIERS
from tce_harness.standard.confidentiality import editions, table


def outcomes(view: PolicyView) -> dict[str, str]:
    return {row.key: row.outcome for identifier in view.identifiers for row in identifier.rows}


def test_there_are_eighteen_and_each_has_a_row_or_a_rule() -> None:
    assert "".join(identifier.letter for identifier in IDENTIFIERS) == "ABCDEFGHIJKLMNOPQR"
    assert all(identifier.rows or identifier.rules for identifier in IDENTIFIERS)


@pytest.mark.parametrize("edition", editions())
def test_each_named_row_is_in_the_table(edition: str) -> None:
    keys = {row.key for row in table(edition).rows}
    assert {key for identifier in IDENTIFIERS for key in identifier.rows} - keys == set()


def test_the_basic_policy_lets_no_named_row_stay(content: Content) -> None:
    view = explain_policy(find_policy("basic", content))
    assert not any(row.stays for identifier in view.identifiers for row in identifier.rows)
    told = outcomes(view)
    assert told["(0010,1040)"] == "removed"
    assert told["(0008,0050)"] == "emptied"
    assert told["(0020,000D)"] == "given a new UID"
    assert told["(0008,0080)"] == ("removed or emptied or replaced by a dummy, by the Type of the attribute")
    assert [option.code for option in view.options] == ["113100", "113104"]
    assert "(0028,0303) Longitudinal Temporal Information Modified is REMOVED" in view.settings


def test_options_are_told_by_what_they_do_to_each_row(content: Content) -> None:
    basic = find_policy("basic", content)
    told = outcomes(
        explain_policy(
            with_options(basic, ["modified-dates", "device-identity", "patient-characteristics"], content)
        )
    )
    assert told["(0008,0020)"] == "moved by 113107"
    assert told["(0018,1000)"] == "stays by 113109"
    assert told["(0008,0055)"] == "cleaned by 113109"
    assert told["(0010,1010)"] == "stays by 113108"
    assert told["(0010,0030)"] == "emptied"


def test_what_is_said_to_stay_stays_and_nothing_else(
    ct: Dataset, content: Content, pseudonyms: Pseudonyms
) -> None:
    ct.DeviceSerialNumber, ct.StationName, ct.PatientAge = "SN-47110815", "ROOM-3", "042Y"
    ct.InstitutionAddress, ct.PatientAddress = "1 Long Street", "2 Long Street"
    policy = find_policy("stage-1-pseudonymise", content)
    outcome = Deidentifier(policy, pseudonyms).deidentify(ct)
    assert isinstance(outcome, Deidentified)
    told = 0
    for identifier in explain_policy(policy).identifiers:
        for row in identifier.rows:
            tag = int(row.key[1:5] + row.key[6:10], 16) if row.key != "PRIVATE" else 0
            if tag in ct and ct[tag].value:
                kept = tag in outcome.dataset and outcome.dataset[tag].value == ct[tag].value
                assert kept is row.stays, row
                told += 1
    assert told > 12


def test_every_shipped_policy_can_be_told(content: Content) -> None:
    for file in content.files("simulators/policies", "*.yaml"):
        view = explain_policy(find_policy(file.stem, content))
        assert len(view.identifiers) == 18
        assert all(option.sentence for option in view.options)
