"""Clinical trial attributes of the trial that an output is for: the profile's option Remap Identifiers."""

from __future__ import annotations

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from tce_harness.deidentify.policy import Policy, Trial
from tce_harness.deidentify.pseudonyms import PatientPseudonym

#: Attributes of the modules Clinical Trial Subject, Study and Series (PS3.3 C.7.1.3, C.7.2.3, C.7.3.2).
_TRIAL_KEYWORDS = (
    "ClinicalTrialSponsorName", "ClinicalTrialProtocolID", "ClinicalTrialProtocolName",
    "IssuerOfClinicalTrialProtocolID", "OtherClinicalTrialProtocolIDsSequence",
    "ClinicalTrialSiteID", "ClinicalTrialSiteName", "IssuerOfClinicalTrialSiteID",
    "ClinicalTrialSubjectID", "IssuerOfClinicalTrialSubjectID",
    "ClinicalTrialSubjectReadingID", "IssuerOfClinicalTrialSubjectReadingID",
    "ClinicalTrialProtocolEthicsCommitteeName", "ClinicalTrialProtocolEthicsCommitteeApprovalNumber",
    "EthicsCommitteeApprovalEffectivenessStartDate", "EthicsCommitteeApprovalEffectivenessEndDate",
    "ClinicalTrialTimePointID", "ClinicalTrialTimePointDescription", "ClinicalTrialTimePointTypeCodeSequence",
    "IssuerOfClinicalTrialTimePointID", "LongitudinalTemporalOffsetFromEvent",
    "LongitudinalTemporalEventType", "ConsentForClinicalTrialUseSequence",
    "ClinicalTrialCoordinatingCenterName", "ClinicalTrialSeriesID", "ClinicalTrialSeriesDescription",
    "IssuerOfClinicalTrialSeriesID",
)  # fmt: skip


def trial_tags(policy: Policy) -> frozenset[int]:
    """Return the attributes that `remap` sets or removes; none where the policy names no trial."""
    if policy.trial is None:
        return frozenset()
    keywords = ("PatientID", "PatientName", *_TRIAL_KEYWORDS)
    return frozenset(tag for keyword in keywords if (tag := tag_for_keyword(keyword)) is not None)


def remap(dataset: Dataset, trial: Trial, patient: PatientPseudonym) -> None:
    """Make a de-identified data set one of a subject of a trial, in place.

    The attributes of an earlier trial go as a whole: their dummies would stand beside the new values.
    Patient ID and Clinical Trial Subject ID are the subject's, so that readers of either agree.
    """
    for keyword in _TRIAL_KEYWORDS:
        if keyword in dataset:
            del dataset[keyword]
    dataset.PatientID, dataset.PatientName = patient.id, patient.name
    dataset.ClinicalTrialSponsorName = trial.sponsor
    dataset.ClinicalTrialProtocolID = trial.protocol_id
    dataset.ClinicalTrialProtocolName = trial.protocol_name
    dataset.ClinicalTrialSiteID, dataset.ClinicalTrialSiteName = trial.site_id, trial.site_name
    dataset.ClinicalTrialSubjectID = patient.id
    # both are Type 2 in their modules
    dataset.ClinicalTrialCoordinatingCenterName = trial.coordinating_center
    dataset.ClinicalTrialTimePointID = trial.time_point_id
    if trial.time_point_description:
        dataset.ClinicalTrialTimePointDescription = trial.time_point_description
