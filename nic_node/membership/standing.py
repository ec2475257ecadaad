"""Where this school stands with its network, in one sentence for the page that people live on."""

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.i18n import N_
from nic_node.membership.read import REFUSED, SENDING, memberships
from schemas.states import APPLIED, APPROVED, SUSPENDED

SENTENCES = {
    SENDING: N_("Your application to {name} is on its way."),
    APPLIED: N_("Your application to {name} waits for a coordinator. Confirm the code when they give it to you."),
    APPROVED: N_("You are a member of {name}."),
    SUSPENDED: N_("Your membership of {name} is suspended: you can read, and nothing is published."),
    REFUSED: N_("{name} did not take your application; its page says why."),
}
ENDED = N_("Your membership of {name} has ended; its page says why.")


async def standing_in_words(session: AsyncSession) -> str | None:
    """None where this school never applied anywhere; a living membership is told before an ended one."""
    known = await memberships(session)
    if not known:
        return None
    order = list(SENTENCES)
    told = min(known, key=lambda one: order.index(one.state) if one.state in order else len(order))
    return SENTENCES.get(told.state, ENDED).format(name=told.name or told.network)
