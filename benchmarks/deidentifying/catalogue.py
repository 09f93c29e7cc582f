"""The de-identifiers that are compared, with what their makers say of them."""

from __future__ import annotations

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

_DCMANON_FOLDER = """
import pathlib, sys, dcmanon
given, out = map(pathlib.Path, sys.argv[1:])
out.mkdir()
tool = dcmanon.Anonymizer()
for path in sorted(p for p in given.rglob("*") if p.is_file()):
    try:
        content = tool.anonymize(str(path))
    except Exception as error:
        print(f"{path.name}: {error}")
        continue
    target = out / path.relative_to(given)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
"""


def _dicom_anonymizer(originals: Path, out: Path) -> list[str | Path]:
    return ["-c", "from dicomanonymizer.anonymizer import main; main()", originals, out]


def _dicognito(originals: Path, out: Path) -> list[str | Path]:
    return ["-m", "dicognito", "--quiet", "--output-directory", out, originals]


def _dentdeid(originals: Path, out: Path) -> list[str | Path]:
    called = "import sys; from dentdeid.cli import main; sys.exit(main())"
    return ["-c", called, "run", "-p", "basic", "-o", out, originals, "--ocr", "off", "--no-previews"]


def _dcmanon(originals: Path, out: Path) -> list[str | Path]:
    return ["-c", _DCMANON_FOLDER, originals, out]


def tools() -> dict[str, Tool]:
    """Return the tools by name, the reference first."""
    every: list[Tool] = [
        Reference("basic", Claim("Basic Profile with cleaned structured content", ("113100", "113104"))),
        Reference(
            "teaching-file",
            Claim(
                "Basic Profile with cleaned graphics, structured content, descriptors",
                ("113100", "113103", "113104", "113105"),
            ),
        ),
        Gdcmanon(Claim("Basic Profile (its edition of 2008; judged by 2023b)", edition="2023b")),
        FromPyPI(
            "dicom-anonymizer==2.1.0",
            Claim("the attributes of the 2023 table (judged by 2023b)", edition="2023b"),
            _dicom_anonymizer,
            told="rror",
        ),
        FromPyPI(
            "dicognito==0.19.0",
            Claim("no profile: UIDs, names, dates and a list of attributes replaced", documented=_DICOGNITO),
            _dicognito,
        ),
        FromPyPI(
            "dentdeid==0.1.0",
            Claim("Basic Profile 2026d, Clean Pixel Data", ("113100", "113101")),
            _dentdeid,
            given_away="clean",
            told="SKIPPED|FAIL",
        ),
        FromPyPI(
            "dcmanon==0.3.1",
            Claim("no profile: consistent UIDs, private attributes removed", documented=_DCMANON),
            _dcmanon,
        ),
        OrthancAnonymize(Claim("Basic Profile 2021b (judged by 2023b)", edition="2023b")),
    ]
    return {each.name: each for each in every}
