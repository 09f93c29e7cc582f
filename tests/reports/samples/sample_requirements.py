"""The requirements of the sample run results."""

from __future__ import annotations

from sample_building import FRAME_DEFECTS, judged, requirement
from tce_harness.model.requirement import Grade, Testable
from tce_harness.model.result import (
    RequirementResult,
)
from tce_harness.model.verdict import Verdict


def all_requirements() -> tuple[RequirementResult, ...]:
    fail, passed, single, several, early = (
        Verdict.FAIL,
        Verdict.PASS,
        "EM-010/TCE001",
        "EM-020/TCE007",
        "EM-011/TCE002",
    )
    return (
        judged(
            requirement(
                "TCE-RAD53-001",
                "Every instance that the manifest lists is sent to the Receiver by C-STORE.",
                testable=Testable.WIRE,
                grade=Grade.NORMATIVE,
            ),
            passed,
            examined=161,
            cases=((single, passed), (several, passed), (early, passed)),
            defects=("drops-last-instance", "sends-nothing", "stops-after-first-association"),
            rules=("arrival/manifest-complete",),
        ),
        judged(
            requirement(
                "TCE-RAD53-004", "The manifest refers to exactly the instances that were exported with it."
            ),
            passed,
            examined=10,
            unit="references",
            cases=((single, passed), (early, passed)),
            defects=("manifest-lists-originals", "manifest-lists-one-too-many"),
            rules=("manifest/references-match-instances",),
        ),
        judged(
            requirement(
                "TCE-RAD53-006",
                "Where the references span several studies, a copy of the manifest stands in "
                "each, and each copy lists all others.",
                section="4.51; PS3.3 C.17.6.2.1",
                grade=Grade.NORMATIVE,
            ),
            fail,
            examined=2,
            unit="manifests",
            cases=((several, fail),),
            findings=2,
            defects=("no-identical-documents",),
            rules=("manifest/identical-documents",),
        ),
        judged(
            requirement(
                "TCE-RAD53-009",
                "The key object description reaches the Receiver as it was written.",
                grade=Grade.IMPLEMENTED,
            ),
            Verdict.WARNING,
            examined=1,
            unit="manifests",
            cases=((single, Verdict.WARNING),),
            findings=1,
            defects=("empties-description",),
            rules=("manifest/description-survives",),
        ),
        judged(
            requirement(
                "TCE-RAD53-010", "The exported manifest carries no delay reason.", option="delay-for-reason"
            ),
            Verdict.INCONCLUSIVE,
            examined=0,
            unit="manifests",
            cases=(("EM-030/TCE011", Verdict.INCONCLUSIVE),),
            defects=("exports-delayed-manifest", "keeps-delay-modifier"),
            rules=("manifest/delay-modifier-gone",),
            reason="no manifest was exported: the operator did not release the case in time",
        ),
        judged(
            requirement(
                "TCE-RAD53-013",
                "Every UID is replaced, each by the same new one wherever it stands.",
                section="4.53; PS3.15 Table E.1-1, code U",
            ),
            fail,
            examined=13,
            cases=((single, fail), (early, passed)),
            findings=5,
            defects=FRAME_DEFECTS,
            rules=("uid/replaced-consistently",),
        ),
        judged(
            requirement(
                "TCE-RAD53-017",
                "Trial identifiers replace the patient's where the selection asks for it.",
                option="remap-identifiers",
                grade=Grade.NORMATIVE,
            ),
            Verdict.NOT_APPLICABLE,
            examined=0,
            rules=("remap/trial-identifiers",),
            defects=("ignores-remap-table",),
            reason="the option remap-identifiers is not claimed",
        ),
        judged(
            requirement("TCE-RAD53-020", "Exported instances keep to their IOD.", grade=Grade.NORMATIVE),
            passed,
            examined=7,
            cases=((single, passed),),
            defects=("drops-type-1-attribute", "writes-odd-length"),
            rules=("iod/dciodvfy-finds-nothing-new",),
        ),
        judged(
            requirement(
                "PS315-D2",
                "No identifying value of the original stands anywhere in an exported instance.",
                document="PS3.15",
                section="E.1, E.2",
                edition="2026d",
                grade=Grade.NORMATIVE,
            ),
            passed,
            examined=161,
            cases=((single, passed), (several, passed), (early, passed)),
            defects=(
                "keeps-private-attributes",
                "keeps-nested-names",
                "keeps-trailing-bytes",
                "keeps-preamble",
                "name-in-description",
                "keeps-codestream-comment",
                "keeps-overlay",
                "keeps-icon",
            ),
            rules=("deid/no-canary-survives",),
        ),
        judged(
            requirement(
                "PS315-D3",
                "Each attribute of Table E.1-1 is treated as its code says.",
                document="PS3.15",
                section="Table E.1-1",
                edition="2026d",
                grade=Grade.NORMATIVE,
            ),
            passed,
            examined=4263,
            unit="elements",
            cases=((single, passed),),
            defects=("keeps-institution", "empties-instead-of-removing"),
            rules=("deid/table-rows",),
        ),
        judged(
            requirement(
                "RCR-B5.5e",
                "Keys by which the study could be matched are removed: UIDs, dates, times.",
                document="RCR guidance 2018",
                section="Appendix B, B5.5",
                edition="2018",
                grade=Grade.NORMATIVE,
                proven_by=("TCE-RAD53-013", "PS315-D3", "PS315-113107"),
            ),
            fail,
            examined=4276,
            unit="examinations",
        ),
        judged(
            requirement(
                "RCR-B5.3",
                "The user can look at each image before it is sent.",
                document="RCR guidance 2018",
                section="Appendix B, B5.3",
                edition="2018",
                grade=Grade.NORMATIVE,
                testable=Testable.ATTEST,
            ),
            Verdict.NOT_RUN,
            examined=0,
            unit="attestations",
            cases=(("EM-041/preview", Verdict.NOT_RUN),),
            reason="no operator",
        ),
        judged(
            requirement(
                "RCR-B1",
                "An administrator can configure several archives as destinations.",
                document="RCR guidance 2018",
                section="Appendix B, B1",
                edition="2018",
                grade=Grade.NORMATIVE,
                testable=Testable.ATTEST,
            ),
            Verdict.ATTESTED,
            examined=1,
            unit="attestations",
            reason="J. Okafor, 22 November 2026: screenshot of the destinations page",
        ),
    )
