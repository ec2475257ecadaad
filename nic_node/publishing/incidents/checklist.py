"""What an incident is about, and what is to be done: the product's own list, in the order in which it helps."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from nic_node.i18n import N_


class Telling(StrEnum):
    """How far the network knows."""

    WAITING = "waiting"
    """It is told as soon as the record stands in the log and the network answers."""
    TOLD = "told"
    REFUSED = "refused"
    """It did not take it; the reason stands beside it. Write to a coordinator."""


KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "names-someone": N_("Somebody is named, or could be recognised"),
        "names-us": N_("Our school could be recognised"),
        "wrong-numbers": N_("Numbers that should have stayed here"),
        "other": N_("Something else"),
    }
)
BY_ITSELF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "taken-back": N_("Take it back from every member, at once and in the open"),
        "told": N_("Tell the coordinators"),
    }
)
"""Steps that the node takes and ticks."""
STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "who": N_("Write down who could be recognised, by whom, and since when it could be read"),
        "officer": N_("Tell the district’s privacy officer"),
        "people": N_("Tell those whom it is about, or their families, in plain words"),
        "law": N_("Decide whether a law asks you to notify, and by when (GDPR: 72 hours)"),
        "copies": N_("Ask the coordinators who printed or copied it, and to destroy that"),
        "cause": N_("Find out how it got through, and mend it: the roster, a word list, the review"),
    }
)
"""Steps that people take and tick."""
