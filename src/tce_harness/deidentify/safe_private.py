"""Private elements that are known to be safe: PS3.15 E.3.10, the option Retain Safe Private.

Known by the instance's own word, Private Data Element Characteristics Sequence (0008,0300) of PS3.3 C.12.1;
by Table E.3.10-1, a list of samples; or by the policy's own list. An element is told by its creator, its
group and the low byte of its number: the block that a creator reserves differs between instances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from tce_harness.deidentify.plan import PRIVATE_CHARACTERISTICS, Action
from tce_harness.deidentify.policy import Policy
from tce_harness.deidentify.working_copy import elements_of
from tce_harness.standard.confidentiality import safe_private_rows

_FIRST_BLOCK, _LAST_BLOCK = 0x10, 0xFF
#: Deidentification Action (0008,0307) of PS3.3 C.12.1.1.7.
_ASKED: Mapping[str, Action] = MappingProxyType(
    {"D": Action.DUMMY, "Z": Action.EMPTY, "X": Action.REMOVE, "U": Action.MAP_UID}
)
Creator = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one private element.

    Parameters
    ----------
    action
        What to do with it.
    vr
        Of which VR it is known to be safe; empty where nobody says.
    """

    action: Action
    vr: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """What an instance declares of one block of private elements.

    Parameters
    ----------
    status
        ``SAFE``, ``UNSAFE`` or ``MIXED``.
    safe
        Low bytes of the elements that it declares not to identify.
    asked
        What it asks for instead, by low byte.
    vrs
        Of which VR it says that they are, by low byte.
    """

    status: str
    safe: frozenset[int]
    asked: Mapping[int, Action]
    vrs: Mapping[int, str]


@dataclass(slots=True)
class SafePrivate:
    """The private elements that may stay in one instance.

    Parameters
    ----------
    policy
        With its own list.
    declared
        Blocks, by group and creator, as the instance itself declares them.
    kept
        Blocks of which something stayed.
    """

    policy: Policy
    declared: Mapping[Creator, Declared]
    kept: set[Creator] = field(default_factory=set)

    @classmethod
    def of(cls, policy: Policy, dataset: Dataset) -> SafePrivate:
        """Read what the main data set of an instance declares."""
        return cls(
            policy, dict(map(_declared, dataset.get("PrivateDataElementCharacteristicsSequence") or ()))
        )

    def known(self, dataset: Dataset, identifies: Callable[[str], bool]) -> dict[int, Known]:
        """Return what is known of the private elements of one data set that are safe; others go.

        Parameters
        ----------
        identifies
            Tells a text that identifies; a creator that does is not kept, nor what it covers.
        """
        creators = {key: name for key, name in creators_of(dataset).items() if not identifies(name)}
        found: dict[int, Known] = {}
        for element in elements_of(dataset):
            tag = int(element.tag)
            group, block = tag >> 16, tag >> 8 & 0xFF
            if not group & 1 or (group, block) not in creators:
                continue
            known = self._known(group, creators[group, block], tag & 0xFF)
            if known is not None:
                found[tag] = known
        return found

    def _known(self, group: int, creator: str, element: int) -> Known | None:
        declared = self.declared.get((group, creator))
        listed = _listed().get((creator, group, element))
        if declared is not None:
            if element in declared.asked:
                return Known(declared.asked[element])
            if declared.status == "SAFE" or element in declared.safe:
                return Known(Action.RETAIN, declared.vrs.get(element) or listed or "")
            if declared.status == "UNSAFE":
                return None
        if listed is not None:
            return Known(Action.RETAIN, listed)
        by_policy = any(
            block.creator == creator and block.group == group and element in block.elements
            for block in self.policy.safe_private
        )
        return Known(Action.RETAIN) if by_policy else None

    def prune(self, dataset: Dataset) -> None:
        """Remove the creators of a data set whose blocks are empty, and remember the others."""
        for (group, block), creator in creators_of(dataset).items():
            first = group << 16 | block << 8
            if any(first <= int(element.tag) <= first | 0xFF for element in elements_of(dataset)):
                self.kept.add((group, creator))
            else:
                del dataset[group << 16 | block]

    def prune_declarations(self, dataset: Dataset) -> None:
        """Keep of (0008,0300) the items on blocks that stayed."""
        if PRIVATE_CHARACTERISTICS not in dataset:
            return
        items = [item for item in dataset[PRIVATE_CHARACTERISTICS].value or () if _creator(item) in self.kept]
        if items:
            dataset[PRIVATE_CHARACTERISTICS].value = items
        else:
            del dataset[PRIVATE_CHARACTERISTICS]


def is_creator(tag: int) -> bool:
    """Return whether a private element reserves a block (PS3.5 section 7.8)."""
    return _FIRST_BLOCK <= tag & 0xFFFF <= _LAST_BLOCK


def creators_of(dataset: Dataset) -> dict[tuple[int, int], str]:
    """Return the creators of one data set by group and block."""
    return {
        (int(element.tag) >> 16, int(element.tag) & 0xFF): _text(element.value)
        for element in elements_of(dataset)
        if element.tag.group & 1 and is_creator(int(element.tag))
    }


@cache
def _listed() -> Mapping[tuple[str, int, int], str]:
    return {(row.creator, row.group, row.element): row.vr for row in safe_private_rows()}


def _declared(item: Dataset) -> tuple[Creator, Declared]:
    asked: dict[int, Action] = {}
    for each in item.get("DeidentificationActionSequence") or ():
        action = _ASKED.get(_text(each.get("DeidentificationAction")), Action.REMOVE)
        asked.update(dict.fromkeys(_numbers(each.get("IdentifyingPrivateElements")), action))
    status = _text(item.get("BlockIdentifyingInformationStatus"))
    safe = frozenset(_numbers(item.get("NonidentifyingPrivateElements")))
    vrs = {
        number: _text(each.get("PrivateDataElementValueRepresentation"))
        for each in item.get("PrivateDataElementDefinitionSequence") or ()
        for number in _numbers(each.get("PrivateDataElement"))
    }
    return _creator(item), Declared(status, safe, asked, vrs)


def _creator(item: Dataset) -> Creator:
    group = next(iter(_numbers(item.get("PrivateGroupReference"))), 0)
    return group, _text(item.get("PrivateCreatorReference"))


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return str(value or "").strip("\x00 ")


def _numbers(value: object) -> Iterable[int]:
    values = value if isinstance(value, MultiValue | list) else [value]
    return [each for each in values if isinstance(each, int)]
