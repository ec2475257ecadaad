"""A page of a list of 10,000 members, searched by two words and sorted by name, against bare SQL for the same words.

Ours counts all that fit, looks for the page and reads its rows; the other is one statement of Python's own sqlite3.
"""

import asyncio
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from bench.pairs import Result, compare
from nic_node.app.tables import METADATA
from nic_node.db.engine import Database
from nic_node.network.find import MemberPage, Wanted, list_members
from nic_node.network.fold import fold
from nic_node.network.tables import Member, Network

MEMBERS = 10_000
NOW = datetime(2026, 10, 27, 12, tzinfo=UTC)
WANTED = Wanted(state="approved", words="lakes school", order="name")
FITTING = (
    "FROM network_members WHERE network_id = 1 AND state = 'approved'"
    " AND search_text LIKE '%lakes%' AND search_text LIKE '%school%'"
)
BARE = f"SELECT id, (SELECT count(*) {FITTING}) {FITTING} ORDER BY sort_name LIMIT 51"


def run() -> Result:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        database = runner.run(_filled(Path(folder)))
        bare = sqlite3.connect(Path(folder) / "nic.sqlite3")

        def ours() -> None:
            assert len(runner.run(_page(database)).items) == WANTED.limit

        def reference() -> None:
            assert len(bare.execute(BARE).fetchall()) == WANTED.limit + 1

        result = compare("member-list", ours, reference, n=1, clock="wall")
        bare.close()
        runner.run(database.close())
    return result


async def _page(database: Database) -> MemberPage:
    async with database.reading() as session:
        return await list_members(session, 1, WANTED)


async def _filled(folder: Path) -> Database:
    database = Database.connect(f"sqlite:///{folder / 'nic.sqlite3'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    async with database.writing() as session:
        session.add(_network())
        await session.flush()
        await session.execute(insert(Member), [_member(number) for number in range(MEMBERS)])
    return database


def _network() -> Network:
    return Network(
        slug="hub", entity="https://hub.example/net/hub", name="Hub", log_key="k", leaf_jwk={}, charter_sha256="c",
        policy_sha256="p", created_at=NOW,
    )  # fmt: skip


def _member(number: int) -> dict[str, object]:
    name, entity = f"School {number * 7919 % MEMBERS}", f"https://school-{number}.example"
    district = f"Lakes Unified {number % 40}"
    keys = {f"k{number}": {"kty": "EC", "crv": "P-256", "x": "x" * 43, "y": "y" * 43}}
    return {
        "network_id": 1, "public_id": f"m{number}", "entity": entity, "jkt": f"k{number}", "name": name,
        "sort_name": fold(name), "search_text": fold(f"{name} {entity} {district}"), "state": "approved", "keys": keys,
        "http_keys": keys, "profile": {"name": name, "district": district}, "contact": {}, "policy_sha256": "p",
        "charter_sha256": "c", "applied_at": NOW, "settled": {}, "code_tries": 0, "version": 1,
    }  # fmt: skip
