"""A school's own side: which district it names, what that sees, and that it sees nothing any more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.applications import HTTP_KEYS
from federation.entities import EntityStatement, verify_entity_configuration, verify_entity_id
from federation.errors import FederationError, Untrusted
from federation.keys import read_jwks
from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import AUDITED
from nic_node.clock import Clock
from nic_node.db.engine import BeforeCommit
from nic_node.db.insert import insert_if_missing
from nic_node.db.jobs import enqueue
from nic_node.district.tables import Sharing
from nic_node.errors import InvalidInput, NotFound, Stale
from nic_node.i18n import N_
from nic_node.membership.fetch import fetch_configuration
from nic_node.membership.local import LocalNode
from nic_node.school.editing import keep_changes
from schemas.code import Code
from schemas.district import SHARES
from schemas.membership import SCHOOL_TYPE

ONLY_ROW: Final = 1
TELL: Final = "district.tell"
LEARN: Final = "district.learn"
SEEN_BY_DISTRICT: Final = frozenset(
    {"plan", "goal", "support", "plain-words", "project", "measure", "obstacle", "profile", "roster"}
)
"""What an action in the audit log begins with that may change what a district has a copy of."""
SHARE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "plan": (N_("The plan on one page"), N_("As the paper for the district says it.")),
    "projects": (N_("Projects"), N_("Titles and states: running, on which day, late, kept or stopped. No drafts.")),
    "obstacles": (
        N_("Obstacles to remove"),
        N_("What only the district can take away, and what you ask for."),
    ),
}
ITSELF: Final = N_("This is the address of your own node. Write that of the district's.")
NOT_NAMED: Final = N_("Name your district first.")
NO_NODE: Final = N_("What answers there is no node of a school or district. Ask your district for its node's address.")
CHANGED: Final = N_("Somebody named another district meanwhile. Look again before you share.")


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A node that answered with a statement about itself."""

    entity: str
    pinned: list[str]
    http_keys: dict[str, Any]
    expires_at: datetime


async def look_up_district(node: LocalNode, address: str) -> District:
    """Ask the node at an address who it is. Nothing is kept, and it is told nothing.

    Raises:
        InvalidInput: under 'entity': no address, our own, no answer, no node.
    """
    try:
        entity = verify_entity_id(
            address.strip().rstrip("/"), allow_insecure_loopback=node.config.allow_insecure_loopback
        )
        if entity == node.entity_id:
            raise InvalidInput({"entity": [ITSELF]})
        return await _ask(node, entity, pinned=None)
    except FederationError as error:
        raise InvalidInput({"entity": [error.detail]}) from error


async def _ask(node: LocalNode, entity: str, *, pinned: Collection[str] | None) -> District:
    statement = verify_entity_configuration(
        await fetch_configuration(node.client, entity),
        now=node.clock(),
        pinned=pinned,
        allow_insecure_loopback=node.config.allow_insecure_loopback,
    )
    if statement.subject != entity:
        raise Untrusted(Code.ISSUER_SUBJECT_MISMATCH, NO_NODE)
    return District(
        entity=entity,
        # The key that signed comes first: it is the one that people compare.
        pinned=[statement.kid, *(kid for kid in statement.keys if kid != statement.kid)],
        http_keys=_http_keys(statement),
        expires_at=statement.expires_at,
    )


def _http_keys(statement: EntityStatement) -> dict[str, Any]:
    keys = read_jwks(statement.metadata.get(SCHOOL_TYPE, {}).get("jwks", {"keys": []}), kinds=HTTP_KEYS)
    if not keys:
        raise Untrusted(Code.METADATA_INVALID, NO_NODE)
    return {kid: dict(jwk) for kid, jwk in keys.items()}


async def sharing_of(session: AsyncSession) -> Sharing | None:
    """What this school has set; None where it never named a district."""
    return await session.scalar(select(Sharing))


async def name_district(session: AsyncSession, *, actor: Actor, district: District, now: datetime) -> Sharing:
    """Take a node for the school's district. It sees nothing until something is shared."""
    await _tell_soon(session, await sharing_of(session), now)
    nothing: dict[str, Any] = {"entity": "", "pinned": [], "http_keys": {}, "shares": [], "problem": ""}
    await insert_if_missing(
        session, Sharing, id=ONLY_ROW, **nothing, created_at=now, updated_at=now, created_by=actor.person_id, version=1
    )
    row = await _locked(session)
    row.http_keys, row.keys_expire_at, row.problem = district.http_keys, district.expires_at, ""
    # Also at the same address: whoever answers there with another key was never shown what is shared.
    values: dict[str, Any] = {"entity": district.entity, "pinned": district.pinned, "shares": []}
    if row.entity != district.entity:
        row.created_at, row.read_at = now, None
    return await keep_changes(session, row, values, actor=actor, action="district.named", now=now)


async def choose_shares(
    session: AsyncSession, *, actor: Actor, entity: str, shares: Collection[str], now: datetime
) -> Sharing:
    """Let the district see these and nothing else, from this transaction on.

    Args:
        entity: the district that whoever chose was shown.

    Raises:
        NotFound: no district is named.
        Conflict: another one is named by now.
        InvalidInput: 'shares'.
    """
    if unknown := set(shares) - set(SHARES):
        raise InvalidInput({"shares": [f"There is no such thing to share: {', '.join(sorted(unknown))}."]})
    row = await _locked(session)
    if row.entity != entity:
        raise Stale(CHANGED)
    chosen = [one for one in SHARES if one in shares]
    await _tell_soon(session, row, now)
    action = "district.shared" if chosen else "district.stopped"
    return await keep_changes(session, row, {"shares": chosen}, actor=actor, action=action, now=now)


async def stop_sharing(session: AsyncSession, *, actor: Actor, now: datetime) -> Sharing:
    """Off, at once. Raises NotFound: no district is named."""
    row = await _locked(session)
    return await choose_shares(session, actor=actor, entity=row.entity, shares=(), now=now)


async def learn_district(node: LocalNode) -> datetime | None:
    """Read the district's keys again, from a statement that a pinned key of its signed; until when they hold."""
    async with node.database.reading() as session:
        row = await sharing_of(session)
    if row is None or not row.shares:
        return None
    problem, found = "", None
    try:
        found = await _ask(node, row.entity, pinned=row.pinned)
    except FederationError as error:
        problem = error.detail[:300]
    async with node.database.writing() as session:
        kept = await _locked(session)
        if kept.entity == row.entity:
            kept.problem = problem
            if found is not None:
                kept.pinned, kept.http_keys, kept.keys_expire_at = found.pinned, found.http_keys, found.expires_at
    return found.expires_at if found else None


async def learn_soon(session: AsyncSession, *, now: datetime) -> None:
    await enqueue(session, kind=LEARN, key="", run_at=now)


def telling_of_changes(clock: Clock) -> BeforeCommit:
    """Has the district look again whenever something that it may have a copy of is changed or removed."""

    async def tell(session: AsyncSession) -> None:
        changed = {action.partition(".")[0] for action in session.info.get(AUDITED, ())}
        if not changed & SEEN_BY_DISTRICT:
            return
        row = await sharing_of(session)
        if row is not None and row.shares:
            await enqueue(session, kind=TELL, key=row.entity, run_at=clock(), arguments={"entity": row.entity})

    return tell


async def _tell_soon(session: AsyncSession, row: Sharing | None, now: datetime) -> None:
    """Whom the school shares with, or did, looks again as soon as this commits."""
    if row is not None and row.entity:
        await enqueue(session, kind=TELL, key=row.entity, run_at=now, arguments={"entity": row.entity})
        await learn_soon(session, now=now)


async def _locked(session: AsyncSession) -> Sharing:
    row = await session.scalar(select(Sharing).with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound(NOT_NAMED)
    return row
