"""Which checkpoints are believed, what proves a fork, and what is final."""

from datetime import UTC, datetime

import pytest

from federation.errors import Unreachable, Untrusted
from federation.keys import generate_private_jwk
from federation.tlog.checkpoint import read_checkpoint, verify_checkpoint
from federation.tlog.note import COSIGNATURE_V1, NoteSignature, add_signatures, build_vkey, cosign_note, parse_note
from federation.tlog.tiles import CHECKPOINT_PATH
from nic_node.mirror.believe import (
    Finality,
    Forked,
    Tiles,
    Vouched,
    confirmed_at,
    fetch_checkpoint,
    find_finality,
    has_witnesses,
    join_cosignatures,
)
from schemas.problem import Code
from tests.fakes.dishonest_log import DishonestLog
from tests.fakes.network_log import MEMBERS, NetworkLog, announced_log

WITNESSES = {f"witness{n}.example": generate_private_jwk("Ed25519") for n in range(3)}


def grown(entries: int, mark: bytes = b"entry") -> NetworkLog:
    log = NetworkLog()
    log.append(*(mark + b" %d" % n for n in range(entries)))
    return log


@pytest.mark.parametrize(("before", "after"), [(1, 2), (5, 9), (256, 257), (255, 600)])
async def test_a_log_that_grew_is_believed_and_another_history_is_a_fork(before: int, after: int) -> None:
    log = grown(before)
    old = read_checkpoint(log.files[CHECKPOINT_PATH])
    log.append(*(b"more %d" % n for n in range(after - before)))
    verified = await fetch_checkpoint(Tiles(DishonestLog(log)), log.log_key.text, old)
    assert verified.checkpoint.size == after

    other = DishonestLog(grown(after, b"else"))
    with pytest.raises(Forked) as found:
        await fetch_checkpoint(Tiles(other), log.log_key.text, old)
    assert found.value.note == other.files[CHECKPOINT_PATH]


async def test_wrong_tiles_alone_prove_no_fork() -> None:
    log = grown(5)
    old = read_checkpoint(log.files[CHECKPOINT_PATH])
    log.append(b"more")
    source = DishonestLog(log)
    source.flip("tile/0/000.p/6", 0)
    with pytest.raises(Untrusted) as found:
        await fetch_checkpoint(Tiles(source), log.log_key.text, old)
    assert found.value.code is Code.CONSISTENCY_WRONG


async def test_tiles_that_are_missing_are_a_matter_of_time() -> None:
    log = grown(5)
    old = read_checkpoint(log.files[CHECKPOINT_PATH])
    log.append(b"more")
    source = DishonestLog(log)
    source.drop("tile/0/000.p/6")
    with pytest.raises(Unreachable):
        await fetch_checkpoint(Tiles(source), log.log_key.text, old)


AT = 1_790_000_000


def cosigned(note: bytes, names: list[str]) -> bytes:
    """By the first of the names at AT, by each that follows a second later."""
    text = parse_note(note).text
    return add_signatures(
        note, [cosign_note(text, WITNESSES[name], name, AT + number) for number, name in enumerate(names)]
    )


def witnessed_log() -> NetworkLog:
    log = announced_log()
    keys = tuple(build_vkey(name, private, COSIGNATURE_V1) for name, private in WITNESSES.items())
    log.entries.pop()
    fresh = NetworkLog()
    fresh.append(*log.entries, fresh.epoch(witnesses=keys))
    return fresh


NOTHING = Finality(0, is_witnessed=False)


ALONE = Vouched(wanted=0)


def test_a_quorum_makes_final_and_less_leaves_it_as_it_was() -> None:
    log = witnessed_log()
    note, epochs, key = log.files[CHECKPOINT_PATH], log.judged().epochs, log.log_key.text
    one, two = cosigned(note, list(WITNESSES)[:1]), cosigned(note, list(WITNESSES)[:2])
    before = Finality(3, is_witnessed=True, cosigned=3, witnesses=3)
    assert find_finality(note, key, epochs, NOTHING, ALONE) == NOTHING
    assert find_finality(one, key, epochs, before, ALONE) == before
    final = Finality(5, is_witnessed=True, cosigned=2, witnesses=3)
    assert find_finality(two, key, epochs, NOTHING, ALONE) == final


def test_no_source_takes_a_cosignature_away_or_brings_a_line_of_its_own() -> None:
    log = witnessed_log()
    note, epochs, key = log.files[CHECKPOINT_PATH], log.judged().epochs, log.log_key
    names = list(WITNESSES)
    held, shown = cosigned(note, names[:2]), cosigned(note, names[1:])
    stranger = cosign_note(parse_note(note).text, generate_private_jwk("Ed25519"), "stranger.example", AT)

    joined = join_cosignatures(held, verify_checkpoint(add_signatures(shown, [stranger]), key), key.text, epochs)

    assert [line.name for line in parse_note(joined).signatures] == [log.origin, *names]
    assert join_cosignatures(joined, verify_checkpoint(note, key), key.text, epochs) == joined
    assert joined.startswith(held)


def test_a_cosignature_that_does_not_hold_blames_who_shows_it() -> None:
    log = witnessed_log()
    note, epochs, key = log.files[CHECKPOINT_PATH], log.judged().epochs, log.log_key
    name = next(iter(WITNESSES))
    (line,) = parse_note(cosigned(note, [name])).signatures[1:]
    bad = add_signatures(note, [NoteSignature(line.name, line.key_id, line.signature[:-1] + b"x")])
    with pytest.raises(Untrusted) as found:
        join_cosignatures(None, verify_checkpoint(bad, key), key.text, epochs)
    assert found.value.code is Code.SIGNATURE_INVALID


def test_until_when_a_checkpoint_was_the_newest_a_quorum_says() -> None:
    log = witnessed_log()
    note, epochs, key = log.files[CHECKPOINT_PATH], log.judged().epochs, log.log_key.text
    assert confirmed_at(cosigned(note, list(WITNESSES)[:1]), key, epochs, 0) is None
    assert confirmed_at(cosigned(note, list(WITNESSES)), key, epochs, 0) == datetime.fromtimestamp(AT + 1, UTC)
    assert confirmed_at(cosigned(note, list(WITNESSES)), key, {}, 0) is None


def test_members_do_not_stand_in_for_witnesses() -> None:
    log = witnessed_log()
    note, epochs, key = log.files[CHECKPOINT_PATH], log.judged().epochs, log.log_key.text
    assert has_witnesses(epochs, 0)
    assert find_finality(note, key, epochs, NOTHING, Vouched(2, (5, 5))) == NOTHING


def test_the_witnesses_are_those_of_the_newest_epoch_that_is_final() -> None:
    """Epoch 2 names nobody: until it is final itself, the three of epoch 1 decide; then members do."""
    log = witnessed_log()
    log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in MEMBERS), log.open())
    log.append(log.epoch(2))
    note, epochs, key = log.files[CHECKPOINT_PATH], log.judged().epochs, log.log_key.text
    at_epoch_1 = Finality(5, is_witnessed=True)
    assert find_finality(note, key, epochs, at_epoch_1, Vouched(2, (13, 13))) == at_epoch_1
    final = find_finality(cosigned(note, list(WITNESSES)[1:]), key, epochs, at_epoch_1, ALONE)
    assert (final.size, final.is_witnessed) == (13, True)
    assert not has_witnesses(epochs, final.size)


@pytest.mark.parametrize(
    ("before", "vouched", "final"),
    [
        (0, Vouched(0), 5),
        (0, Vouched(1), 0),
        (0, Vouched(1, (5,)), 5),
        (0, Vouched(2), 0),
        (2, Vouched(2, (5,)), 2),
        (2, Vouched(2, (5, 3)), 3),
        (0, Vouched(2, (5, 5)), 5),
        (4, Vouched(2, (3, 3)), 4),
    ],
)
def test_without_three_witnesses_two_members_make_final_and_it_is_said_to_be_unwitnessed(
    before: int, vouched: Vouched, final: int
) -> None:
    log = announced_log()
    note = log.files[CHECKPOINT_PATH]
    for epochs in (log.judged().epochs, {}):
        found = find_finality(note, log.log_key.text, epochs, Finality(before, is_witnessed=False), vouched)
        assert (found.size, found.is_witnessed) == (final, False)
