from base64 import b64encode
from dataclasses import replace

import pytest

from federation.errors import Unreachable, Untrusted
from federation.keys import generate_private_jwk
from federation.tlog.checkpoint import (
    Checkpoint,
    consistency_tiles,
    is_final,
    is_fork,
    parse_checkpoint,
    read_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
    verify_extends,
)
from federation.tlog.edge import EMPTY_EDGE, extend_edge
from federation.tlog.merkle import EMPTY_ROOT, hash_leaf
from federation.tlog.note import COSIGNATURE_V1, add_signatures, build_vkey, cosign_note, sign_note
from schemas.problem import Code

ORIGIN = "net.example/net/north/log/1"
LOG, WITNESS, STRANGER = (generate_private_jwk("Ed25519") for _ in range(3))
LOG_KEY = build_vkey(ORIGIN, LOG)
WITNESS_KEY = build_vkey("w.example", WITNESS, COSIGNATURE_V1)
ROOT = hash_leaf(b"a")
ROOT_TEXT = b64encode(ROOT).decode()
CHECKPOINT = Checkpoint(ORIGIN, 1, ROOT)


def test_the_body_is_origin_size_and_root():
    assert CHECKPOINT.body() == f"{ORIGIN}\n1\n{ROOT_TEXT}\n"
    assert parse_checkpoint(CHECKPOINT.body()) == CHECKPOINT


def test_extension_lines_are_kept():
    extended = Checkpoint(ORIGIN, 1, ROOT, ("one", "two"))
    assert parse_checkpoint(extended.body()) == extended


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", f"{ORIGIN}\n1\n", f"{ORIGIN}\n1\n{ROOT_TEXT}", f"\n1\n{ROOT_TEXT}\n", f"{ORIGIN}\n01\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n-1\n{ROOT_TEXT}\n", f"{ORIGIN}\n+1\n{ROOT_TEXT}\n", f"{ORIGIN}\n1e3\n{ROOT_TEXT}\n", f"{ORIGIN}\n\u0661\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n{2**63}\n{ROOT_TEXT}\n", f"{ORIGIN}\n{'9' * 5000}\n{ROOT_TEXT}\n", f"{ORIGIN}\n1\n{ROOT_TEXT[:-4]}\n",
        f"{ORIGIN}\n1\n{ROOT_TEXT[:-1]}\n", f"{ORIGIN}\n1\n!{ROOT_TEXT[1:]}\n", f"{ORIGIN}\n1\n{ROOT_TEXT}\n\nx\n",
        f"two words\n1\n{ROOT_TEXT}\n",
    ],
)  # fmt: skip
def test_malformed_checkpoints_are_refused(text):
    with pytest.raises(Untrusted) as refusal:
        parse_checkpoint(text)
    assert refusal.value.code is Code.CHECKPOINT_MALFORMED


def test_signed_by_the_log_and_seen_by_a_witness():
    data = sign_checkpoint(CHECKPOINT, LOG)
    data = add_signatures(data, [cosign_note(CHECKPOINT.body(), WITNESS, "w.example", 99)])
    verified = verify_checkpoint(data, LOG_KEY, [WITNESS_KEY])
    assert (verified.checkpoint, verified.note, verified.cosigned) == (CHECKPOINT, data, {"w.example": 99})
    assert read_checkpoint(data) == CHECKPOINT


def test_a_witness_alone_or_a_stranger_does_not_make_it_the_logs():
    stranger = sign_checkpoint(CHECKPOINT, STRANGER)
    with pytest.raises(Untrusted) as refusal:
        verify_checkpoint(stranger, LOG_KEY, [WITNESS_KEY])
    assert refusal.value.code is Code.CHECKPOINT_UNSIGNED


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"\n1\n", b"\n2\n", Code.SIGNATURE_INVALID),
        (b"north", b"south", Code.CHECKPOINT_ORIGIN_WRONG),
        (ROOT_TEXT[:8].encode(), b"AAAAAAAA", Code.SIGNATURE_INVALID),
        (b"\n\n", b"\n", Code.CHECKPOINT_MALFORMED),
    ],
)
def test_an_altered_checkpoint_is_refused(old, new, code):
    data = sign_checkpoint(CHECKPOINT, LOG)
    with pytest.raises(Untrusted) as refusal:
        verify_checkpoint(data.replace(old, new, 1), LOG_KEY)
    assert refusal.value.code is code


def test_an_empty_log_has_the_empty_root():
    verify_checkpoint(sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), LOG), LOG_KEY)
    with pytest.raises(Untrusted) as refusal:
        verify_checkpoint(sign_checkpoint(Checkpoint(ORIGIN, 0, ROOT), LOG), LOG_KEY)
    assert refusal.value.code is Code.CHECKPOINT_MALFORMED


def test_the_logs_own_key_as_a_cosigner_counts_for_nothing():
    line = sign_note(CHECKPOINT.body(), WITNESS, "w.example")
    data = add_signatures(sign_checkpoint(CHECKPOINT, LOG), [line])
    assert verify_checkpoint(data, LOG_KEY, [WITNESS_KEY]).cosigned == {}


@pytest.mark.parametrize(
    ("cosigned", "witnesses", "final"),
    [
        ("abc", "abcde", True),
        ("ab", "abcde", False),
        ("abxyz", "abcde", False),
        ("ab", "ab", False),
        ("", "", False),
        ("ab", "abc", True),
    ],
)
def test_final_takes_a_quorum_of_at_least_three_witnesses(cosigned, witnesses, final):
    assert is_final(set(cosigned), set(witnesses), len(witnesses) // 2 + 1) is final


HASHES = [hash_leaf(b"%d" % n) for n in range(600)]


def at_size(size):
    edge, tiles = extend_edge(EMPTY_EDGE, HASHES[:size])
    return Checkpoint(ORIGIN, size, edge.root()), {tile.path: data for tile, data in tiles.items()}


@pytest.mark.parametrize(("old", "new"), [(0, 600), (1, 600), (255, 257), (256, 600), (300, 513), (600, 600)])
def test_growth_is_proven_with_the_tiles_that_it_names(old, new):
    before, _ = at_size(old)
    after, files = at_size(new)
    wanted = {tile.path: files[tile.path] for tile in consistency_tiles(before, after)}
    verify_extends(before, after, wanted)
    verify_extends(None, after, {})
    if wanted:
        path = next(iter(wanted))
        with pytest.raises(Unreachable):
            verify_extends(before, after, {k: v for k, v in wanted.items() if k != path})


def test_what_a_log_must_not_do():
    before, _ = at_size(300)
    after, files = at_size(513)
    other = "net.example/net/south/log/1"
    refused = {
        Code.CHECKPOINT_SHRUNK: (after, before),
        Code.LOG_FORKED: (before, replace(before, root=ROOT)),
        Code.CONSISTENCY_WRONG: (replace(before, root=ROOT), after),
        Code.CHECKPOINT_ORIGIN_WRONG: (before, replace(after, origin=other)),
    }
    for code, (old, new) in refused.items():
        with pytest.raises(Untrusted) as refusal:
            verify_extends(old, new, files)
        assert refusal.value.code is code


def test_a_flipped_bit_in_a_tile_breaks_the_proof():
    before, _ = at_size(300)
    after, files = at_size(513)
    for tile in consistency_tiles(before, after):
        flipped = bytes([files[tile.path][0] ^ 1]) + files[tile.path][1:]
        with pytest.raises(Untrusted) as refusal:
            verify_extends(before, after, files | {tile.path: flipped})
        assert refusal.value.code is Code.CONSISTENCY_WRONG


def test_two_roots_of_one_size_are_a_fork():
    assert is_fork(CHECKPOINT, replace(CHECKPOINT, root=EMPTY_ROOT))
    assert not is_fork(CHECKPOINT, CHECKPOINT)
    assert not is_fork(CHECKPOINT, replace(CHECKPOINT, size=2, root=EMPTY_ROOT))
    assert not is_fork(CHECKPOINT, replace(CHECKPOINT, origin="x", root=EMPTY_ROOT))
