"""Lies of witnesses, members and networks that turn to a school's node themselves, over real HTTP too."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from federation.keys import generate_private_jwk, public_jwk, thumbprint
from federation.tlog.checkpoint import Checkpoint, consistency_tiles, read_checkpoint, sign_checkpoint
from federation.tlog.fork import Fork, build_fork_document
from federation.tlog.merkle import build_consistency_proof
from federation.tlog.note import Note, NoteSignature, cosign_note, format_note, parse_note
from federation.tlog.tiles import CHECKPOINT_PATH, TileHashes
from federation.tlog.witness import AddCheckpoint, build_add_checkpoint
from nic_node.db.jobs import Job
from nic_node.membership.tables import MembershipRow, PeerKeys
from nic_node.mirror.forks.evidence import fetch_evidence
from nic_node.mirror.pull import PULL
from nic_node.mirror.tables import MirrorSource
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.entity import trust_mark_type
from schemas.ids import build_mirror_url
from tests.attack.lies_of_bytes import Lie, served_note
from tests.attack.reader import READ, WITNESSED, WITNESSES, Reader
from tests.fakes.forks import forked_files
from tests.fakes.network_log import NetworkLog, federation_key, shared_key

HINTS = 20


# Cosignatures -----------------------------------------------------------------------------------------------------------


def cosignatures(reader: Reader, *names: str, text: str = "", key: str = "") -> list[NoteSignature]:
    """Lines of these witnesses; text: of another checkpoint; key: of somebody else."""
    signed = text or parse_note(reader.log.files[CHECKPOINT_PATH]).text
    return [cosign_note(signed, shared_key("Ed25519", key or name), name, 1_790_000_000) for name in names]


def with_lines(make: Callable[[Reader], list[NoteSignature]]) -> Callable[[Reader], object]:
    def change(reader: Reader) -> bytes:
        note = parse_note(reader.log.files[CHECKPOINT_PATH])
        return format_note(Note(note.text, (*note.signatures, *make(reader))))

    return served_note(change)


def forged(reader: Reader) -> list[NoteSignature]:
    (line,) = cosignatures(reader, WITNESSES[0])
    return [replace(line, signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))]


def replayed(reader: Reader) -> list[NoteSignature]:
    """Of the checkpoint before: true lines, over another text."""
    before = NetworkLog(network=reader.log.network)
    before.append(*reader.log.entries[:-1])
    return cosignatures(reader, *WITNESSES, text=parse_note(before.files[CHECKPOINT_PATH]).text)


def strangers(reader: Reader) -> list[NoteSignature]:
    return cosignatures(reader, "x.example/witness", "y.example/witness", "z.example/witness")


# What a member has ------------------------------------------------------------------------------------------------------


async def hear_of_copy(reader: Reader) -> str:
    """Ada's copy was looked at twenty minutes ago, and had all that there is."""
    note, origin = reader.log.files[CHECKPOINT_PATH], sha256_hex(reader.log.origin.encode())
    entity, at = reader.log.entity("ada"), reader.clock() - timedelta(minutes=20)
    source = MirrorSource(
        log_id=1, url=build_mirror_url(entity, origin), entity=entity, note=note, size=reader.log.edge.size
    )
    source.answered_at = at
    async with reader.database.writing() as session:
        session.add(source)
    return await reader.found()


async def read_elsewhere(reader: Reader) -> str:
    found = await hear_of_copy(reader)
    return found if "Third" in await reader.titles() else "not read where it is"


async def gone_all_the_same(reader: Reader) -> str:
    found = await hear_of_copy(reader)
    return found if "First" not in await reader.titles() else "still shown"


def stale_for_ever(reader: Reader) -> None:
    before = NetworkLog(network=reader.log.network)
    before.append(*reader.log.entries[:14])
    reader.served.lie().files[CHECKPOINT_PATH] = before.files[CHECKPOINT_PATH]


def hidden_retraction(reader: Reader) -> None:
    """Everybody else is shown that the first record was taken back; this school is shown the tree of before."""
    reader.log.append(reader.log.retract("ada", 12))
    reader.served.gone.add(12)
    stale_for_ever(reader)


# Asked to cosign --------------------------------------------------------------------------------------------------------


async def make_witness(reader: Reader) -> None:
    async with reader.database.writing() as session:
        row = await session.get_one(MembershipRow, reader.membership_id)
        row.trust_marks = {trust_mark_type(reader.log.network, "witness"): "given"}


def asking(*requests: Callable[[Reader], bytes]) -> Callable[[Reader], Awaitable[str]]:
    """What the last of these requests to `add-checkpoint` is answered."""

    async def look(reader: Reader) -> str:
        await make_witness(reader)
        found = ""
        async with reader.serving() as client:
            for request in requests:
                answer = await client.post("/witness/add-checkpoint", data=request(reader))
                is_problem = answer.content_type == "application/problem+json"
                found = (await answer.json(content_type=None))["code"] if is_problem else str(answer.status)
        return found

    return look


def honest_request(reader: Reader) -> bytes:
    return build_add_checkpoint(AddCheckpoint(0, (), reader.log.files[CHECKPOINT_PATH]))


def backwards(reader: Reader) -> bytes:
    """From where the witness is, to a checkpoint of before, with the proof of the way forwards."""
    older = NetworkLog(network=reader.log.network)
    older.append(*reader.log.entries[:12])
    now, then = (read_checkpoint(log.files[CHECKPOINT_PATH]) for log in (reader.log, older))
    assert consistency_tiles(then, now)
    proof = build_consistency_proof(then.size, now.size, TileHashes(reader.log.files, now.size).hash_at)
    return build_add_checkpoint(AddCheckpoint(then.size, tuple(proof), older.files[CHECKPOINT_PATH]))


def other_tree(reader: Reader) -> bytes:
    checkpoint = read_checkpoint(reader.log.files[CHECKPOINT_PATH])
    note = sign_checkpoint(replace(checkpoint, root=b"r" * 32), reader.log.log_private)
    return build_add_checkpoint(AddCheckpoint(checkpoint.size, (), note))


def without_proof(reader: Reader) -> bytes:
    checkpoint = read_checkpoint(reader.log.files[CHECKPOINT_PATH])
    note = sign_checkpoint(Checkpoint(checkpoint.origin, checkpoint.size + 5, b"r" * 32), reader.log.log_private)
    return build_add_checkpoint(AddCheckpoint(checkpoint.size, (), note))


# Hints ------------------------------------------------------------------------------------------------------------------


async def learn_keys(reader: Reader) -> None:
    """Ada's http key, as her configuration would tell it."""
    key = public_jwk(shared_key("Ed25519", "http ada"))
    async with reader.database.writing() as session:
        await session.merge(
            PeerKeys(
                entity=reader.log.entity("ada"),
                jkt=thumbprint(federation_key("ada")),
                http_keys={thumbprint(key): key},
                expires_at=reader.clock().replace(year=2030),
            )
        )


async def hint(reader: Reader, *, times: int = 1, key: str = "http ada", origin: str = "", again: bool = False) -> str:
    await learn_keys(reader)
    async with reader.database.writing() as session:
        for job in await session.scalars(select(Job)):
            await session.delete(job)
    async with reader.serving() as client:
        for number in range(times):
            body = canonical_bytes({"origin": origin or reader.log.origin, "size": 1_000 + number})
            headers = reader.signed_by(shared_key("Ed25519", key), "/v1/hints", body)
            for _ in range(2 if again else 1):
                answer = await client.post("/v1/hints", data=body, headers=headers)
            if answer.status != 202:
                return str((await answer.json(content_type=None))["code"])
    async with reader.database.reading() as session:
        looks = [job.run_at for job in await session.scalars(select(Job).where(Job.kind == PULL))]
    return f"{len(looks)} look"


async def storm(reader: Reader) -> str:
    return await hint(reader, times=HINTS)


async def of_unknown_log(reader: Reader) -> str:
    return await hint(reader, origin="elsewhere.example/log/1")


async def by_a_stranger(reader: Reader) -> str:
    return await hint(reader, key="http eve")


async def played_again(reader: Reader) -> str:
    return await hint(reader, again=True)


# Evidence ---------------------------------------------------------------------------------------------------------------


def showing(fork: Callable[[Reader], Fork]) -> Callable[[Reader], Awaitable[str]]:
    """What comes of the evidence that a member serves."""

    async def look(reader: Reader) -> str:
        document = build_fork_document(fork(reader), origin=reader.log.origin, seen_at=1_790_000_000)
        reader.peers.evidence = {"forks": [document]}
        (checked,) = await fetch_evidence(reader.node, reader.log.entity("ada"))
        return checked.code or await reader.found()

    return look


def no_fork(reader: Reader) -> Fork:
    """Two true notes of one history."""
    older = NetworkLog(network=reader.log.network)
    older.append(*reader.log.entries[:12])
    return Fork(older.files[CHECKPOINT_PATH], reader.log.files[CHECKPOINT_PATH])


def by_another_key(reader: Reader) -> Fork:
    checkpoint = replace(read_checkpoint(reader.log.files[CHECKPOINT_PATH]), root=b"r" * 32)
    return Fork(reader.log.files[CHECKPOINT_PATH], sign_checkpoint(checkpoint, generate_private_jwk("Ed25519")))


def a_fork(reader: Reader) -> Fork:
    return Fork(reader.log.files[CHECKPOINT_PATH], forked_files(reader.log, reader.log.edge.size)[CHECKPOINT_PATH])


def _lie(
    liar: str, name: str, alters: str, found: str, *, tell: Callable[[Reader], object] | None = None,
    look: Callable[[Reader], Awaitable[str]] | None = None, stands: str = READ,
) -> Lie:  # fmt: skip
    said = tell or (lambda _: None)
    return Lie(name=name, liar=liar, alters=alters, tell=said, found=found, look=look or Reader.found, stands=stands)


LIES = (
    _lie("log", "a forged cosignature", "cosignature", "signature-invalid", tell=with_lines(forged), stands=WITNESSED),
    _lie("log", "cosignatures of before", "cosignature", "signature-invalid", tell=with_lines(replayed),
         stands=WITNESSED),
    _lie("log", "one cosignature three times", "cosignature", "provisional",
         tell=with_lines(lambda r: cosignatures(r, WITNESSES[0]) * 3), stands=WITNESSED),
    _lie("log", "cosignatures of nobody's witnesses", "cosignature", "provisional", tell=with_lines(strangers),
         stands=WITNESSED),
    _lie("log", "two cosignatures of three, which is no lie", "nothing", "taken",
         tell=with_lines(lambda r: cosignatures(r, *WITNESSES[:2])), stands=WITNESSED),
    _lie("log", "an old checkpoint for ever", "checkpoint", "checkpoint-stale", tell=stale_for_ever,
         look=read_elsewhere),
    replace(_lie("log", "a hidden retraction", "retraction", "checkpoint-stale", tell=hidden_retraction,
                 look=gone_all_the_same), gone=frozenset({"First"})),
    _lie("log", "a witness is asked to sign backwards", "checkpoint", "409", look=asking(honest_request, backwards)),
    _lie("log", "a witness is asked to sign two trees", "checkpoint", "log-forked",
         look=asking(honest_request, other_tree)),
    _lie("log", "a witness is asked without a proof", "proof", "consistency-wrong",
         look=asking(honest_request, without_proof)),
    _lie("peer", "a storm of hints", "hint", "1 look", look=storm),
    _lie("peer", "a hint of a log that is not followed", "hint", "0 look", look=of_unknown_log),
    _lie("peer", "a hint by a stranger's key", "signature", "signer-unknown", look=by_a_stranger),
    _lie("peer", "a hint played again", "nonce", "request-replayed", look=played_again),
    _lie("peer", "evidence that proves nothing", "evidence", "fork-unproven", look=showing(no_fork)),
    _lie("peer", "evidence by another key", "evidence", "checkpoint-unsigned", look=showing(by_another_key)),
    _lie("log", "a fork that only a peer has seen", "evidence", "frozen", look=showing(a_fork)),
)  # fmt: skip
