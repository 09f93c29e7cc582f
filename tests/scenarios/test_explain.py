from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tce_harness.scenarios import Vocabulary, explain, load_scenario

Write = Callable[..., Path]


def test_a_scenario_reads_as_numbered_sentences(write: Write, whole: str, vocabulary: Vocabulary) -> None:
    assert explain(load_scenario(write(whole), vocabulary)) == [
        "1. EM-010 tests the export-manager: Teaching-file export of one study, de-identified on the way.",
        "2. A plain export.",
        "3. It is performed 2 times, once for every value of title (TCE001, TCE002).",
        "4. The harness plays the selector (export-selector) and the archive (receiver).",
        "5. It makes study by the recipe ct-chest: 5 instances.",
        "6. It makes manifest: a manifest titled TCE001 over study (so in EM-010/TCE001; it varies with "
        "title).",
        "7. The selector sends study, by RAD-50 (stored).",
        "8. The selector sends manifest, by RAD-51 (selected).",
        "9. The archive waits by RAD-53 until a manifest and everything that it lists have arrived, at most "
        "5 min (exported).",
        "10. Of exported, held against study, these rules judge: manifest/references-match-instances, "
        "deid/no-canary-survives.",
    ]


def test_every_kind_of_step_has_its_sentence(write: Write, vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    text = """\
        scenario: ES-020
        title: Everything.
        sut: export-selector
        option: delay-for-reason
        simulated: {manager: export-manager}
        data:
          own:  {from: files}
          study: {recipe: ct-chest}
          case: {make: teaching-file, about: [study, own], template: both}
          uk: {make: teaching-file, about: study, template: rcr-uk}
          late: {make: manifest, title: TCE001, references: [study, case, uk, own], delay: TCE012,
                 exclude: study/2}
          one: {make: manifest, title: TCE001, references: study, only: [study/1, study/3]}
        steps:
          - id: sent
            send: {from: selector, objects: [study, late], order: manifest-first, associations: each}
          - id: again
            send: {from: selector, objects: [study, one], order: reversed, associations: per-instance}
          - id: quiet
            receive: {transaction: RAD-51, at: manager, nothing: true, for: 500 ms}
          - id: counted
            receive: {at: manager, until: count, count: 1, within: 90 s}
          - id: whole
            receive: {at: manager, until: all, within: 1 h}
          - id: told
            operator: {do: "Press it.", answer: "What is shown?"}
          - id: sworn
            attest: {requirement: RCR-B5.3, question: "Is there a preview?"}
          - id: judged
            check: [export/absent]
            of: [quiet, counted, whole]
    """
    told = explain(load_scenario(write(text, "ES-020-everything.tce.yaml"), vocabulary))
    assert [sentence.partition(" ")[2] for sentence in told] == [
        "ES-020 tests the export-selector: Everything.",
        "It applies where the option delay-for-reason is claimed.",
        "The harness plays the manager (export-manager).",
        "It takes own from the files in files.",
        "It makes study by the recipe ct-chest: as many instances as that has.",
        "It makes case: additional teaching file information about study and own, after both templates.",
        "It makes uk: additional teaching file information about study, after the template rcr-uk.",
        "It makes late: a manifest titled TCE001 over study, case, uk and own, without study/2, with the "
        "delay reason TCE012.",
        "It makes one: a manifest titled TCE001 over study, of which only study/1 and study/3.",
        "The operator of the system under test makes it send study and late, the manifest first, over an "
        "association for each, by RAD-50/RAD-51 (sent).",
        "The operator of the system under test makes it send study and one, in reversed order, over an "
        "association for every instance, by RAD-50/RAD-51 (again).",
        "Nothing by RAD-51 may arrive at the manager for 500 ms (quiet).",
        "The manager waits until 1 instance has arrived, at most 90 s (counted).",
        "The manager waits until everything that was announced has arrived, at most 1 h (whole).",
        "A person is told (told): Press it. They are asked: What is shown?",
        "A person attests RCR-B5.3 (sworn): Is there a preview?",
        "Of quiet, counted and whole, these rules judge: export/absent.",
    ]
