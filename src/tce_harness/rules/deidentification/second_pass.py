"""Originals that were de-identified before: what an earlier step put there is no original any more."""

from __future__ import annotations

from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.rules.deidentification.marking import PATIENT_IDENTITY_REMOVED, method_codes
from tce_harness.rules.deidentification.places import Place, text_value
from tce_harness.rules.deidentification.plan import BASIC_PROFILE, plan_of

_TEMPORAL = frozenset({"DA", "DT", "TM"})


def may_be_a_dummy(original: EvidenceInstance, place: Place, edition: str) -> bool:
    """Return whether a date or time of an original may be what an earlier de-identification put there.

    The original says that its patient's identity was removed, by codes under which the value at this place
    had not to stay. Dummy dates are often the same for everybody, and the same again in a second pass.
    Nothing else is excused so: a name or number that stands after two passes has stood through both.
    """
    if place.element.VR not in _TEMPORAL:
        return False
    codes = method_codes(original)
    if text_value(original.dataset, PATIENT_IDENTITY_REMOVED) != "YES" or BASIC_PROFILE not in codes:
        return False
    return not plan_of(edition, codes).may_keep(place.tags)
