"""`nic log evidence`, `nic log resolve`: on a data folder of a school that was shown two histories."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from nic_node.app.node import open_node
from nic_node.config import read_config
from tests.cli.calls import nic
from tests.cli.serving import give_address, serving
from tests.conftest import TestClock
from tests.fakes.forks import show_two_histories


async def show(folder: Path) -> None:
    async with open_node(read_config(folder, {})) as opened:
        await show_two_histories(opened.local.database, TestClock(datetime.now(UTC)))


def test_what_was_seen_is_listed_and_checked_from_outside_and_somebody_decides(school: Path) -> None:
    assert "No log showed two." in nic("log", "evidence", data=school).out
    address = give_address(school)
    asyncio.run(show(school))
    (seen,) = nic("log", "evidence", "--json", data=school).document["items"]
    assert (len(seen["first"]["cosigned"]), len(seen["second"]["cosigned"]), seen["choice"]) == (2, 0, "")
    listed = nic("log", "evidence", data=school)
    assert "5 entries, 2 witnesses" in " ".join(listed.out.split())

    with serving(school):
        checked = nic("log", "evidence", "--of", address, "--json", data=school)
    assert checked.code == 1, "whoever it is asked of, it is proof"
    assert '"is_proven": true' in checked.out

    assert nic("log", "resolve", 1, data=school).code == 2
    early = nic("log", "resolve", 1, "--successor", data=school)
    assert (early.code, "names no log that follows" in early.err) == (1, True)
    assert nic("log", "resolve", 7, "--keep", data=school).code == 1
    decided = nic("log", "resolve", 1, "--keep", "--note", "They restored.", "--json", data=school).document
    assert (decided["choice"], decided["note"], decided["resolved_by"]) == ("keep", "They restored.", "Ada Field")
    assert nic("log", "resolve", 1, "--keep", data=school).code == 1
