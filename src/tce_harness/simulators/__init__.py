"""Export Selector, Export Manager and Receiver."""

from tce_harness.simulators.behaviour import Behaviour
from tce_harness.simulators.definition import NO_POLICY, Simulator, SimulatorFile, load_simulators
from tce_harness.simulators.export_manager import ExportManager
from tce_harness.simulators.export_selector import ExportSelector, Selected
from tce_harness.simulators.notice import Notice
from tce_harness.simulators.ordering import Order
from tce_harness.simulators.receiver import Receiver
from tce_harness.simulators.untouched import Untouched

__all__ = [
    "NO_POLICY",
    "Behaviour",
    "ExportManager",
    "ExportSelector",
    "Notice",
    "Order",
    "Receiver",
    "Selected",
    "Simulator",
    "SimulatorFile",
    "Untouched",
    "load_simulators",
]
