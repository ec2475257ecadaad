"""One table of lies: who tells it, what is altered, and the code or state that a node finds. Nothing of it stays.

Each row is a case in a copy of one world that was made once. Some are told again to a node that lacks the guard against
them: then the row has to fail, or it shows nothing.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from federation import jws, leaves
from federation.judge import EpochRow, LogState, blobs, by_network, by_pseudonyms
from federation.judge import leaves as judging_leaves
from federation.judge.rows import Row
from federation.leaves import Leaf
from federation.tlog import note
from federation.tlog import reader as reader_of_logs
from federation.tlog.checkpoint import Checkpoint, VerifiedCheckpoint, verify_checkpoint
from federation.tlog.fork import Fork
from federation.tlog.note import VerifierKey
from federation.tlog.witness import AddCheckpoint
from nic_node.mirror import believe, entries, follow, witness
from nic_node.mirror.forks import evidence
from nic_node.mirror.held import HeldLog
from nic_node.peerhttp.nonces import NonceStore
from schemas.canonical import read_json
from tests.attack.lies_of_bytes import LIES as OF_BYTES
from tests.attack.lies_of_bytes import Lie
from tests.attack.lies_of_contents import LIES as OF_CONTENTS
from tests.attack.lies_of_peers import LIES as OF_PEERS
from tests.attack.lies_of_relays import LIES as OF_RELAYS
from tests.attack.lies_of_relays import RelayLie, carry, send_again
from tests.attack.reader import FRESH, READ, WITNESSED, Stands, standing
from tests.conftest import TestClock, open_sqlite
from tests.fakes.dishonest_relay import DishonestRelay
from tests.unit.network.log.served import served_stage
from tests.unit.network.people_stage import running_node

TABLE = (*OF_BYTES, *OF_CONTENTS, *OF_PEERS)


@pytest.fixture(scope="module")
async def stands(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stands]:
    async with standing(tmp_path_factory.mktemp("stands")) as made:
        yield made


@pytest.mark.parametrize("lie", TABLE, ids=lambda lie: f"{lie.liar}: {lie.name}")
async def test_a_lie_is_found_out_and_harms_nothing(stands: Stands, tmp_path: Path, lie: Lie) -> None:
    async with stands.copied(lie.stands, tmp_path) as reader:
        if lie.stands != FRESH:
            reader.publish("Third", "cem")
        lie.tell(reader)
        assert await lie.look(reader) == lie.found
        if lie.stands in {READ, WITNESSED}:
            assert {"First", "Second"} - lie.gone <= await reader.titles()
        assert reader.peers.visited == []
        reader.peers.be_honest()
        reader.clock.forward(minutes=3)
        again = await reader.found()
        titles = await reader.titles()
    honest = "provisional" if lie.stands == WITNESSED and lie.found != "taken" else "taken"
    assert (again, "Third" in titles) == ((honest, not lie.is_shut) if lie.ends else ("frozen", False))


@pytest.fixture(scope="module")
async def relay(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DishonestRelay]:
    """Between authors and a whole network whose term is open."""
    folder, clock = tmp_path_factory.mktemp("network"), TestClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    database = await open_sqlite(folder)
    with pytest.MonkeyPatch.context() as patched:
        async with running_node(database, clock, folder) as node:
            served = await served_stage(node, patched)
            await served.stage.open_epoch()
            async with DishonestRelay(served).running() as carrying:
                yield carrying
    await database.close()


@pytest.mark.parametrize("lie", OF_RELAYS, ids=lambda lie: f"relay: {lie.name}")
async def test_a_relay_that_lies_loses_and_doubles_nothing(relay: DishonestRelay, lie: RelayLie) -> None:
    relay.behave = lie.behaviour
    records = [relay.network.stage.record(name) for name in ("ada", "cem")]
    assert await carry(relay, records) == lie.found
    assert await send_again(relay, records) == [1, 1]


# Without the guard ------------------------------------------------------------------------------------------------------


def nothing(*arguments: object, **named: object) -> None:
    """In the place of a check that raises."""


async def nothing_awaited(*arguments: object, **named: object) -> None:
    """The same, where it is awaited."""


async def no_copy(*arguments: object, **named: object) -> int:
    return 0


def at_once(request: AddCheckpoint, log_key: VerifierKey, held: Checkpoint) -> VerifiedCheckpoint:
    return verify_checkpoint(request.note, log_key)


def both_as_signed(fork: Fork, log_key: VerifierKey) -> tuple[Checkpoint, Checkpoint]:
    return verify_checkpoint(fork.first, log_key).checkpoint, verify_checkpoint(fork.second, log_key).checkpoint


def none_named(*arguments: object) -> tuple[Row, ...]:
    return ()


def as_counted(state: LogState, leaf: Leaf) -> EpochRow:
    return state.epochs[leaf.payload["epoch"]]


def at_any_rate(*arguments: object) -> bool:
    return True


GUARDS: dict[str, tuple[Any, str, Any]] = {  # lie -> where its guard stands, its name, what takes its place
    "a flipped bit in an entry": (entries, "_verify_prefix", nothing_awaited),
    "a fork as long": (believe, "verify_extends", nothing),
    "a shrunk tree": (believe, "verify_extends", nothing),
    "a shorter fork": (follow, "HeldLog", lambda database, log_id: HeldLog(database, log_id + 1)),
    "a forged signature": (note, "verify_bytes", nothing),
    "extension lines, not signed": (note, "verify_bytes", nothing),
    "too much": (reader_of_logs, "MAX_CHECKPOINT_BYTES", 30_000),
    "an oversize tile": (reader_of_logs, "MAX_TILE_BYTES", 9_000),
    "an old checkpoint for ever": (follow, "longest_copy", no_copy),
    "a moderation by nobody": (by_network, "verify_leaf", nothing),
    "a forged block list": (by_network, "verify_leaf", nothing),
    "a credential by another key": (by_pseudonyms, "verify_credential", nothing),
    "a leaf of 4,097 bytes": (leaves, "LEAF_MAX_BYTES", 9_000),
    "a leaf that is not canonical JSON": (jws, "read_canonical", read_json),
    "another's blob under one's own pseudonym": (blobs, "verify_agreement", nothing),
    "a band narrower than allowed": (blobs, "verify_payload_rules", nothing),
    "a forged cosignature": (note, "verify_bytes", nothing),
    "a witness is asked without a proof": (witness, "verify_add_checkpoint", at_once),
    "a hint played again": (NonceStore, "remember", nothing_awaited),
    "evidence that proves nothing": (evidence, "verify_fork", both_as_signed),
    "a flipped bit in a tile": (believe, "verify_extends", nothing),
    "equal size, another root": (believe, "verify_extends", nothing),
    "a longer fork": (believe, "verify_extends", nothing),
    "a copy of another history": (believe, "verify_extends", nothing),
    "a longer copy with a bit flipped": (believe, "verify_extends", nothing),
    "a leaf of another network": (judging_leaves, "_verify_network", nothing),
    "a correction of another's": (blobs, "_judge_references", none_named),
    "a second replication": (blobs, "_judge_references", none_named),
    "a credential of another epoch": (by_pseudonyms, "verify_credential", nothing),
    "a supplementary epoch by another policy": (by_network, "_verify_beside", nothing),
    "an opening that counts wrong": (by_network, "_verify_counted", as_counted),
    "one cosignature three times": (believe, "is_final", at_any_rate),
    "a witness is asked to sign backwards": (witness, "verify_add_checkpoint", at_once),
    "a witness is asked to sign two trees": (witness, "verify_add_checkpoint", at_once),
}


@pytest.mark.parametrize("name", GUARDS)
async def test_without_its_guard_a_lie_is_told_with_success(
    stands: Stands, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lie,) = [one for one in TABLE if one.name == name]
    owner, guard, instead = GUARDS[name]
    assert hasattr(owner, guard)
    async with stands.copied(lie.stands, tmp_path) as reader:
        if lie.stands != FRESH:
            reader.publish("Third", "cem")
        lie.tell(reader)
        monkeypatch.setattr(owner, guard, instead)
        assert await lie.look(reader) != lie.found
