"""`nic network moderation`: what members flagged, and a coordinator's decision."""

from pathlib import Path
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.cli.acting import as_option
from nic_node.cli.answers import print_table
from nic_node.cli.network_of import network_option, network_that
from nic_node.cli.node import data_option, json_option, on_event_loop, opened_node, print_json
from nic_node.errors import NotFound
from nic_node.membership.local import LocalNode
from nic_node.network.coordinators import coordinator_actor
from nic_node.network.moderation.decide import (
    dismiss_flags,
    propose_block,
    propose_moderation,
    second,
    take_back_voice,
)
from nic_node.network.moderation.read import (
    case_document,
    flagged_document,
    flagged_records,
    logged_records,
    open_cases,
)
from schemas.vocab import MODERATION_REASONS

NO_RECORD = "The log of this network has no such record."


@click.command()
@click.option("--take-down", metavar="RECORD", default=None, help="Propose to take a record down.")
@click.option("--block", "blocked", metavar="RECORD", default=None, help="Propose to block its pseudonym from it on.")
@click.option("--reason", type=click.Choice(sorted(MODERATION_REASONS)), default="rule-broken", show_default=True)
@click.option("--dismiss", "dismissed", metavar="RECORD", default=None, help="Leave a flagged record as it is.")
@click.option("--second", "seconded", metavar="NUMBER", type=click.IntRange(1), default=None, help="Say yes too.")
@click.option("--undo", "undone", metavar="NUMBER", type=click.IntRange(1), default=None, help="Take your yes back.")
@network_option
@as_option
@data_option
@json_option
@on_event_loop
async def moderation(
    slug: str | None, email: str | None, data: Path | None, as_json: bool, reason: str, **asked: Any
) -> None:
    """What members flagged and what is proposed; take a record down, block, dismiss, or second with an option."""
    async with opened_node(data) as node, node.database.writing() as session:
        run = await network_that(session, slug)
        if any(value is not None for value in asked.values()):
            actor = await coordinator_actor(session, run.id, email)
            await _act(session, node, run.id, actor, reason, **asked)
        flagged = [flagged_document(one) for one in await flagged_records(session, run.id)]
        waiting = [case_document(view) for view in await open_cases(session, run.id)]
    if as_json:
        print_json({"flagged": flagged, "open": waiting})
        return
    rows = [(one["record"], one["title"], one["pseudonyms"], ", ".join(one["codes"])) for one in flagged]
    print_table(("record", "title", "pseudonyms", "codes"), rows, empty="No flag waits.")
    if waiting:
        cases = [(one["id"], one["act"], one["record"], f"{len(one['voices'])} of {one['needed']}") for one in waiting]
        print_table(("number", "proposed", "record", "said yes"), cases, empty="")


async def _act(
    session: AsyncSession,
    node: LocalNode,
    network_id: int,
    actor: Actor,
    reason: str,
    *,
    take_down: str | None,
    blocked: str | None,
    dismissed: str | None,
    seconded: int | None,
    undone: int | None,
) -> None:
    given: dict[str, Any] = {"network_id": network_id, "actor": actor, "now": node.clock()}
    if take_down is not None:
        await propose_moderation(session, operator_key=node.operator_key, record=take_down, reason=reason, **given)
    if blocked is not None:
        record = (await logged_records(session, network_id, [blocked])).get(blocked)
        if record is None:
            raise NotFound(NO_RECORD)
        of_record: dict[str, Any] = {"jkt": record.jkt, "from_index": record.index, "record": blocked}
        await propose_block(session, operator_key=node.operator_key, reason=reason, **of_record, **given)
    if dismissed is not None:
        await dismiss_flags(session, record=dismissed, **given)
    if seconded is not None:
        version = await _version(session, network_id, seconded)
        await second(session, operator_key=node.operator_key, case_id=seconded, version=version, **given)
    if undone is not None:
        await take_back_voice(session, case_id=undone, version=await _version(session, network_id, undone), **given)


async def _version(session: AsyncSession, network_id: int, case_id: int) -> int:
    for view in await open_cases(session, network_id):
        if view.case.id == case_id:
            return view.case.version
    raise NotFound("No such proposal waits. List them: nic network moderation.")
