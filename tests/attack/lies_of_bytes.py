"""Lies in the bytes of a log: what its server, or a member's copy of it, answers instead of the truth."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from federation.keys import generate_private_jwk
from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.note import Note, build_vkey, format_note, parse_note
from federation.tlog.tiles import CHECKPOINT_PATH
from tests.attack.reader import NEW, READ, Reader
from tests.fakes.forks import forked_files
from tests.fakes.network_log import NetworkLog

BUNDLE, TILE, BLOBS = "tile/entries/000.p/15", "tile/0/000.p/15", "blobs/000.p/15"
"""The log has 14 entries when a lie begins, and 15 under it."""
SIZE = 14


@dataclass(frozen=True, kw_only=True)
class Lie:
    """A row of the table.

    Attributes:
        liar: who lies. alters: what, in a few words.
        tell: begins the lie; the log has grown by one honest record then, called Third.
        found: the state of the log, the code or the state of a record that is expected.
        stands: of `Stands.copied`. 'fresh' lies say all that is in the log themselves.
        look: what the node then does, and what it found.
        gone: titles that are rightly gone. is_shut: under this lie no term opens, and nothing can be read.
        ends: whether the lie is over once the liar is honest again; a fork is not.
    """

    name: str
    liar: str
    alters: str
    tell: Callable[[Reader], object]
    found: str
    stands: str = READ
    look: Callable[[Reader], Awaitable[str]] = Reader.found
    gone: frozenset[str] = frozenset()
    is_shut: bool = False

    @property
    def ends(self) -> bool:
        return self.found not in {"frozen", "log-forked"}


def log(name: str, alters: str, tell: Callable[[Reader], object], found: str, stands: str = READ) -> Lie:
    return Lie(name=name, liar="log", alters=alters, tell=tell, found=found, stands=stands)


def member(name: str, alters: str, tell: Callable[[Reader], object], found: str) -> Lie:
    return Lie(name=name, liar="mirror", alters=alters, tell=tell, found=found)


# Files ------------------------------------------------------------------------------------------------------------------


def flipped(path: str, at: int) -> Callable[[Reader], object]:
    return lambda reader: reader.served.lie().flip(path, at)


def cut(path: str) -> Callable[[Reader], object]:
    return lambda reader: reader.served.lie().tamper(path, lambda data: data[:-5])


def lacking(path: str) -> Callable[[Reader], object]:
    return lambda reader: reader.served.lie().drop(path)


def doing(deed: str, path: str = CHECKPOINT_PATH) -> Callable[[Reader], object]:
    return lambda reader: reader.peers.do(deed, path)


def answering(status: int, path: str = CHECKPOINT_PATH) -> Callable[[Reader], object]:
    return lambda reader: reader.served.statuses.update({path: status})


def saying(content_type: str, body: bytes, path: str = CHECKPOINT_PATH) -> Callable[[Reader], object]:
    return lambda reader: reader.served.bodies.update({path: (content_type, body)})


# Checkpoints ------------------------------------------------------------------------------------------------------------


def standing_checkpoint(reader: Reader) -> Checkpoint:
    return Checkpoint(reader.log.origin, reader.log.edge.size, reader.log.edge.root())


def served_note(change: Callable[[Reader], bytes]) -> Callable[[Reader], object]:
    def tell(reader: Reader) -> None:
        reader.served.lie().files[CHECKPOINT_PATH] = change(reader)

    return tell


def signed(reader: Reader, **changes: object) -> bytes:
    """By the log's own key."""
    return sign_checkpoint(replace(standing_checkpoint(reader), **changes), reader.log.log_private)


def by_a_stranger(reader: Reader) -> bytes:
    return sign_checkpoint(standing_checkpoint(reader), generate_private_jwk("Ed25519"))


def forged_signature(reader: Reader) -> bytes:
    """Another letter of base64 in the signature's last bytes: it still reads well, and verifies no more."""
    note, other = reader.log.files[CHECKPOINT_PATH], {b"A": b"B"}
    return note[:-5] + other.get(note[-5:-4], b"A") + note[-4:]


def wrong_key_hash(reader: Reader) -> bytes:
    """The log's name and a true signature, under the hash of another key."""
    note = parse_note(reader.log.files[CHECKPOINT_PATH])
    stranger = build_vkey(reader.log.origin, generate_private_jwk("Ed25519"))
    (line,) = note.signatures
    return format_note(Note(note.text, (replace(line, key_id=stranger.key_id),)))


def extended_afterwards(reader: Reader) -> bytes:
    """A line more, that the signature does not cover."""
    note = parse_note(reader.log.files[CHECKPOINT_PATH])
    return format_note(Note(note.text + "urgent: trust this\n", note.signatures))


def shrunk(reader: Reader) -> None:
    shorter = NetworkLog(network=reader.log.network)
    shorter.append(*reader.log.entries[:12])
    reader.served.lie().shrink(shorter)


def forked(size: int) -> Callable[[Reader], object]:
    def tell(reader: Reader) -> None:
        reader.served.lie().files = forked_files(reader.log, size)

    return tell


def another_epoch_key(reader: Reader) -> None:
    """This school alone is shown an epoch whose key is its own: the log that says so is another one."""
    entries, own = list(reader.log.entries), NetworkLog(network=reader.log.network, host=reader.log.host)
    own.append(*entries[:4], reader.log.epoch(keys=2), *entries[5:])
    reader.peers.lie(own)


# Blobs ------------------------------------------------------------------------------------------------------------------


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Reader], object]:
    def tell(reader: Reader) -> None:
        reader.served.change_lines = change

    return tell


def of_third(change: Callable[[bytes], list[bytes]]) -> Callable[[Reader], object]:
    return lines(
        lambda all_lines: [new for line in all_lines for new in (change(line) if b"Third" in line else [line])]
    )


def resurrected(reader: Reader) -> None:
    """The network goes on handing out what its author took back."""
    reader.log.append(reader.log.retract("ada", 12))


def other_document(kind: str) -> Callable[[Reader], object]:
    """A policy or a lattice of this school's own, at the address of the one that the epoch names."""

    def tell(reader: Reader) -> None:
        documents = reader.log.documents
        sha256 = next(key for key, document in documents.items() if document["kind"] == kind)
        field = "context_k" if kind == "policy" else "epoch"
        reader.peers.documents[sha256] = documents[sha256] | {field: 7}

    return tell


# Copies -----------------------------------------------------------------------------------------------------------------


def copies(files: Callable[[Reader], dict[str, bytes]]) -> Callable[[Reader], object]:
    def tell(reader: Reader) -> None:
        reader.peers.copies = dict.fromkeys(("ada", "ben", "cem"), files(reader))

    return tell


def copy_of_a_stranger(reader: Reader) -> dict[str, bytes]:
    return reader.log.files | {CHECKPOINT_PATH: by_a_stranger(reader)}


def copy_with_a_bit(reader: Reader) -> dict[str, bytes]:
    """Longer than ours, with a proof that does not hold."""
    longer = NetworkLog(network=reader.log.network)
    longer.append(*reader.log.entries, b"one more")
    tile = bytearray(longer.files["tile/0/000.p/16"])
    tile[0] ^= 1
    return longer.files | {"tile/0/000.p/16": bytes(tile)}


LIES = (
    log("a flipped bit in a tile", "tile", flipped(TILE, 13 * 32), "consistency-wrong"),
    log("a tile cut off", "tile", cut(TILE), "tile-malformed"),
    log("a tile missing", "tile", lacking(TILE), "log-incomplete"),
    log("an oversize tile", "tile", saying("application/octet-stream", b"x" * 8_193, TILE), "peer-too-large"),
    log("a flipped bit in an entry", "entry bundle", flipped(BUNDLE, -1), "entry-wrong"),
    log("a bundle cut off", "entry bundle", cut(BUNDLE), "bundle-malformed"),
    log("a bundle missing", "entry bundle", lacking(BUNDLE), "log-incomplete"),
    log("an endless bundle", "entry bundle", doing("sends_two_gigabytes", BUNDLE), "peer-too-large"),
    log("a fork as long", "checkpoint", forked(SIZE), "frozen"),
    log("equal size, another root", "checkpoint", served_note(lambda r: signed(r, size=SIZE, root=b"r" * 32)), "frozen"),
    log("a longer fork", "checkpoint", forked(SIZE + 3), "frozen"),
    log("a shorter fork", "checkpoint", forked(SIZE - 1), "frozen"),
    log("an epoch key of its own for one member", "checkpoint", another_epoch_key, "frozen"),
    log("a shrunk tree", "checkpoint", shrunk, "checkpoint-shrunk"),
    log("a root that no tree has", "checkpoint", served_note(lambda r: signed(r, root=b"r" * 32)), "consistency-wrong"),
    log("a size beyond its files", "checkpoint", served_note(lambda r: signed(r, size=999)), "log-incomplete"),
    log("a forged signature", "signature", served_note(forged_signature), "signature-invalid"),
    log("another key's signature", "signature", served_note(by_a_stranger), "checkpoint-unsigned"),
    log("a wrong key hash", "signature", served_note(wrong_key_hash), "checkpoint-unsigned"),
    log("another log's checkpoint", "origin", served_note(lambda r: signed(r, origin="else.example/log")),
        "checkpoint-origin-wrong"),
    log("extension lines, not signed", "extension lines", served_note(extended_afterwards), "signature-invalid"),
    log("extension lines, signed", "extension lines", served_note(lambda r: signed(r, extensions=("x 1",))), "taken"),
    log("no note at all", "checkpoint", saying("text/plain", b"hello\n"), "checkpoint-malformed"),
    log("a page instead", "content type", saying("text/html", b"<html></html>"), "peer-content-type"),
    log("an endless checkpoint", "body", doing("sends_two_gigabytes"), "peer-too-large"),
    log("nothing", "body", saying("text/plain", b""), "peer-empty"),
    log("too much", "body", saying("text/plain", b"x" * 20_000), "peer-too-large"),
    log("a slow body", "body", doing("drips", TILE), "peer-timed-out"),
    log("silence", "body", doing("keeps_silent"), "peer-timed-out"),
    log("a gzip bomb", "body", doing("gzip_bomb"), "peer-too-large"),
    log("a redirect to an address inside", "address", doing("redirect_inside"), "peer-redirected"),
    log("a redirect to the cloud's metadata", "address", doing("redirect_metadata"), "peer-redirected"),
    log("a fault", "status", answering(500), "peer-unreachable"),
    log("busy for ever", "status", answering(429), "peer-busy"),
    log("no log there", "status", answering(404), "log-incomplete"),
    log("blobs as a page", "blobs", saying("text/html", b"<html></html>", BLOBS), "peer-content-type"),
    log("no blobs for us", "blobs", answering(403, BLOBS), "peer-refused"),
    log("a flipped bit in a blob", "blob", of_third(lambda line: [line.replace(b"Third", b"Thirc")]), "blob-hash-wrong"),
    log("a withheld blob", "blob", of_third(lambda _: []), "withheld"),
    log("blobs that stand for nothing", "blob", of_third(lambda line: [line, b"{}"]), "blob-hash-wrong"),
    replace(log("a resurrected blob", "blob", resurrected, "blob-retracted"), gone=frozenset({"First"})),
    log("a policy of its own for one member", "policy", other_document("policy"), "document-hash-wrong", NEW),
    log("a lattice of its own for one member", "lattice", other_document("lattice"), "document-hash-wrong", NEW),
    member("a copy of another history", "checkpoint", copies(lambda r: forked_files(r.log, 13)), "frozen"),
    member("a longer copy of another history", "checkpoint", copies(lambda r: forked_files(r.log, 20)), "frozen"),
    member("a copy that a stranger signed", "signature", copies(copy_of_a_stranger), "checkpoint-unsigned"),
    member("a longer copy with a bit flipped", "tile", copies(copy_with_a_bit), "consistency-wrong"),
)  # fmt: skip
