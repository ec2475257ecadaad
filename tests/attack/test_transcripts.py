"""Who wrote a record can't be picked from what relays saw, or from what the network saw, better than by chance.

Relays together and the network together are two attackers who don't collude. Each attack is shown to succeed where
something leaks what it looks at.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from nic_node.network.log.tables import LogRecord
from nic_node.publishing.relays.tables import RelayDraw
from tests.attack import network_attacker, relay_attacker
from tests.attack.attackers import ASPECTS, Attack, Tally
from tests.attack.leaks import TO_NETWORK, TO_RELAYS, TOGETHER
from tests.attack.seen import Transcripts
from tests.attack.transcripts import SCHOOLS, Federation, running_federation
from tests.conftest import TestClock
from tests.fakes.network_log import START

SLOTS = 30
AUTHORS = 3
SETTLED_AFTER, BUSY_EVERY = (6, 14, 22), 4
ENVELOPE = "65536"
KINDS = {"practice", "question", "answer", "flag", "retract"}
FEWEST_OF_A_KIND = 4
MANY_AUTHORS = 5


@pytest.fixture(scope="module")
async def federation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Federation]:
    """One for the whole file: what a test takes away it puts back."""
    with pytest.MonkeyPatch.context() as patch:
        async with running_federation(TestClock(START), tmp_path_factory.mktemp("nodes"), patch) as running:
            yield running


async def test_the_author_is_picked_no_better_than_by_chance(federation: Federation) -> None:
    await federation.begin()
    for number in range(SLOTS):
        # Now and then two relays in a row find the network too busy: the third passes it on.
        federation.refuse_next = 2 if number % BUSY_EVERY == 0 else 0
        await federation.one_slot(authors=AUTHORS)
        if number in SETTLED_AFTER:
            await federation.settle()
    seen = federation.seen
    await everything_arrived(federation)

    by_record = network_attacker.by_record(seen)
    no_better_than_chance(by_record, guesses=len(seen.records()))
    no_better_than_chance(network_attacker.by_pseudonym(seen), guesses=SCHOOLS)
    no_better_than_chance(relay_attacker.by_slot(seen))
    for kind in KINDS:
        of_kind = replace(seen, contents={at: each for at, each in seen.contents.items() if each.kind == kind})
        assert len(of_kind.records()) >= FEWEST_OF_A_KIND, f"{kind} is among what was sent"
        no_better_than_chance(network_attacker.by_record(of_kind), guesses=len(of_kind.records()))
        no_better_than_chance(relay_attacker.by_slot(of_kind))
    assert {aspect for aspect, _ in by_record} == {aspect for aspect, _ in relay_attacker.ATTACKS} == set(ASPECTS)
    for leaks in (TO_NETWORK, TO_RELAYS):
        assert [aspect for aspect, _ in leaks] == list(ASPECTS), "each has a leak that is found"
    assert sorted(aspect for aspects in TOGETHER for aspect in aspects) == sorted(ASPECTS)
    assert not [line for lines in seen.lines.values() for line in lines], "no node says anything of an envelope"
    all_look_alike(seen, federation.entities)
    nothing_names_the_author(seen, federation.entities)


def no_better_than_chance(tallies: dict[Attack, Tally], guesses: int | None = None) -> None:
    for attack, tally in tallies.items():
        assert guesses in (None, len(tally.chances)), attack
        assert tally.hits <= tally.most_by_chance, attack


async def everything_arrived(federation: Federation) -> None:
    async with federation.served.node.local.database.reading() as session:
        records = (await session.scalars(select(LogRecord))).all()
    assert {record.kind for record in records} | {"retract"} == KINDS
    assert {record.gone for record in records} == {None, "withdrawn", "corrected"}
    assert set(await federation.served.stage.refusals()) == {("record", "target-unknown")}, "what was meant to be"


def all_look_alike(seen: Transcripts, entities: list[str]) -> None:
    """Each member sends in each slot, and all requests have one form, as have all answers that take one."""
    for slot in seen.slots():
        assert {one.signer for one in seen.sent(slot)} == set(entities)
    relayed = [one for slot in seen.slots() for one in seen.sent(slot)]
    for every, refused in ((seen.network, 503), (relayed, 502)):
        assert {one.header("Content-Length") for one in every} == {ENVELOPE}
        assert {one.status for one in every} == {202, refused}
        assert len({tuple(name for name, _ in one.headers) for one in every}) == 1
        assert len({one.path for one in every}) == 1
        assert len({one.answer for one in every if one.status == refused}) == 1
        assert len({one.answer for one in every if one.status != refused}) == 1
    assert {one.digest for one in seen.network} == {one.digest for one in relayed}, "the same came through"


def nothing_names_the_author(seen: Transcripts, entities: list[str]) -> None:
    for slot in seen.slots():
        relays = {one.signer for one in seen.network if one.slot == slot}
        # When each was last heard of is kept too, as a relay and as a reader.
        rows = [row for row in seen.rows[slot] if not row.startswith("network_members ")]
        named = {entity for entity in entities for row in rows if entity in row}
        assert named <= relays, "the network's new rows name relays only"
    for one in seen.network:
        assert [entity for entity in entities if entity in one.words()] == [one.signer]
        kept = seen.relay_rows[one.signer, one.slot]
        assert not [row for row in kept for mark in one.marks if mark in row], "a relay keeps nothing of an envelope"


# The attacks are real ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aspects", TOGETHER, ids="-".join)
async def test_what_leaks_is_found(
    federation: Federation, monkeypatch: pytest.MonkeyPatch, aspects: tuple[str, ...]
) -> None:
    """By each end, through the aspect that its leak is of."""
    of_network = [attack for attack in TO_NETWORK if attack[0] in aspects]
    of_relays = [attack for attack in TO_RELAYS if attack[0] in aspects]
    await federation.begin()
    for leak in {TO_NETWORK[attack] for attack in of_network} | {TO_RELAYS[attack] for attack in of_relays}:
        leak(federation, monkeypatch)
    await federation.one_slot(authors=MANY_AUTHORS, turns=("practice",), once=True)
    by_record, by_slot = network_attacker.by_record(federation.seen), relay_attacker.by_slot(federation.seen)
    for found in (*(by_record[attack] for attack in of_network), *(by_slot[attack] for attack in of_relays)):
        assert found.hits == len(found.chances) == MANY_AUTHORS


async def test_without_relays_the_network_knows_who_wrote(federation: Federation) -> None:
    await federation.begin()
    await leave_relays_out(federation, direct=True)
    await federation.one_slot(authors=MANY_AUTHORS, turns=("practice",), once=True)
    await leave_relays_out(federation, direct=False)
    records = federation.seen.records()
    assert [one.signer for one in records] == [federation.seen.origins[one.digest] for one in records]
    assert len(records) == MANY_AUTHORS


async def leave_relays_out(federation: Federation, *, direct: bool) -> None:
    for school in federation.schools:
        async with school.node.database.writing() as session:
            await session.execute(update(RelayDraw).values(direct=direct))
