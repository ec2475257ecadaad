"""What waits for one person among the drafts: for the page of the day."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.i18n import N_
from nic_node.publishing.read import Sharing, all_sharing
from nic_node.publishing.states import DraftState, RetractionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """`says` is a marked sentence; `url_for(url)` gives the page that it is decided on."""

    draft_id: int
    title: str
    says: str
    page: str

    def url_for(self, url: Callable[..., Any]) -> str:
        return str(url(self.page, id=self.draft_id))


async def drafts_waiting(session: AsyncSession, *, person_id: int, permissions: Collection[str]) -> list[Waiting]:
    """Drafts that this person may review, their own that came back or were not sent yet, and refused withdrawals."""
    may_review, may_draft = "share.review" in permissions, "share.draft" in permissions
    found = []
    for one in await all_sharing(session):
        if one.withdrawal == RetractionState.REFUSED and may_draft:
            found.append(_waiting(one, N_("The network refused to take it back. Withdraw it once more."), "share.show"))
        elif one.withdrawal_is_late and may_draft:
            found.append(
                _waiting(one, N_("It was taken back, and the log still has it. See what to do."), "share.show")
            )
        if one.state == DraftState.REVIEW and may_review and one.author_id != person_id:
            found.append(
                _waiting(one, N_("Read it, decide each finding, and sign it or send it back."), "share.review")
            )
        elif one.state == DraftState.DRAFT and one.author_id == person_id:
            says = (
                N_("It came back with a note.") if one.problem else N_("Look at it, then send it to a second person.")
            )
            found.append(_waiting(one, says, "share.show"))
    return found


def _waiting(one: Sharing, says: str, page: str) -> Waiting:
    return Waiting(draft_id=one.draft_id, title=one.title, says=says, page=page)
