from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tce_harness.rules.deidentification.dciodvfy_output import errors

OUTPUT = """CTImage
Error - </PatientID(0010,0020)> - Missing attribute for Type 2 Required - Module=<Patient>
Warning - </PatientWeight(0010,1030)[1]> - Value is zero
Error - </StudyDate(0008,0020)[1]> - Value invalid for this VR [DA] = <1985> - Character invalid = '' (0)
Error - </StudyDate(0008,0020)[1]> - Value invalid for this VR [DA] = <1986> - Character invalid = 'x' (0)
Error - </ContentSequence(0040,a730)[2]/TextValue(0040,a160)> - Missing attribute for Type 1C Conditional
Error - Information Object Not found
"""


def test_errors_are_read_with_their_elements() -> None:
    assert [each.element for each in errors(OUTPUT)] == [
        "(0010,0020)",
        "(0008,0020)",
        "(0040,A730)[2]/(0040,A160)",
        None,
    ]


def test_values_do_not_tell_two_errors_apart() -> None:
    first, second = (line for line in OUTPUT.splitlines() if "StudyDate" in line)
    assert errors(first)[0].what == errors(second)[0].what
    assert "1985" not in errors(first)[0].what


def test_codes_of_the_profile_are_no_error() -> None:
    place = "</ConceptNameCodeSequence(0040,a043)[1]/CodingSchemeDesignator(0008,0102)[1]>"
    line = f"{place} - Unrecognized defined term"
    assert errors(f"Error - {line} = <IHERADTF>") == ()
    assert len(errors(f"Error - {line} = <99ACME>")) == 1


@given(st.text())
def test_any_text_is_read_without_an_exception(text: str) -> None:
    assert all(each.line.startswith("Error") for each in errors(text))
