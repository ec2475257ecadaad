"""A small network with real keys that writes a real log into memory: what a sequencer would have published."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA384

from federation import leaves
from federation.blindrsa import prepare
from federation.epochs import Epoch, EpochWindows, build_issue_request, message_to_blind
from federation.judge import LogState, Pins, judge_leaf
from federation.keys import Jwk, generate_private_jwk, load_private, public_jwk, thumbprint
from federation.leaves import sign_leaf
from federation.records import SealedRecord, seal_record
from federation.tlog.checkpoint import Checkpoint, sign_checkpoint
from federation.tlog.edge import EMPTY_EDGE, append_entries
from federation.tlog.note import build_vkey
from federation.tlog.tiles import CHECKPOINT_PATH, TILE_WIDTH, Tile
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.ids import build_log_origin, build_record_id
from schemas.policy import build_policy

NETWORK = "https://net.example/net/north"
START = datetime(2026, 1, 5, tzinfo=UTC)
QUESTION = {"text": "Who helped you most with the first week?"}
PRACTICE = {
    "title": "Morning calls home",
    "problem": {"category": "chronic-absence"},
    "idea": {"category": "attendance-outreach"},
    "rung": "described",
    "decision": "adopt",
}


@cache
def epoch_keys(number: int) -> tuple[Jwk, Jwk]:
    """(RSA, X25519) of an epoch; an RSA key takes a second to make, so that all tests share it."""
    return generate_private_jwk("RSA-3072"), generate_private_jwk("X25519")


@cache
def shared_key(kind: str, name: str) -> Jwk:
    """One key a name: tests of one run may compare what they build."""
    return generate_private_jwk(kind)


def build_lattice(epoch: int = 1) -> dict:
    bands = dict.fromkeys(("locale", "enrolment", "lunch", "english_learners", "disabilities", "stage"), "any")
    return {
        "v": 1,
        "kind": "lattice",
        "network": NETWORK,
        "epoch": epoch,
        "attributes": ["level"],
        "classes": [{"id": "c1", "bands": {"level": "middle", **bands}}],
    }


@dataclass
class NetworkLog:
    """Appends leaves, judged by nobody: an honest test appends honest ones.

    host: where members' nodes answer, by their names; "": nowhere.
    """

    network: str = NETWORK
    generation: int = 1
    host: str = ""
    entries: list[bytes] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log_private = shared_key("Ed25519", f"log {self.network}")
        self.leaf_private = shared_key("Ed25519", f"leaf {self.network}")
        self.origin = build_log_origin(self.network, self.generation)
        self.log_key = build_vkey(self.origin, self.log_private)
        self.policy = build_policy(network=self.network, min_issued=3, context_k=3, slot_seconds=60)
        self.lattice = build_lattice() | {"network": self.network}
        self.documents = {sha256_hex(canonical_bytes(d)): d for d in (self.policy, self.lattice)}
        self.edge = EMPTY_EDGE

    # The log ---------------------------------------------------------------------------------------------------------

    def append(self, *entries: bytes) -> int:
        """Write entries and sign a checkpoint; answers the index of the first."""
        index = len(self.entries)
        partial = self.files.get(Tile(0, index // TILE_WIDTH, index % TILE_WIDTH).bundle_path, b"")
        appended = append_entries(self.edge, partial if index % TILE_WIDTH else b"", entries)
        self.edge = appended.edge
        self.entries += entries
        self.files |= appended.files
        self.files[CHECKPOINT_PATH] = self.signed_checkpoint()
        return index

    def signed_checkpoint(self) -> bytes:
        return sign_checkpoint(Checkpoint(self.origin, self.edge.size, self.edge.root()), self.log_private)

    def judged(self, pins: Pins | None = None) -> LogState:
        """The state after all entries."""
        state = LogState(pins or Pins())
        for index, entry in enumerate(self.entries):
            state.apply(judge_leaf(state, index, entry))
        return state

    def by_network(self, payload: dict) -> bytes:
        return sign_leaf(payload, self.leaf_private)

    # Leaves by the network -------------------------------------------------------------------------------------------

    def genesis(self, **changes) -> bytes:
        payload = leaves.build_genesis(
            self.network, generation=self.generation, log_key=self.log_key, leaf_jwk=self.leaf_private
        )
        return self.by_network(payload | changes)

    def member(self, name: str, from_state: str = "applied", to_state: str = "approved", *, key: str = "") -> bytes:
        jkt = thumbprint(federation_key(key or name))
        entity = self.entity(name)
        return self.by_network(
            leaves.build_member(self.network, entity=entity, jkt=jkt, from_state=from_state, to_state=to_state)
        )

    def entity(self, name: str) -> str:
        return f"{self.host}/{name}" if self.host else entity_of(name)

    def epoch(self, number: int = 1, *, keys: int | None = None, witnesses: tuple = ()) -> bytes:
        return self.by_network(leaves.build_epoch(self.epoch_of(number, keys=keys, witnesses=witnesses)))

    def epoch_of(self, number: int = 1, *, keys: int | None = None, witnesses: tuple = ()) -> Epoch:
        rsa, x25519 = epoch_keys(keys or number)
        start = START + timedelta(days=100 * (number - 1))
        days = (0, 14, 21, 121)
        return Epoch(
            network=self.network,
            number=number,
            rsa_jwk=public_jwk(rsa),
            submission_key=public_jwk(x25519),
            policy_sha256=sha256_hex(canonical_bytes(self.policy)),
            lattice_sha256=sha256_hex(canonical_bytes(self.lattice)),
            witnesses=witnesses,
            windows=EpochWindows(*(start + timedelta(days=day) for day in days)),
            min_issued=3,
        )

    def supplement(self, **changes: Any) -> bytes:
        """Epoch 2 beside the first one, which ends with it."""
        start, end = self.epoch_of(1).windows.active_from, self.epoch_of(1).windows.active_to
        windows = EpochWindows(start, start + timedelta(days=7), start + timedelta(days=14), end)
        return self.by_network(leaves.build_epoch(replace(self.epoch_of(2), windows=windows, **changes)))

    def issued(self, name: str, epoch: int = 1, *, network: str | None = None) -> bytes:
        jws = build_issue_request(
            federation_key(name), network=network or self.network, epoch=epoch, blinded_message=token_bytes(384)
        )
        return self.by_network(leaves.build_issued(self.network, jws=jws))

    def open(self, epoch: int = 1, *, issued: int = 3, registered: int = 3) -> bytes:
        lattice_sha256 = sha256_hex(canonical_bytes(self.lattice))
        return self.by_network(
            leaves.build_open(
                self.network, epoch=epoch, issued=issued, registered=registered, lattice_sha256=lattice_sha256
            )
        )

    def void(self, epoch: int = 1, *, issued: int = 3, registered: int = 3) -> bytes:
        return self.by_network(leaves.build_void(self.network, epoch=epoch, issued=issued, registered=registered))

    def moderate(self, index: int) -> bytes:
        return self.by_network(
            leaves.build_moderate(self.network, target=self.record_id(index), reason="identifies-someone")
        )

    def block(self, name: str, from_index: int) -> bytes:
        jkt = thumbprint(pseudonym_key(name))
        return self.by_network(leaves.build_block(self.network, jkt=jkt, from_index=from_index))

    # Leaves by pseudonyms --------------------------------------------------------------------------------------------

    def pseudonym(
        self,
        name: str,
        epoch: int = 1,
        *,
        keys: int | None = None,
        network: str | None = None,
        said_epoch: int | None = None,
        jkt: str | None = None,
    ) -> bytes:
        """Registers a pseudonym; network, said_epoch and jkt are what its credential says instead of the truth."""
        private = pseudonym_key(name, epoch)
        message = message_to_blind(network or self.network, said_epoch or epoch, jkt or thumbprint(private))
        prepared, signature = issue_credential(keys or epoch, message)
        payload = leaves.build_pseudonym(
            self.network, epoch=epoch, jwk=private, prepared_message=prepared, signature=signature
        )
        return sign_leaf(payload, private)

    def record(self, name: str, kind: str = "practice", payload: dict | None = None, epoch: int = 1) -> SealedRecord:
        return seal_record(
            kind,
            PRACTICE if payload is None else payload,
            pseudonym_key(name, epoch),
            network=self.network,
            epoch=epoch,
            salt=token_bytes(32),
        )

    def commit(self, name: str, blob: bytes, kind: str = "practice", epoch: int = 1) -> int:
        """Log a record leaf over any bytes, as no honest node would; answers its index."""
        payload = leaves.build_record(self.network, epoch=epoch, kind=kind, blob_sha256=sha256_hex(blob))
        index = self.append(sign_leaf(payload, pseudonym_key(name, epoch)))
        self.blobs[index] = blob
        return index

    def publish(self, name: str, kind: str = "practice", payload: dict | None = None, epoch: int = 1) -> int:
        """Seal a record and append it; answers its index."""
        sealed = self.record(name, kind, payload, epoch)
        index = self.append(sealed.leaf)
        self.blobs[index] = sealed.blob
        return index

    def retract(self, name: str, index: int, reason: str = "withdrawn", epoch: int = 1) -> bytes:
        payload = leaves.build_retract(self.network, target=self.record_id(index), reason=reason)
        return sign_leaf(payload, pseudonym_key(name, epoch))

    def record_id(self, index: int) -> str:
        return build_record_id(self.origin, index)


def entity_of(name: str) -> str:
    return f"https://{name}.example"


def federation_key(name: str) -> Jwk:
    return shared_key("ES256", name)


def pseudonym_key(name: str, epoch: int = 1) -> Jwk:
    return shared_key("Ed25519", f"pseudonym {name} {epoch}")


@cache
def issue_credential(epoch: int, message: bytes) -> tuple[bytes, bytes]:
    """(prepared message, signature) as a member has them once it took the blinding off.

    It is signed without being blinded first: what comes out is the same (RFC 9474 section 4), in a tenth of the time.
    """
    issuer = load_private(epoch_keys(epoch)[0]).handle
    assert isinstance(issuer, RSAPrivateKey)
    prepared = prepare(message, token_bytes(32))
    return prepared, issuer.sign(prepared, PSS(MGF1(SHA384()), SHA384.digest_size), SHA384())


MEMBERS = ("ada", "ben", "cem")


def announced_log(**fields) -> NetworkLog:
    """Three members, epoch 1 announced: entries 0 to 4."""
    log = NetworkLog(**fields)
    log.append(log.genesis(), *(log.member(name) for name in MEMBERS), log.epoch())
    return log


def registered_log(**fields) -> NetworkLog:
    """Credentials issued and pseudonyms registered: entries 0 to 10."""
    log = announced_log(**fields)
    log.append(*(log.issued(name) for name in MEMBERS), *(log.pseudonym(name) for name in MEMBERS))
    return log


def open_log(**fields) -> NetworkLog:
    """Epoch 1 open: entries 0 to 11; the next is 12."""
    log = registered_log(**fields)
    log.append(log.open())
    return log
