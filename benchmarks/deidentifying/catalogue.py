"""The de-identifiers that are compared, with what their makers say of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from deidentifying.claims import Claim, Documented
from deidentifying.orthanc import OrthancAnonymize
from deidentifying.tools import FromPyPI, Gdcmanon, Reference, Tool

# dicognito's README lists these; of VRs it names PN, DA, DT and UI as a whole.
_DICOGNITO = Documented(
    requirements=frozenset(
        ["TCE-RAD53-013", "TCE-RAD53-014", "TCE-RAD53-016", "PS315-D5R", "PS315-D7", "PS315-D8"],
    ),
    vrs=frozenset({"PN", "DA", "DT", "UI"}),
    keywords=frozenset(
        [
            "AccessionNumber",
            "BranchOfService",
            "CountryOfResidence",
            "CurrentPatientLocation",
            "FillerOrderNumberImagingServiceRequest",
            "InstitutionAddress",
            "InstitutionName",
            "InstitutionalDepartmentName",
            "IssuerOfPatientID",
            "MedicalRecordLocator",
            "MilitaryRank",
            "Occupation",
            "OtherPatientIDs",
            "PatientAddress",
            "PatientID",
            "PatientInsurancePlanCodeSequence",
            "PatientReligiousPreference",
            "PatientTelecomInformation",
            "PatientTelephoneNumbers",
            "PerformedProcedureStepID",
            "PlacerOrderNumberImagingServiceRequest",
            "ReferencedPatientPhotoSequence",
            "RegionOfResidence",
            "RequestedProcedureID",
            "RequestingService",
            "ResponsibleOrganization",
            "ScheduledProcedureStepID",
            "StationName",
            "StudyID",
        ],
    ),
)

# dcmanon promises consistent UIDs under a root and that private attributes go; it is "standards-compliant by
# default", without the name of a profile.
_DCMANON = Documented(
    requirements=frozenset(
        ["TCE-RAD53-013", "TCE-RAD53-016", "PS315-D5R", "PS315-D7", "PS315-D8", "PS315-D14"],
    ),
    vrs=frozenset({"UI"}),
    keywords=frozenset({"AccessionNumber", "PatientBirthDate", "PatientID", "PatientName"}),
)


def _dicom_anonymizer(originals: Path, out: Path) -> list[str | Path]:
    return ["-c", "from dicomanonymizer.anonymizer import main; main()", originals, out]


def _dicognito(originals: Path, out: Path) -> list[str | Path]:
    # with a seed, as otherwise every run shifts times by other hours, and one in 24 by whole days
    return ["-m", "dicognito", "--quiet", "--seed", "page", "--output-directory", out, originals]


def _dentdeid(originals: Path, out: Path) -> list[str | Path]:
    called = "import sys; from dentdeid.cli import main; sys.exit(main())"
    return ["-c", called, "run", "-p", "basic", "-o", out, originals, "--no-previews"]


def _dentdeid_report(out: Path) -> str:
    """Return how many files it did not simply pass, and what it says of them."""
    report = out / "dentdeid-report.md"
    lines = report.read_text(encoding="utf-8").splitlines() if report.is_file() else []
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if line.startswith("| ")]
    told = Counter(
        (each[4], each[6] if each[6] != "—" else each[3])
        for each in cells
        if len(each) > 6 and each[4] in ("SKIPPED", "REVIEW", "FAIL")
    )
    return "; ".join(
        f"{count} {status}: {why or 'no image'}" for (status, why), count in sorted(told.items())
    )


def _dcmanon(originals: Path, out: Path) -> list[str | Path]:
    return [Path(__file__).parent / "dcmanon_folder.py", originals, out]


BASIC = Claim("Basic Profile, structured content cleaned", ("113100", "113104"))
WITH_LOG = Reference("basic", BASIC, log=True)
"""Timed beside the others and not judged: what it writes is the same."""


def tools() -> dict[str, Tool]:
    """Return the tools by name, the reference first."""
    every: list[Tool] = [
        Reference("basic", BASIC),
        Reference(
            "teaching-file",
            Claim(
                "Basic Profile; graphics, structured content and descriptors cleaned",
                ("113100", "113103", "113104", "113105"),
            ),
        ),
        Gdcmanon(Claim("Basic Profile of 2008", edition="2023b", names="2008")),
        FromPyPI(
            "dicom-anonymizer==2.1.0",
            Claim("the attributes of the table of 2023", edition="2023b"),
            _dicom_anonymizer,
            told="rror",
            remark="Its console script is called as Python, which is the same program.",
        ),
        FromPyPI(
            "dicognito==0.19.0",
            Claim("no profile: UIDs, names, dates and a list of attributes replaced", documented=_DICOGNITO),
            _dicognito,
        ),
        FromPyPI(
            "dentdeid==0.1.0",
            Claim("Basic Profile of 2026d, pixels cleaned", ("113100", "113101")),
            _dentdeid,
            given_away="clean",
            report=_dentdeid_report,
            remark="Its default, `--ocr auto`, finds no recognition program here, so regions with text are "
            "found without one. `--no-previews` is not its default. Only its folder `clean` is judged; what "
            "it marks REVIEW stands there too, for a person to look at.",
        ),
        FromPyPI(
            "dcmanon==0.3.1",
            Claim("no profile: consistent UIDs, private attributes removed", documented=_DCMANON),
            _dcmanon,
            remark="It is a library: `benchmarks/deidentifying/dcmanon_folder.py` of this project calls its "
            "`Anonymizer` with its defaults, file by file.",
        ),
        OrthancAnonymize(Claim("Basic Profile of 2021b", edition="2023b", names="2021b")),
    ]
    return {each.name: each for each in every}
