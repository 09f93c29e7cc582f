"""Scenarios and simulators of the tests of the engine, over those that ship."""

from __future__ import annotations

SIMULATORS = {
    "leaky": """
        simulator: leaky
        title: An Export Manager that de-identifies nothing
        extends: export-manager
        policy: none
        """,
}
SCENARIOS = {
    "EM-900-short": """
        scenario: EM-900
        title: An export that has half a second
        sut: export-manager
        simulated: {selector: export-selector, archive: receiver}
        matrix:
          title: [TCE001, TCE002]
        data:
          study: {recipe: ct-chest, instances: 2}
          manifest: {make: manifest, title: $title, references: [study], description: Teaching file}
        steps:
          - id: sent
            send: {transaction: [RAD-50, RAD-51], from: selector, objects: [study, manifest]}
          - id: exported
            receive: {transaction: RAD-53, at: archive, until: manifest-complete, within: 500 ms}
          - id: accepted
            check: [arrival/instances-accepted]
            of: sent
            against: [study]
          - id: judged
            check:
              - arrival/export-takes-place
              - arrival/manifest-complete
              - manifest/title-kept
              - uid/replaced-consistently
              - deid/no-canary-survives
            of: exported
            against: [study, manifest]
        """,
    "EM-901-operator": """
        scenario: EM-901
        title: A person does something in between
        sut: export-manager
        simulated: {selector: export-selector, archive: receiver}
        data:
          study: {recipe: ct-chest, instances: 1}
          manifest: {make: manifest, title: TCE001, references: [study], description: Teaching file}
        steps:
          - id: sent
            send: {transaction: RAD-50, from: selector, objects: [study]}
          - id: before
            check: [arrival/instances-accepted]
            of: sent
            against: [study]
          - id: told
            operator: {do: Switch the gateway on, within: 2 s}
          - id: selected
            send: {transaction: RAD-51, from: selector, objects: manifest}
          - id: exported
            receive: {transaction: RAD-53, at: archive, until: manifest-complete, within: 20 s}
          - id: judged
            check: [arrival/export-takes-place, deid/no-canary-survives]
            of: exported
            against: [study, manifest]
          - id: sworn
            attest: {requirement: RCR-B5.3, question: Is the log readable}
        """,
    "EM-902-absence": """
        scenario: EM-902
        title: Nothing may come, and then something
        sut: export-manager
        simulated: {selector: export-selector, archive: receiver}
        data:
          study: {recipe: ct-chest, instances: 1}
          delayed: {make: manifest, title: TCE001, references: [study], delay: TCE012}
        steps:
          - id: held
            send: {transaction: [RAD-50, RAD-51], from: selector, objects: [study, delayed]}
          - id: quiet
            receive: {transaction: RAD-53, at: archive, nothing: true, for: 20 s}
          - id: held-back
            check: [absence/delayed-export-held]
            of: quiet
            against: [study, delayed]
        """,
}
REAL = """
    scenario: EM-910
    title: Files of the user's own
    sut: export-manager
    simulated: {{selector: export-selector, archive: receiver}}
    data:
      study: {{from: {folder}}}
      manifest: {{make: manifest, title: TCE001, references: [study], description: Teaching file}}
    steps:
      - id: sent
        send: {{transaction: [RAD-50, RAD-51], from: selector, objects: [study, manifest]}}
      - id: exported
        receive: {{transaction: RAD-53, at: archive, until: manifest-complete, within: 20 s}}
      - id: accepted
        check: [arrival/instances-accepted, arrival/manifest-accepted]
        of: sent
        against: [study]
      - id: judged
        check:
          - arrival/export-takes-place
          - arrival/nothing-unlisted
          - manifest/references-match-export
          - uid/replaced-consistently
          - uid/no-original-left
          - uid/references-resolve-or-point-at-nothing-original
          - deid/marked-as-de-identified
          - deid/no-canary-survives
          - deid/basic-profile-rows
          - deid/private-removed
          - deid/patient-identity-consistent
        of: exported
        against: [study, manifest]
    """
