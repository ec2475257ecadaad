"""Who wrote a record can't be picked from what relays saw, or from what the network saw, better than by chance.

Relays together and the network together are two attackers who don't collude. Each attack is shown to succeed where
the guard against it is taken away.
"""

import logging
from collections.abc import AsyncIterator
from math import comb

import pytest
import structlog

from nic_node.publishing import slots
from tests.attack.attackers import network_attacks, relay_attacks
from tests.attack.seen import Transcripts
from tests.attack.transcripts import (
    ROWS_OF_RELAYS_EACH,
    SCHOOLS,
    Federation,
    leave_relays_out,
    run_slots,
    running_federation,
)
from tests.conftest import TestClock
from tests.fakes.network_log import START

SLOTS = 30
AUTHORS = 3
ENVELOPE = "65536"
ALPHA = 1e-6
"""How seldom a sound run is called unsound, for each attack: the moments and keys are drawn afresh in each run."""


@pytest.fixture(scope="module")
async def federation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Federation]:
    """One for the whole file: what a test takes away it puts back."""
    with pytest.MonkeyPatch.context() as patch:
        async with running_federation(TestClock(START), tmp_path_factory.mktemp("nodes"), patch) as running:
            yield running


@pytest.fixture(autouse=True)
def fresh(federation: Federation) -> None:
    federation.seen = Transcripts()


def most_by_chance(guesses: int, share: float) -> int:
    """So many hits are exceeded with probability ALPHA at most: the binomial distribution's quantile."""
    reached, hits = (1 - share) ** guesses, 0
    while reached < 1 - ALPHA:
        hits += 1
        reached += comb(guesses, hits) * share**hits * (1 - share) ** (guesses - hits)
    return hits


async def test_the_author_is_picked_no_better_than_by_chance(
    federation: Federation, caplog: pytest.LogCaptureFixture
) -> None:
    with structlog.testing.capture_logs() as lines, caplog.at_level(logging.INFO):
        seen = await run_slots(federation, SLOTS, authors_a_slot=AUTHORS)
    entities = federation.entities
    # The relay that brought a record is not its author: one of eleven is left.
    for attack, (hits, guesses) in network_attacks(seen, entities).items():
        assert guesses == SLOTS * AUTHORS
        assert hits <= most_by_chance(guesses, 1 / (SCHOOLS - 1)), attack
    for attack, (hits, guesses) in relay_attacks(seen, entities).items():
        assert guesses == SLOTS * AUTHORS
        assert hits <= most_by_chance(guesses, AUTHORS / SCHOOLS), attack
    assert not lines, "no node says anything of an envelope"
    # The test's servers may write an access log; a node is served without one (nic_node/app/serve.py).
    assert not [record for record in caplog.records if record.name != "aiohttp.access"]
    all_look_alike(seen, entities)
    nothing_names_the_author(seen, entities)


def all_look_alike(seen: Transcripts, entities: list[str]) -> None:
    """Each member sends one envelope a slot, and all requests and answers have one form."""
    for slot in seen.slots():
        assert sorted(one.signer for one in seen.sent(slot)) == sorted(entities)
    for every in (seen.network, [one for slot in seen.slots() for one in seen.sent(slot)]):
        assert len(every) == SLOTS * SCHOOLS
        assert {one.header("Content-Length") for one in every} == {ENVELOPE}
        assert {one.status for one in every} == {202}
        assert len({tuple(name for name, _ in one.headers) for one in every}) == 1
        assert len({one.path for one in every}) == 1
    assert not {one.header("Content-Digest") for one in seen.network} ^ {
        one.header("Content-Digest") for slot in seen.slots() for one in seen.sent(slot)
    }, "the same envelopes came through, and nothing else that says so"


def nothing_names_the_author(seen: Transcripts, entities: list[str]) -> None:
    assert len(seen.relay_rows) == SLOTS // ROWS_OF_RELAYS_EACH * SCHOOLS
    for slot in seen.slots():
        relays = {one.signer for one in seen.network if one.slot == slot}
        named = {entity for entity in entities if entity in seen.rows[slot]}
        assert named <= relays, "the network's new rows name relays only"
    for one in seen.network:
        assert [entity for entity in entities if entity in one.words()] == [one.signer]
        digest = one.header("Content-Digest").split(":")[1]
        assert digest not in seen.relay_rows.get((one.signer, one.slot), ""), "a relay keeps nothing of an envelope"


# The attacks are real ---------------------------------------------------------------------------------------------------


async def test_without_dummies_relays_know_who_wrote(federation: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    send = slots._send

    async def only_records(node, network, envelope) -> bool:
        return envelope.outgoing is None or await send(node, network, envelope)

    monkeypatch.setattr(slots, "_send", only_records)
    seen = await run_slots(federation, 2, authors_a_slot=AUTHORS)
    hits, guesses = relay_attacks(seen, federation.entities)["how many, most"]
    assert hits == guesses == 2 * AUTHORS


async def test_with_the_identity_passed_on_the_network_knows_who_wrote(federation: Federation) -> None:
    await leave_relays_out(federation)
    seen = await run_slots(federation, 2, authors_a_slot=AUTHORS)
    await leave_relays_out(federation, direct=False)
    hits, guesses = network_attacks(seen, federation.entities)["who brought it"]
    assert hits == guesses == 2 * AUTHORS


async def test_with_records_sent_at_once_relays_know_who_wrote(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the drawn moment: what was approved leaves at the start of the next slot."""
    queue = federation.queue_record

    async def hurried(school) -> None:
        await queue(school)
        school.due = federation.clock()

    monkeypatch.setattr(federation, "queue_record", hurried)
    seen = await run_slots(federation, 2, authors_a_slot=AUTHORS)
    hits, guesses = relay_attacks(seen, federation.entities)["moment, least"]
    assert hits == guesses == 2 * AUTHORS
