"""All checks of a node in their order. None changes anything, and one that can't be made never hides another."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.clock import Clock
from nic_node.config import Config
from nic_node.db.engine import Database
from nic_node.i18n import N_
from nic_node.keyring.operator_key import OperatorKey
from nic_node.operations import machine, outside, stored
from nic_node.operations.checks import Check, CheckState, fail
from nic_node.peerhttp.client import PeerClient


async def examine(
    config: Config, *, database: Database, client: PeerClient, clock: Clock, is_thorough: bool
) -> list[Check]:
    """Every check, made on a node that runs or on one that doesn't.

    Args:
        is_thorough: also read the whole database, which takes minutes where there is much.
    """
    found = [machine.check_configuration(config), await asyncio.to_thread(machine.check_folder, config)]
    said, operator_key = await asyncio.to_thread(machine.find_operator_key, config)
    found.append(said)
    answers = await _database(config, database, is_thorough=is_thorough)
    found += answers
    if all(check.state is not CheckState.FAIL for check in answers):
        found += await _inside(config, database, client, clock, operator_key)
    found.append(await asyncio.to_thread(machine.check_disk, config))
    found.append(await asyncio.to_thread(machine.check_backup, config, clock()))
    return found


async def _database(config: Config, database: Database, *, is_thorough: bool) -> list[Check]:
    if database.is_sqlite and not await asyncio.to_thread(_has_file, database):
        return [
            fail(
                "database",
                N_("There is no database in %(folder)s."),
                N_("Name the node's folder with --data, or restore a backup: nic restore FILE."),
                folder=config.data,
            )
        ]
    answers = await stored.check_database(database, is_thorough=is_thorough)
    if answers.state is CheckState.FAIL:
        return [answers]
    return [answers, await stored.check_tables(database)]


def _has_file(database: Database) -> bool:
    return database.engine.url.database is not None and Path(database.engine.url.database).is_file()


async def _inside(
    config: Config, database: Database, client: PeerClient, clock: Clock, operator_key: OperatorKey | None
) -> list[Check]:
    found: list[Check] = []

    async def add(name: str, make: Callable[[AsyncSession], Awaitable[Check | list[Check]]]) -> None:
        try:
            async with database.reading() as session:
                made = await make(session)
        except (SQLAlchemyError, OSError) as error:
            step = N_("Check the database, then run nic doctor again.")
            made = fail(name, N_("This could not be checked (%(why)s)."), step, why=type(error).__name__)
        found.extend(made if isinstance(made, list) else [made])

    if operator_key is not None:
        entity, key = config.entity_id, operator_key
        await add("keys", lambda session: stored.check_keys(session, entity_id=entity, operator_key=key, now=clock()))
    await add("clock", lambda session: outside.check_clock(session, client, clock))
    await add("reachability", lambda session: outside.check_reachable(session, client, config, now=clock()))
    await add("mirror", lambda session: stored.check_mirror(session, now=clock()))
    await add("log", stored.check_logs)
    await add("queue", lambda session: stored.check_queue(session, now=clock()))
    await add("mail", stored.check_mail)
    return found
