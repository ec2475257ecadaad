"""How a school on the list stands: what was done here, whether the e-mail left, and what the school made of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, select

from nic_node.i18n import N_
from nic_node.mail.states import SENT as MAIL_SENT
from nic_node.mail.tables import Mail
from nic_node.network.invitees.tables import Invitee
from nic_node.network.tables import Member
from nic_node.network.transitions import ADMITTED
from schemas.states import APPLIED as MEMBER_APPLIED

LISTED: Final = "listed"
UNSENT: Final = "unsent"
SENT: Final = "sent"
REMINDED: Final = "reminded"
APPLIED: Final = "applied"
MEMBER: Final = "member"
OVER: Final = "over"
DECLINED: Final = "declined"
REMOVED: Final = "removed"
SHOWN: Final = (UNSENT, SENT, REMINDED, APPLIED, MEMBER, OVER, DECLINED, REMOVED)

REMIND_AFTER: Final = (timedelta(days=7), timedelta(days=14))
"""How long after the invitation, and after the first reminder: on day 7 and day 21, at most so often by itself."""
INVITED_DAYS: Final = 60
"""How long each link works."""

STATE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    UNSENT: (N_("Not sent"), "warn"),
    SENT: (N_("Invited"), "acc"),
    REMINDED: (N_("Reminded"), "acc"),
    APPLIED: (N_("Applied"), "warn"),
    MEMBER: (N_("Member"), "good"),
    OVER: (N_("Applied once"), ""),
    DECLINED: (N_("Said no"), ""),
    REMOVED: (N_("Taken off"), ""),
}

SHOWN_STATE: Final[ColumnElement[str]] = case(
    (Member.state == MEMBER_APPLIED, APPLIED),
    (Member.state.in_(ADMITTED), MEMBER),
    (Invitee.state.in_((DECLINED, REMOVED)), Invitee.state),
    (Member.id.is_not(None), OVER),
    (Invitee.state == LISTED, UNSENT),
    (and_(Mail.id.is_not(None), Mail.state != MAIL_SENT), UNSENT),
    else_=Invitee.state,
)
"""Over `with_states`; an e-mail that is forgotten was sent."""


def with_states(*columns: Any) -> Select[Any]:
    """A selection over invitees, each with its member and its newest e-mail where there are any."""
    chosen = select(*columns).select_from(Invitee)
    return chosen.outerjoin(Member, Member.id == Invitee.member_id).outerjoin(Mail, Mail.id == Invitee.mail_id)
