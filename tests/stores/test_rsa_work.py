"""RSA where it is needed and nowhere else: off the event loop, and one verification a pseudonym."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation import blindrsa
from nic_node.db.engine import Database
from nic_node.network.log import issue
from nic_node.publishing import participate
from tests.conftest import TestClock
from tests.fakes.mirroring import Mirroring, mirroring
from tests.fakes.network_log import MEMBERS
from tests.stores.publishing_stage import publishing_world
from tests.unit.network.log.stage import SCHOOLS, SLOT, running_stage


class Threads:
    """In which threads a function ran; it runs as ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        self.ran: list[int] = []
        real: Callable[..., Any] = getattr(module, name)

        def watched(*args: Any, **named: Any) -> Any:
            self.ran.append(threading.get_ident())
            return real(*args, **named)

        monkeypatch.setattr(module, name, watched)


async def test_a_network_signs_off_the_event_loop(
    sqlite_database: Database, tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing = Threads(monkeypatch, issue, "blind_sign")
    async with running_stage(sqlite_database, clock, tmp_path, monkeypatch) as stage:
        await stage.admit(*SCHOOLS)
        await stage.announce()
        await stage.issue("ada")
        await stage.issue("ada")
    assert len(signing.ran) == 1, "the same request gets the answer that it got"
    assert threading.get_ident() not in signing.ran


async def test_a_school_blinds_and_unblinds_off_the_event_loop(
    sqlite_database: Database, tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [Threads(monkeypatch, participate, name) for name in ("blind", "finalize", "verify_credential")]
    async with publishing_world(sqlite_database, tmp_path, clock) as world:
        await world.join()
        await world.follow()
    assert [len(step.ran) for step in steps] == [1, 1, 1]
    assert threading.get_ident() not in {thread for step in steps for thread in step.ran}


async def test_a_reader_verifies_each_credential_once_for_ever(
    database: Database, tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mirroring(database, tmp_path, clock) as world:
        verified = Threads(monkeypatch, blindrsa, "is_signature")
        await world.pull()
        assert len(verified.ran) == len(MEMBERS)
        assert threading.get_ident() not in verified.ran
        # Records by these pseudonyms, one taken back, pulls without news.
        index = world.log.publish("ada")
        world.log.publish("ben")
        await world.pull()
        world.log.append(world.log.retract("ada", index))
        world.served.gone.add(index)
        for _ in range(2):
            await world.pull()
        # The node starts anew: other objects on the same database.
        again = Mirroring(replace(world.node), world.served, clock)
        again.membership_id = world.membership_id
        world.log.publish("cem")
        report = await again.pull()
        assert report.new_records == 1
    assert len(verified.ran) == len(MEMBERS)


async def test_a_network_verifies_each_credential_once(
    sqlite_database: Database, tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_stage(sqlite_database, clock, tmp_path, monkeypatch) as stage:
        await stage.admit(*SCHOOLS)
        await stage.announce()
        for name in SCHOOLS:
            await stage.issue(name)
        await stage.sequence()
        leaves = [await stage.pseudonym_leaf(name) for name in SCHOOLS]
        stage.clock.now = (await stage.windows()).issue_to
        await stage.advance()
        verified = Threads(monkeypatch, blindrsa, "is_signature")
        for leaf in [*leaves, *leaves]:
            await stage.submit(leaf)
        stage.clock.forward(seconds=SLOT)
        await stage.sequence()
        await stage.submit(leaves[0])
        stage.clock.now = (await stage.windows()).active_from
        await stage.advance()
        await stage.publish("ada")
        assert await stage.refusals() == []
    assert len(verified.ran) == len(SCHOOLS)
