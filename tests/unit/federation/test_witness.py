"""The witness protocol's texts and verdicts, by C2SP tlog-witness."""

from base64 import b64encode

import pytest

from federation.errors import Untrusted
from federation.keys import generate_private_jwk
from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.merkle import EMPTY_ROOT, build_consistency_proof, compute_root, hash_leaf
from federation.tlog.note import COSIGNATURE_V1, add_signatures, build_vkey, parse_note, verify_note
from federation.tlog.witness import (
    MAX_PROOF_LINES,
    AddCheckpoint,
    WitnessConflict,
    build_add_checkpoint,
    cosign,
    parse_add_checkpoint,
    parse_size_answer,
    read_cosignatures,
    verify_add_checkpoint,
)
from schemas.problem import Code

ORIGIN = "net.example/net/north/log/1"
LOG, WITNESS, STRANGER = (generate_private_jwk("Ed25519") for _ in range(3))
LOG_KEY = build_vkey(ORIGIN, LOG)
NAME = "alder.example/witness"
WITNESS_KEY = build_vkey(NAME, WITNESS, COSIGNATURE_V1)
HASHES = [hash_leaf(b"%d" % number) for number in range(9)]


def at(size, *, fork=b""):
    """The checkpoint of the first leaves; `fork` changes the last one."""
    hashes = [*HASHES[: size - 1], hash_leaf(fork)] if fork else HASHES[:size]
    return Checkpoint(ORIGIN, size, compute_root(hashes))


def proof(old, new):
    def hash_at(level, index):
        return compute_root(HASHES[index << level : (index + 1) << level])

    return tuple(build_consistency_proof(old, new, hash_at)) if 0 < old < new else ()


def asked(old, new, *, by=LOG, steps=None):
    note = sign_checkpoint(new, by)
    return AddCheckpoint(old, proof(old, new.size) if steps is None else steps, note)


EMPTY = Checkpoint(ORIGIN, 0, EMPTY_ROOT)


@pytest.mark.parametrize(("old", "new"), [(0, 1), (0, 9), (3, 9), (4, 5), (8, 9), (9, 9)])
def test_a_request_is_read_as_it_was_written_and_holds(old, new):
    request = asked(old, at(new))
    assert parse_add_checkpoint(build_add_checkpoint(request)) == request
    held = at(old) if old else EMPTY
    assert verify_add_checkpoint(request, LOG_KEY, held).checkpoint == at(new)


def test_a_request_is_spelled_as_the_specification_does():
    request = asked(3, at(9))
    lines = build_add_checkpoint(request).decode().split("\n")
    assert lines[0] == "old 3"
    assert lines[1:5] == [b64encode(node).decode() for node in request.proof[:4]]
    assert "\n".join(lines[lines.index("") + 1 :]).encode() == request.note


NODE = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "head",
    ["", "old", "old ", "old 01", "old -1", "old x", "new 1", "old 1\r", "old 1\nxx", f"old 1\n{NODE[:-4]}",
     f"old 1\n{NODE}\n" + NODE[:-2] + "B=", f"old {2**63}", "old 1" + f"\n{NODE}" * (MAX_PROOF_LINES + 1)],
)  # fmt: skip
def test_malformed_requests_are_refused(head):
    with pytest.raises(Untrusted) as refusal:
        parse_add_checkpoint(f"{head}\n\n".encode() + sign_checkpoint(at(2), LOG))
    assert refusal.value.code is Code.WITNESS_REQUEST_MALFORMED


def test_a_request_without_a_checkpoint_is_refused():
    with pytest.raises(Untrusted):
        parse_add_checkpoint(b"old 1\n")


ALTERED = AddCheckpoint(4, proof(4, 6), sign_checkpoint(at(6), LOG).replace(b"\n6\n", b"\n7\n"))
REFUSED = {  # what is asked of a witness that cosigned 4 last -> the code
    "not by the log's key": (asked(4, at(6), by=STRANGER), Code.CHECKPOINT_UNSIGNED),
    "altered": (ALTERED, Code.SIGNATURE_INVALID),
    "old beyond the checkpoint": (asked(4, at(3), steps=()), Code.WITNESS_REQUEST_MALFORMED),
    "another old": (asked(3, at(6)), Code.WITNESS_CONFLICT),
    "from nothing again": (asked(0, at(6)), Code.WITNESS_CONFLICT),
    "the same size, another root": (asked(4, at(4, fork=b"x")), Code.LOG_FORKED),
    "no proof": (asked(4, at(6), steps=()), Code.CONSISTENCY_WRONG),
    "the proof of another size": (asked(4, at(6), steps=proof(3, 6)), Code.CONSISTENCY_WRONG),
    "a proof too long": (asked(4, at(6), steps=(*proof(4, 6), bytes(32))), Code.CONSISTENCY_WRONG),
    "a proof where none is needed": (asked(4, at(4), steps=(bytes(32),)), Code.CONSISTENCY_WRONG),
    "another history": (asked(4, at(6, fork=b"x"), steps=proof(4, 6)), Code.CONSISTENCY_WRONG),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_witness_does_not_cosign(what):
    request, code = REFUSED[what]
    with pytest.raises(Untrusted) as refusal:
        verify_add_checkpoint(request, LOG_KEY, at(4))
    assert refusal.value.code is code
    if isinstance(refusal.value, WitnessConflict):
        assert refusal.value.size == 4


def test_nobody_signed():
    other = build_vkey(ORIGIN, STRANGER)
    with pytest.raises(Untrusted) as refusal:
        verify_add_checkpoint(asked(4, at(6)), other, at(4))
    assert refusal.value.code is Code.CHECKPOINT_UNSIGNED


def test_the_answer_is_a_line_of_the_note_and_others_lines_are_passed_over():
    note = sign_checkpoint(at(6), LOG)
    line = cosign(note, WITNESS, NAME, 1_790_000_000)
    assert line.startswith(f"\u2014 {NAME} ".encode())
    assert line.endswith(b"\n")
    stranger = cosign(note, STRANGER, "other.example/witness", 7)
    signatures = read_cosignatures(note, stranger + line, WITNESS_KEY)
    final = parse_note(add_signatures(note, signatures))
    assert [(s.key.name, s.timestamp) for s in verify_note(final, [LOG_KEY, WITNESS_KEY])] == [
        (ORIGIN, None), (NAME, 1_790_000_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [b"", b"\n", b"ok\n", cosign(sign_checkpoint(at(6), LOG), STRANGER, NAME, 7),
     cosign(sign_checkpoint(at(5), LOG), WITNESS, NAME, 7), b"x\n\n" + cosign(sign_checkpoint(at(5), LOG), WITNESS, NAME, 7)],
)  # fmt: skip
def test_an_answer_without_its_own_cosignature_is_refused(answer):
    with pytest.raises(Untrusted):
        read_cosignatures(sign_checkpoint(at(6), LOG), answer, WITNESS_KEY)


@pytest.mark.parametrize("body", [b"", b"050\n", b"-1\n", b"5\n5\n", b"five\n"])
def test_a_size_has_one_spelling(body):
    assert parse_size_answer(b"50\n") == parse_size_answer(b"50") == 50
    with pytest.raises(Untrusted):
        parse_size_answer(body)
