"""The network's driver diagram: a version of its charter, with the results on its edges; and what is written of it."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert

from nic_node.commons.theory import build_theory, counts_words, draw_theory, my_theories
from nic_node.db.engine import Database
from nic_node.errors import Conflict, InvalidInput, NotAllowed, Stale
from nic_node.membership.documents import keep_copy
from nic_node.membership.tables import MembershipRow
from nic_node.network.documents import current_charter
from nic_node.network.log.queue import log_of
from nic_node.network.log.tables import LivingBlob, LogRecord
from nic_node.network.theory.read import quarter_of, syntheses_of, theory_of
from nic_node.network.theory.write import change_drivers, write_synthesis
from nic_node.network.versions import versions_of
from schemas.canonical import canonical_bytes, sha256_hex
from tests.conftest import TestClock
from tests.fakes.library import TEXTING, Library, described
from tests.stores.network_stage import Stage, staged
from tests.unit.accounts.stage import outcomes

DRIVERS = [
    {"name": "Families hear early", "ideas": ["two-way-texting", "home-visits"], "measures": ["absent-10pct-window"]},
    {"name": "Somebody asks", "ideas": ["mentoring"], "measures": []},
]


@pytest.fixture
async def stage(database: Database, tmp_path: Path, clock: TestClock) -> Stage:
    return await staged(database, clock, tmp_path)


async def draw(stage: Stage, drivers: list, *, version: int | None = None, actor: int = 0) -> int:
    async with stage.database.writing() as session:
        network = await change_drivers(
            session, network_id=stage.network.id, drivers=drivers, version=version or stage.network.version,
            actor=stage.people[actor], now=stage.clock(),
        )  # fmt: skip
        stage.network.version = network.version
        return network.version


async def keep(stage: Stage, *payloads: dict) -> None:
    """Put records into the network's log as the sequencer leaves them."""
    async with stage.database.writing() as session:
        log = await log_of(session, stage.network.id)
        for index, payload in enumerate(payloads, start=50):
            content = canonical_bytes({"kind": "practice", "payload": payload})
            own = {"log_id": log.id, "index": index}
            record = {"kind": "practice", "jkt": "x" * 43, "epoch": 1, "blob_sha256": sha256_hex(content)}
            await session.execute(insert(LogRecord).values(**own, **record))
            await session.execute(insert(LivingBlob).values(**own, sha256=sha256_hex(content), content=content))


async def test_each_change_is_a_version_of_the_charter_with_its_counts(stage: Stage) -> None:
    await keep(stage, TEXTING, described("Talks", "mentoring"), described("Elsewhere", "advisory"))
    await draw(stage, DRIVERS)
    await draw(stage, DRIVERS)  # nothing differs
    async with stage.database.reading() as session:
        charter = await current_charter(session, stage.network.id)
        theory = await theory_of(session, stage.network.id)
        versions = await versions_of(session, stage.network, "charter")
    assert (charter["version"], charter["drivers"][1]) == (2, {"name": "Somebody asks", "ideas": ["mentoring"]})
    assert theory.version == 2
    counted = {idea.idea: (idea.results, idea.way) for driver in theory.drivers for idea in driver.ideas}
    assert counted == {"two-way-texting": (1, "better"), "home-visits": (0, "none"), "mentoring": (1, "unclear")}
    assert [change.name for change in versions[0].charter_changes] == ["drivers"]
    assert "Families hear early: Two-way texting" in versions[0].charter_changes[0].after
    await draw(stage, [])
    async with stage.database.reading() as session:
        assert "drivers" not in await current_charter(session, stage.network.id)


async def test_what_can_not_be_drawn_is_refused(stage: Stage) -> None:
    for wrong in ([{"name": ""}], [{"name": "x", "ideas": ["alchemy"]}], [{"name": "x"}] * 9):
        with pytest.raises(InvalidInput):
            await draw(stage, wrong)
    with pytest.raises(Conflict):
        await draw(stage, DRIVERS, version=99)
    done, raised = await outcomes(
        draw(stage, DRIVERS, version=stage.network.version), draw(stage, DRIVERS[:1], version=stage.network.version)
    )
    assert (len(done), [type(error) for error in raised]) == (1, [Stale])


async def test_a_synthesis_keeps_the_numbers_and_the_version_that_it_speaks_of(stage: Stage) -> None:
    async def write(text: str, version: int | None = None, quarter: str = "2026-Q1", title: str = "Calls held") -> int:
        async with stage.database.writing() as session:
            one = await write_synthesis(
                session, network_id=stage.network.id, quarter=quarter, title=title, text=text, version=version,
                actor=stage.people[0], now=stage.clock(),
            )  # fmt: skip
            return one.version

    await keep(stage, TEXTING)
    await draw(stage, DRIVERS)
    first = await write("Texts held.\nVisits are not tried.")
    await draw(stage, DRIVERS[:1])
    with pytest.raises(Conflict):
        await write("Again")
    await write("Texts held.", first)
    await write("Next", quarter="2026-Q2")
    for wrong in ({"quarter": "2026-5"}, {"title": " "}, {"title": "x" * 121}):
        with pytest.raises(InvalidInput):
            await write("Text", **wrong)
    async with stage.database.reading() as session:
        newest, older = await syntheses_of(session, stage.network.id)
    assert (newest.quarter, older.text, older.charter_version) == ("2026-Q2", "Texts held.", 3)
    assert older.numbers["drivers"][0]["ideas"][0] == {
        "idea": "two-way-texting", "results": 1, "better": 1, "no-clear-change": 0, "worse": 0, "cannot-tell": 0,
        "untold": 0,
    }  # fmt: skip
    assert [quarter_of(date(2026, month, 1)) for month in (1, 3, 4, 12)] == ["2026-Q1", "2026-Q1", "2026-Q2", "2026-Q4"]


async def test_only_coordinators_draw_and_write(stage: Stage) -> None:
    stranger = stage.people[-1]
    async with stage.database.writing() as session:
        with pytest.raises(NotAllowed):
            await change_drivers(
                session, network_id=stage.network.id, drivers=DRIVERS, version=1, actor=stranger, now=stage.clock()
            )
        with pytest.raises(NotAllowed):
            await write_synthesis(
                session, network_id=stage.network.id, quarter="2026-Q1", title="x", text="x", version=None,
                actor=stranger, now=stage.clock(),
            )  # fmt: skip


async def test_a_member_sees_the_theory_beside_the_results_in_its_library(database: Database, clock: TestClock) -> None:
    library = Library(database, clock)
    await library.open()
    origin = await library.add(TEXTING, "ada", context="rural")
    await library.replicate(origin, TEXTING | {"direction": "worse"}, "ben")
    await library.replicate(origin, TEXTING | {"direction": "worse"}, "cem")
    network = library.network.network
    charter = {
        "v": 1, "kind": "charter", "network": network, "version": 4, "name": "Old name", "purpose": "Attendance",
        "aim": "One in ten fewer", "drivers": [{"name": "Families hear", "ideas": ["two-way-texting", "advisory"]}],
    }  # fmt: skip
    content = canonical_bytes(charter)
    async with database.writing() as session:
        await keep_copy(session, network=network, sha256=sha256_hex(content), content=content, now=clock())
        row = await session.get_one(MembershipRow, 1)
        row.network_metadata = row.network_metadata | {"charter_sha256": sha256_hex(content)}
    async with database.reading() as session:
        (theory,) = await my_theories(session, now=clock())
    assert (theory.name, theory.version) == ("Northern schools", 4)
    texting, advisory = theory.drivers[0].ideas
    assert counts_words(texting.counts) == "3 results: 1 better, 2 worse"
    assert (texting.way, advisory.way, counts_words(advisory.counts)) == ("worse", "none", "no result yet")
    drawing = draw_theory(theory)
    assert drawing is not None
    assert drawing.says == "1 of 2 ideas have results: in 0 of them most got better, in 1 most got worse."
    assert drawing.rows[0] == ["Families hear", "Two-way texting", 3, 1, 0, 2, 0, 0]
    assert draw_theory(build_theory({name: charter[name] for name in ("network", "name", "version")}, {})) is None
    assert counts_words(Counter(better=1)) == "1 result: 1 better"
