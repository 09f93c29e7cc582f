"""Scenario, system and requirement files: loaded, checked, expanded to cases."""

from tce_harness.scenarios.catalogue import Catalogue, load_catalogue
from tce_harness.scenarios.claims_file import (
    EDITIONS,
    Claimed,
    check_ae_title,
    load_claims,
    spell_claims,
    spell_deidentification,
)
from tce_harness.scenarios.explain import explain
from tce_harness.scenarios.load import load_scenario, load_scenarios
from tce_harness.scenarios.scenario import (
    SUT_ROLES,
    AbsenceStep,
    AttestStep,
    Case,
    CheckStep,
    Data,
    FolderData,
    ManifestData,
    OperatorStep,
    ReceiveStep,
    RecipeData,
    Scenario,
    SendStep,
    SpelledIn,
    Step,
    TeachingFileData,
    Transaction,
    Until,
)
from tce_harness.scenarios.schema import json_schemas
from tce_harness.scenarios.select import select
from tce_harness.scenarios.system import SystemUnderTest, load_system
from tce_harness.scenarios.vocabulary import Vocabulary
from tce_harness.simulators.ordering import Order
from tce_harness.transport import Associations

__all__ = [
    "EDITIONS",
    "SUT_ROLES",
    "AbsenceStep",
    "Associations",
    "AttestStep",
    "Case",
    "Catalogue",
    "CheckStep",
    "Claimed",
    "Data",
    "FolderData",
    "ManifestData",
    "OperatorStep",
    "Order",
    "ReceiveStep",
    "RecipeData",
    "Scenario",
    "SendStep",
    "SpelledIn",
    "Step",
    "SystemUnderTest",
    "TeachingFileData",
    "Transaction",
    "Until",
    "Vocabulary",
    "check_ae_title",
    "explain",
    "json_schemas",
    "load_catalogue",
    "load_claims",
    "load_scenario",
    "load_scenarios",
    "load_system",
    "select",
    "spell_claims",
    "spell_deidentification",
]
