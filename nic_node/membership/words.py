"""States and reasons of a membership in the words that its school reads."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from nic_node.i18n import N_
from nic_node.membership.read import REFUSED, SENDING
from schemas.states import APPLIED, APPROVED, EXPIRED, LEFT, REJECTED, REVOKED, SUSPENDED, WITHDRAWN
from schemas.vocab import MEMBERSHIP_REASONS

# state -> (tag, kind of tag, icon, what it means for this school)
STATE_WORDS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    SENDING: (
        N_("Being sent"),
        "warn",
        "clock",
        N_("The network could not be reached yet. This node tries again by itself; nothing you typed is lost."),
    ),
    REFUSED: (N_("Not taken"), "stop", "cross", N_("The network did not take the application.")),
    APPLIED: (
        N_("Applied"),
        "warn",
        "clock",
        N_("A coordinator looks at your application now. You will be given a code by phone or e-mail; type it here."),
    ),
    APPROVED: (N_("Member"), "good", "check", N_("You read the library, and you can share from the next epoch on.")),
    SUSPENDED: (
        N_("Suspended"),
        "stop",
        "alert",
        N_("You may still read, and withdraw what you shared. Nothing new leaves until the coordinators lift this."),
    ),
    REVOKED: (
        N_("Revoked"),
        "stop",
        "cross",
        N_("The membership has ended, and this node erases its copy of the library within 30 days."),
    ),
    LEFT: (N_("Left"), "line", "logout", N_("You left. This node erases its copy of the library within 30 days.")),
    EXPIRED: (N_("Ended"), "warn", "clock", N_("The term has ended. Ask the coordinator for a new link to go on.")),
    REJECTED: (N_("Not accepted"), "stop", "cross", N_("The coordinators did not accept the application.")),
    WITHDRAWN: (N_("Withdrawn"), "line", "undo", N_("You took the application back. You may apply again.")),
}


def move_words(move: Mapping[str, Any]) -> dict[str, Any]:
    """One move for a page: {when, state, reason, says, note}; a reason of a newer list says nothing."""
    reason = MEMBERSHIP_REASONS.get(move["reason"])
    return {
        "when": datetime.fromtimestamp(move["at"], UTC),
        "state": STATE_WORDS[move["to"]][0],
        "reason": reason.label if reason else "",
        "says": reason.definition if reason else "",
        "note": move.get("note", ""),
    }
