"""Drawing the driver diagram anew, which is a new version of the charter, and writing about a quarter."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.audit import record_audit
from nic_node.errors import InvalidInput, Stale
from nic_node.i18n import N_
from nic_node.network.coordinators import verify_coordinator
from nic_node.network.documents import current_charter, keep
from nic_node.network.read import network_of
from nic_node.network.tables import Network
from nic_node.network.theory.read import theory_of
from nic_node.network.theory.tables import TEXT_LENGTH, TITLE_LENGTH, Synthesis
from schemas.document import InvalidDocument, load_document
from schemas.policy import CHARTER
from schemas.text import normal_text

QUARTER: Final = re.compile(r"20\d\d-Q[1-4]")
STALE = N_("Somebody changed the charter since you opened it. Look at it, then save again.")
STALE_TEXT = N_("Somebody changed this synthesis since you opened it. Look at it, then save again.")
NO_QUARTER = N_("A quarter is written as 2026-Q4.")
NO_TEXT = N_("Write a title of up to 120 characters and a text of up to 6,000.")


async def change_drivers(
    session: AsyncSession,
    *,
    network_id: int,
    drivers: Sequence[Mapping[str, Any]],
    version: int,
    actor: Actor,
    now: datetime,
) -> Network:
    """Put the diagram into a new version of the charter; none of it leaves the charter without a diagram.

    Args:
        drivers: name, ideas and measures of each, as `schemas.policy.DriverSchema` has them; empty lists are left out.

    Raises:
        InvalidInput: a driver without a name, more than eight, or an id of no list. Conflict: stale version.
    """
    await verify_coordinator(session, network_id, actor)
    network = await network_of(session, network_id, for_update=True)
    if network.version != version:
        raise Stale(STALE)
    today = await current_charter(session, network_id)
    kept = [{"name": normal_text(driver["name"])} | _lists(driver) for driver in drivers]
    document = {name: value for name, value in today.items() if name != "drivers"}
    document |= {"drivers": kept} if kept else {}
    if document == today:
        return network
    try:
        document = load_document(CHARTER, document | {"version": today["version"] + 1})
    except InvalidDocument as error:
        raise InvalidInput({"drivers": [error.message]}, error.message) from error
    before = network.charter_sha256
    network.charter_sha256 = await keep(session, network.id, document, now)
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="network.policy-changed",
        subject="network",
        subject_id=network.id,
        before={"policy": network.policy_sha256, "charter": before},
        after={"policy": network.policy_sha256, "charter": network.charter_sha256, "changed": ["drivers"]},
        now=now,
    )
    return network


def _lists(driver: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: list(driver[name]) for name in ("ideas", "measures") if driver.get(name)}


async def write_synthesis(
    session: AsyncSession,
    *,
    network_id: int,
    quarter: str,
    title: str,
    text: str,
    version: int | None,
    actor: Actor,
    now: datetime,
) -> Synthesis:
    """Write about a quarter, or change what was written; the numbers and the charter's version are today's.

    Args:
        version: of what is changed; None for a quarter that nothing was written about.

    Raises:
        InvalidInput: no quarter, no title or no text. Conflict: stale version.
    """
    await verify_coordinator(session, network_id, actor)
    title, text = normal_text(title), normal_text(text, multiline=True)
    if QUARTER.fullmatch(quarter) is None:
        raise InvalidInput({"quarter": [NO_QUARTER]}, NO_QUARTER)
    if not 1 <= len(title) <= TITLE_LENGTH or not 1 <= len(text) <= TEXT_LENGTH:
        raise InvalidInput({"text" if title else "title": [NO_TEXT]}, NO_TEXT)
    await network_of(session, network_id, for_update=True)
    own = select(Synthesis).where(Synthesis.network_id == network_id, Synthesis.quarter == quarter)
    row = await session.scalar(own)
    if (row.version if row is not None else None) != version:
        raise Stale(STALE_TEXT)
    theory = await theory_of(session, network_id)
    if row is None:
        row = Synthesis(network_id=network_id, quarter=quarter)
        session.add(row)
    row.title, row.text, row.charter_version, row.numbers = title, text, theory.version, theory.document()
    row.written_by, row.written_at = actor.person_id or 0, now
    await session.flush()
    await record_audit(
        session,
        actor=actor,
        action="network.synthesis-written",
        subject="network",
        subject_id=network_id,
        before=None,
        after={"quarter": quarter, "title": title, "charter_version": theory.version},
        now=now,
    )
    return row
