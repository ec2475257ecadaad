"""What a line of the release log says, in words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nic_node.disclosure.finding_words import WORDS
from nic_node.disclosure.printer import NOT_PRINTED
from nic_node.i18n import N_

EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "frozen": N_("the facts were frozen"),
        "correction-started": N_("a correction was begun"),
        "reworded": N_("words were changed"),
        "left-out": N_("something was left out"),
        "put-back": N_("something was put back"),
        "asked": N_("a second person was asked"),
        "returned": N_("sent back to its author"),
        "dropped": N_("the draft was dropped"),
        "approved": N_("approved to leave"),
        "taken-back": N_("the approval was taken back"),
        "voided": N_("the approval ended with its term"),
        "in-the-log": N_("found in the network’s log"),
        "final": N_("final in the network’s log"),
        "withdrawn": N_("withdrawn"),
        "gone": N_("gone from the network"),
        "incident": N_("an incident was opened"),
        "page-erased": N_("the kept page was erased"),
    }
)
"""By code, for what is no decision about a finding."""
DECIDED: Final = N_("a finding was decided")


def line_words(code: str, decision: str) -> str:
    """The sentence for a line; a finding's own title where that names nothing of the draft."""
    if code in EVENTS and not (code in NOT_PRINTED and decision):
        return EVENTS[code]
    title = WORDS.get(code, ("", ""))[0]
    return title if title and "{" not in title else DECIDED
