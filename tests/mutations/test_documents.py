from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset

from tce_harness.model.errors import HarnessError
from tce_harness.mutations import parse_mutations
from tce_harness.objects.instance import check_uid

Apply = Callable[..., Dataset]
RESEARCH = {"value": "TCE007", "scheme": "IHERADTF", "meaning": "For Research Collection Export"}


def concepts(holder: Dataset) -> list[str]:
    """Return the concept of each content item, or its value type where it has none."""
    return [
        item.ConceptNameCodeSequence[0].CodeValue if "ConceptNameCodeSequence" in item else item.ValueType
        for item in holder.get("ContentSequence") or ()
    ]


def content_uids(manifest: Dataset) -> list[str]:
    return [
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in manifest.ContentSequence
        if item.ValueType == "IMAGE"
    ]


def evidence_uids(manifest: Dataset) -> list[list[list[str]]]:
    return [
        [
            [each.ReferencedSOPInstanceUID for each in series.ReferencedSOPSequence]
            for series in study.ReferencedSeriesSequence
        ]
        for study in manifest.CurrentRequestedProcedureEvidenceSequence
    ]


def test_set_title_gives_a_document_another_title(apply: Apply, manifest: Dataset, image: Dataset) -> None:
    title = apply([{"set-title": RESEARCH}], manifest).ConceptNameCodeSequence[0]
    assert (title.CodeValue, title.CodingSchemeDesignator, title.CodeMeaning) == tuple(RESEARCH.values())
    assert apply([{"set-title": RESEARCH}], image) == image


def test_set_code_changes_the_value_of_a_concept(apply: Apply, manifest: Dataset) -> None:
    sent = apply([{"set-code": {"concept": "113011", "code": RESEARCH}}], manifest)
    assert sent.ContentSequence[0].ConceptCodeSequence[0].CodeValue == "TCE007"
    assert sent.ContentSequence[0].ConceptNameCodeSequence[0].CodeValue == "113011"


def test_swap_code_exchanges_two_codes_as_names_and_values(apply: Apply, teaching_file: Dataset) -> None:
    yes = {"value": "373066001", "scheme": "SCT", "meaning": "Yes"}
    no = {"value": "373067005", "scheme": "SCT", "meaning": "No"}
    swapped = [{"swap-code": {"code": yes, "with": no}}]
    sent = apply(swapped, teaching_file)
    assert sent.ContentSequence[1].ConceptCodeSequence[0].CodeValue == "373067005"
    again = apply(swapped, sent)
    assert again.ContentSequence[1].ConceptCodeSequence[0].CodeMeaning == "Yes"
    author = {"value": "TCE101", "scheme": "IHERADTF", "meaning": "Author"}
    affiliation = {"value": "TCE102", "scheme": "IHERADTF", "meaning": "Affiliation"}
    sent = apply([{"swap-code": {"code": author, "with": affiliation}}], teaching_file)
    assert concepts(sent) == ["TCE102", "TCE111"]
    assert concepts(sent.ContentSequence[0]) == ["TCE101"]


def test_swap_code_heeds_the_coding_scheme(apply: Apply, teaching_file: Dataset) -> None:
    other = {"value": "TCE101", "scheme": "DCM", "meaning": "Author"}
    assert apply([{"swap-code": {"code": other, "with": RESEARCH}}], teaching_file) == teaching_file


def test_add_modifier_puts_a_delay_reason_first(apply: Apply, manifest: Dataset, image: Dataset) -> None:
    reason = {"value": "TCE011", "scheme": "IHERADTF", "meaning": "Delay"}
    first = apply([{"remove-modifier": {}}, {"add-modifier": reason}], manifest).ContentSequence[0]
    assert (first.RelationshipType, first.ValueType) == ("HAS CONCEPT MOD", "CODE")
    assert first.ConceptNameCodeSequence[0].CodeValue == "113011"
    assert first.ConceptCodeSequence[0].CodeValue == "TCE011"
    assert apply([{"add-modifier": reason}], image) == image


def test_remove_modifier_leaves_every_modifier_out(apply: Apply, manifest: Dataset) -> None:
    assert concepts(apply([{"remove-modifier": {}}], manifest)) == ["113012", "IMAGE", "IMAGE", "IMAGE"]


def test_remove_item_leaves_a_concept_out_at_any_depth(apply: Apply, teaching_file: Dataset) -> None:
    assert concepts(apply([{"remove-item": "TCE101"}], teaching_file)) == ["TCE111"]
    sent = apply([{"remove-item": "TCE102"}], teaching_file)
    assert concepts(sent) == ["TCE101", "TCE111"]
    assert concepts(sent.ContentSequence[0]) == []


def test_repeat_item_puts_a_concept_in_twice(apply: Apply, teaching_file: Dataset) -> None:
    sent = apply([{"repeat-item": "TCE101"}], teaching_file)
    assert concepts(sent) == ["TCE101", "TCE101", "TCE111"]
    assert sent.ContentSequence[0] == sent.ContentSequence[1]


def test_move_item_hangs_a_concept_somewhere_else(apply: Apply, teaching_file: Dataset) -> None:
    to_root = {"concept": "TCE102", "under": "root", "relationship": "CONTAINS"}
    sent = apply([{"move-item": to_root}], teaching_file)
    assert concepts(sent) == ["TCE101", "TCE111", "TCE102"]
    assert sent.ContentSequence[2].RelationshipType == "CONTAINS"
    back = apply([{"move-item": {"concept": "TCE102", "under": "TCE101"}}], sent)
    assert concepts(back.ContentSequence[0]) == ["TCE102"]
    assert back.ContentSequence[0].ContentSequence[0].RelationshipType == "CONTAINS"


def test_move_item_leaves_what_has_nowhere_to_go(apply: Apply, teaching_file: Dataset) -> None:
    sent = apply([{"move-item": {"concept": "TCE101", "under": "TCE999"}}], teaching_file)
    assert concepts(sent) == ["TCE111", "TCE101"]


def test_set_item_changes_an_element_inside_a_content_item(apply: Apply, teaching_file: Dataset) -> None:
    change = {"concept": "TCE102", "element": "(0040,A010)", "value": "CONTAINS"}
    sent = apply([{"set-item": change}], teaching_file)
    assert sent.ContentSequence[0].ContentSequence[0].RelationshipType == "CONTAINS"
    assert sent.ContentSequence[0].RelationshipType == "CONTAINS"


def test_text_replaces_or_goes_on(apply: Apply, teaching_file: Dataset) -> None:
    sent = apply([{"text": {"concept": "TCE101", "value": "Doe^Jane"}}], teaching_file)
    assert sent.ContentSequence[0].TextValue == "Doe^Jane"
    sent = apply([{"text": {"concept": "TCE102", "append": " in York"}}], teaching_file)
    assert sent.ContentSequence[0].ContentSequence[0].TextValue == "A hospital in York"


def test_text_leaves_items_of_another_value_type_alone(apply: Apply, teaching_file: Dataset) -> None:
    assert apply([{"text": {"concept": "TCE111", "value": "x"}}], teaching_file) == teaching_file


def test_add_item_adds_a_text_at_the_end(apply: Apply, teaching_file: Dataset, image: Dataset) -> None:
    added = [{"add-item": {"name": RESEARCH, "text": "more"}}]
    item = apply(added, teaching_file).ContentSequence[-1]
    assert (item.RelationshipType, item.ValueType, item.TextValue) == ("CONTAINS", "TEXT", "more")
    assert apply(added, image) == image


def test_concept_name_on_reference_names_every_reference(apply: Apply, manifest: Dataset) -> None:
    sent = apply([{"concept-name-on-reference": True}], manifest)
    assert concepts(sent) == ["113011", "113012", "260753009", "260753009", "260753009"]
    sent = apply([{"concept-name-on-reference": {"name": RESEARCH}}], manifest)
    assert concepts(sent)[2:] == ["TCE007"] * 3


@pytest.mark.parametrize(
    ("where", "content", "evidence"), [("content", 4, 1), ("evidence", 3, 2), ("both", 4, 2)]
)
def test_add_reference_refers_to_an_instance_that_does_not_exist(
    where: str, content: int, evidence: int, apply: Apply, manifest: Dataset
) -> None:
    sent = apply([{"add-reference": where}], manifest)
    assert len(content_uids(sent)) == content
    assert [len(series) for study in evidence_uids(sent) for series in study] == [2, evidence]
    added = {*content_uids(sent), *evidence_uids(sent)[1][0]} - set(content_uids(manifest))
    assert len(added) == 1
    assert check_uid(added.pop())


def test_remove_reference_takes_one_out_of_content_and_evidence(apply: Apply, manifest: Dataset) -> None:
    sent = apply([{"remove-reference": {"reference": 2}}], manifest)
    assert content_uids(sent) == ["2.25.31", "2.25.33"]
    assert evidence_uids(sent) == [[["2.25.31"]], [["2.25.33"]]]


def test_remove_reference_leaves_no_empty_study_in_the_evidence(apply: Apply, manifest: Dataset) -> None:
    sent = apply([{"remove-reference": {"where": "evidence", "reference": 3}}], manifest)
    assert content_uids(sent) == ["2.25.31", "2.25.32", "2.25.33"]
    assert evidence_uids(sent) == [[["2.25.31", "2.25.32"]]]


def test_remove_reference_from_the_content_leaves_the_evidence(apply: Apply, manifest: Dataset) -> None:
    sent = apply([{"remove-reference": "content"}], manifest)
    assert content_uids(sent) == ["2.25.32", "2.25.33"]
    assert evidence_uids(sent) == evidence_uids(manifest)


def test_remove_reference_beyond_the_last_changes_nothing(apply: Apply, manifest: Dataset) -> None:
    assert apply([{"remove-reference": {"reference": 4}}], manifest) == manifest


def test_references_are_not_touched_in_an_image(apply: Apply, image: Dataset) -> None:
    assert apply([{"add-reference": "both"}, {"remove-reference": "both"}], image) == image


@pytest.mark.parametrize(
    ("mutation", "message"),
    [
        ({"set-title": {"value": "TCE001"}}, "set-title.scheme: Field required"),
        ({"text": {"concept": "TCE101"}}, "'text' has 'value', or 'append'"),
        ({"text": {"concept": "TCE101", "value": "a", "append": "b"}}, "'text' has 'value', or 'append'"),
        ({"move-item": {"concept": "TCE101", "under": "TCE101"}}, "cannot hang under itself"),
        ({"set-item": {"concept": "TCE101", "element": "**/private", "value": "a"}}, "could be set"),
        ({"add-reference": "nowhere"}, "Input should be 'content', 'evidence' or 'both'"),
        ({"remove-reference": {"reference": 0}}, "greater than or equal to 1"),
        ({"remove-modifier": {"concept": "113011"}}, "Extra inputs are not permitted"),
    ],
)
def test_a_mutation_of_documents_that_cannot_be_meant_is_refused(mutation: object, message: str) -> None:
    with pytest.raises(HarnessError) as caught:
        parse_mutations(json.dumps([mutation]))
    assert message in str(caught.value)
