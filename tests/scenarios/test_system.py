from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tce_harness.model.claims import Claims, CodeSet, Option, TeachingFileTemplate
from tce_harness.model.errors import ScenarioError
from tce_harness.model.requirement import Actor
from tce_harness.scenarios import load_system

GATEWAY = """\
system: Export gateway
version: "4.2"
actors: [export-manager]
options: [additional-teaching-file-information, delay-for-reason]
ae_title: EXPGW
host: gateway.example
port: 11112
calls: {archive: {ae_title: TCE_ARCHIVE, port: 11113}}
deidentification: {codes: [113100, "113107"], edition: 2026d, date_tolerance_days: 2}
template: base
code_set: iheradtf
"""
SELECTOR = """\
system: Workstation
version: "1"
actors: [export-selector]
ae_title: WORKSTATION
calls: {manager: {ae_title: TCE_MANAGER, port: 11112}}
"""
Write = Callable[..., Path]


def told(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_system(path)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


def test_a_whole_system_file_is_read(write: Write) -> None:
    system = load_system(write(GATEWAY, "system.yaml"))
    assert (system.name, system.version, system.ae_title) == ("Export gateway", "4.2", "EXPGW")
    assert (system.host, system.port) == ("gateway.example", 11112)
    assert system.actors == (Actor.EXPORT_MANAGER,)
    assert system.roles == ("manager",)
    assert dict(system.calls) == {"archive": ("TCE_ARCHIVE", 11113)}
    assert system.claims == Claims(
        options=(Option.ADDITIONAL_TEACHING_FILE_INFORMATION, Option.DELAY_FOR_REASON),
        deidentification_codes=("113100", "113107"),
        edition="2026d",
        date_tolerance_days=2,
        templates=(TeachingFileTemplate.BASE,),
        code_set=CodeSet.IHERADTF,
    )


def test_what_is_not_claimed_has_the_defaults_of_the_claims(write: Write) -> None:
    assert load_system(write(SELECTOR, "system.yaml")).claims == Claims()


def test_a_selector_needs_no_address_since_nobody_calls_it(write: Write) -> None:
    system = load_system(write(SELECTOR, "system.yaml"))
    assert (system.host, system.port) == (None, None)


def test_grouped_selector_and_manager_need_only_what_passes_outside(write: Write) -> None:
    text = SELECTOR.replace("[export-selector]", "[export-selector, export-manager]")
    system = load_system(write(text.replace("manager: {ae", "archive: {ae"), "system.yaml"))
    assert system.roles == ("selector", "manager")
    assert (system.host, system.port) == (None, None)


def test_all_faults_are_told_at_once(write: Write) -> None:
    text = """\
system: Gateway
version: 4.2
actors: [export-manger]
options: [delay-for-reasons]
ae_title: THIS_TITLE_IS_TOO_LONG
host: gateway.example
port: 111120
call: {}
deidentification: {codes: [113199], edition: 2026a}
"""
    assert told(write(text, "system.yaml")) == [
        '2:1: version: input should be text (quote it: "4.2")',
        "3:10: actors[0]: input should be 'export-selector', 'export-manager' or 'receiver' "
        "(did you mean export-manager?)",
        "4:11: options[0]: input should be 'additional-teaching-file-information', 'delay-for-reason', "
        "'de-identify-pixel-data' or 'remap-identifiers' (did you mean delay-for-reason?)",
        "5:1: ae_title: an AE title has 1 to 16 characters; this one has 22",
        "7:1: port: input should be less than or equal to 65535",
        "8:1: call: unknown key 'call' (did you mean calls?)",
        "9:28: deidentification.codes[0]: string should match pattern '^1131(0[0-9]|1[0-2])$'",
        "9:37: deidentification.edition: input should be '2023b' or '2026d' (did you mean 2026d?)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("EXPGW", '""', "an AE title has 1 to 16 characters; this one has 0"),
        ("EXPGW", "'EXP\\GW'", "an AE title has printable ASCII characters and no backslash"),
        ("EXPGW", '"EXP\\tGW"', "an AE title has printable ASCII characters and no backslash"),
        ("EXPGW", "ÉXPGW", "an AE title has printable ASCII characters and no backslash"),
        ("EXPGW", '"EXPGW "', "an AE title has no space at its ends"),
        ("TCE_ARCHIVE", "'A\\B'", "8:19: calls.archive.ae_title: an AE title has printable"),
        ("[113100,", "[113106,", "113106 keeps all dates and 113107 modifies them: one of the two"),
        ("[113100,", "[113107,", "9:36: deidentification.codes[1]: 113107 stands twice"),
        ("[export-manager]", "[export-manager, export-manager]", "export-manager stands twice"),
        ("host: gateway.example\n", "", "the key 'host' is missing: where the export-manager listens"),
        ("port: 11112\n", "", "the key 'port' is missing: where the export-manager listens"),
        ("calls: {archive", "calls: {archiv", "nothing is sent to a role 'archiv' (did you mean archive?)"),
        ("calls: {archive", "calls: {manager", "'manager' is the system under test itself"),
        ("calls: {archive", "calls: {other", "told to send to the archive is missing (add calls: {archive:"),
        (
            "port: 11113}}",
            "port: 11113}, second: {ae_title: TCE_SECOND, port: 11113}}",
            "the port 11113 is that of 'archive' already",
        ),
        ("date_tolerance_days: 2", "date_tolerance_days: 1000000000", "less than or equal to 36525"),
        ("system: Export gateway\n", "", "the key 'system' is missing"),
    ],
)
def test_a_fault_of_a_system_file_is_told(old: str, new: str, message: str, write: Write) -> None:
    assert old in GATEWAY
    faults = told(write(GATEWAY.replace(old, new, 1), "system.yaml"))
    assert any(message in each for each in faults), faults
