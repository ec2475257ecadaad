"""A network's refusals, in our words."""

from collections.abc import Mapping
from typing import Final

from federation.errors import FederationError, Untrusted
from nic_node.i18n import N_
from nic_node.peerhttp.answers import PeerRefused
from schemas.code import Code

READ_AGAIN: Final = N_("The network changed its charter or policy since you read them. Read them again, then send it.")


def refusal_of(error: FederationError) -> Untrusted:
    """A network's refusal in its own code and our words; what else a peer writes is not repeated."""
    if isinstance(error, PeerRefused) and error.problem is not None and error.problem.get("code") in _REFUSALS:
        code = Code(error.problem["code"])
        return Untrusted(code, _REFUSALS[code])
    return Untrusted(error.code, error.detail)


_REFUSALS: Final[Mapping[str, str]] = {
    Code.INVITATION_EXPIRED: N_("The invitation has expired. Ask the coordinator for a new link."),
    Code.INVITATION_USED: N_("The invitation was used already. Ask the coordinator for a new link."),
    Code.INVITATION_INVALID: N_("The network does not know this invitation. Ask the coordinator for a new link."),
    Code.POLICY_NOT_ACCEPTED: READ_AGAIN,
    Code.APPLICATION_PENDING: N_("The network knows this school already: its application waits, or it is a member."),
    Code.MEMBERSHIP_ENDED: N_("This membership was revoked; only an appeal to the coordinators opens the door again."),
    Code.MEMBER_KEY_TAKEN: N_("Another school applied with this node's key. Ask whoever runs this node."),
    Code.APPLICATION_EXPIRED: N_("The network's clock and this machine's differ by more than a minute. Set the clock."),
    Code.CONFIRMATION_WRONG: N_("This is not the code that was given. Type it once more."),
    Code.CONFIRMATION_EXPIRED: N_("No code works now. Ask the coordinator for a new one."),
    Code.STALE_VERSION: N_("The network decided something in the meantime. Look at it, then try again."),
    Code.ILLEGAL_MOVE: N_("The membership has ended already, or it is too early for this."),
}
