"""How a network stands below another, in words: label, kind of tag, icon."""

from collections.abc import Mapping
from typing import Final

from nic_node.i18n import N_
from nic_node.network.above.read import REFUSED, SENDING

STATES: Final[Mapping[str, tuple[str, str, str]]] = {
    SENDING: (N_("On its way"), "warn", "clock"),
    REFUSED: (N_("Not taken"), "stop", "cross"),
    "applied": (N_("Waits for a decision"), "warn", "clock"),
    "approved": (N_("Belongs under it"), "good", "check"),
    "suspended": (N_("Suspended"), "stop", "alert"),
    "rejected": (N_("Rejected"), "stop", "cross"),
    "revoked": (N_("Revoked"), "stop", "cross"),
    "left": (N_("Left"), "line", "logout"),
    "withdrawn": (N_("Withdrawn"), "line", "undo"),
    "expired": (N_("Expired"), "warn", "clock"),
}
