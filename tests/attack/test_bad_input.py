"""Bad input to a network's log: each refused by its code before any step that costs something, and not for long."""

import json
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import update

from federation import blindrsa, envelope
from federation.blindrsa import private_key
from federation.envelope import seal_dummy
from federation.epochs import build_issue_request
from federation.judge import by_pseudonyms
from federation.jws import sign_jws
from federation.keys import load_public
from federation.leaves import build_pseudonym, build_record, sign_leaf
from nic_node.db.engine import Database
from nic_node.network.log import peers
from nic_node.network.log.tables import EpochRecord
from nic_node.peerhttp.throttle import REFUSALS_A_WINDOW
from schemas.base64url import encode_base64url
from schemas.canonical import canonical_bytes, sha256_hex
from schemas.leaf import LEAF_TYP
from tests.attack.lies_of_contents import signed_bytes
from tests.conftest import TestClock
from tests.fakes.network_log import epoch_keys, shared_key
from tests.unit.network.log.served import Served, code_of, served_stage
from tests.unit.network.log.stage import SCHOOLS, SLOT, Stage
from tests.unit.network.people_stage import running_node

RSA_BYTES = 384
ADAS_KEY = shared_key("Ed25519", "pseudonym ada 1")
MALFORMED_LEAVES = 7


@pytest.fixture
async def served(
    sqlite_database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    async with running_node(sqlite_database, clock, tmp_path) as node:
        yield await served_stage(node, monkeypatch)


@pytest.fixture
async def stored(
    database: Database, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """On both databases, where what is refused is counted and kept."""
    async with running_node(database, clock, tmp_path) as node:
        yield await served_stage(node, monkeypatch)


class Costs:
    """How often a step was taken that costs: RSA with either key, opening an envelope, a leaf's signature."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[str] = []
        self._count(monkeypatch, blindrsa, "_rsasp1_blinded")
        self._count(monkeypatch, blindrsa, "is_signature")
        self._count(monkeypatch, envelope, "_suite")
        self._count(monkeypatch, by_pseudonyms, "verify_leaf")

    def _count(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        real: Callable[..., Any] = getattr(module, name)

        def counted(*args: Any, **named: Any) -> Any:
            self.steps.append(name)
            return real(*args, **named)

        monkeypatch.setattr(module, name, counted)


async def blind_sign(served: Served, body: bytes, name: str = "ada", epoch: int = 1) -> ClientResponse:
    return await served.post(name, f"/v1/epochs/{epoch}/blind-sign", body)


def asking(stage: Stage, number: int, *, epoch: int = 1) -> bytes:
    jws = build_issue_request(
        shared_key("ES256", "ada"),
        network=stage.network.entity,
        epoch=epoch,
        blinded_message=number.to_bytes(RSA_BYTES, "big"),
    )
    return json.dumps({"jws": jws}).encode()


def deep(levels: int) -> bytes:
    return b'{"jws":' + b"[" * levels + b"]" * levels + b"}"


async def test_requests_for_credentials(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = served.stage
    await stage.admit(*SCHOOLS)
    await stage.announce()
    key = private_key(epoch_keys(2)[0])
    modulus = key.public.modulus
    assert key.public == blindrsa.public_key((await stage.epoch()).payload["rsa_jwk"])
    costs = Costs(monkeypatch)
    table = {
        "zero": (asking(stage, 0), "blind-message-invalid"),
        "one": (asking(stage, 1), "blind-message-invalid"),
        "n - 1": (asking(stage, modulus - 1), "blind-message-invalid"),
        "n": (asking(stage, modulus), "blind-message-invalid"),
        "out of range": (asking(stage, 2 ** (8 * RSA_BYTES) - 1), "blind-message-invalid"),
        "not coprime": (asking(stage, 3 * key.p), "blind-message-invalid"),
        "another epoch's": (asking(stage, 2, epoch=2), "issue-request-invalid"),
        "deep JSON": (deep(40), "too-deep"),
        "NaN": (b'{"jws":NaN}', "not-json"),
        "a key twice": (b'{"jws":"a","jws":"a"}', "duplicate-key"),
        "an unknown key": (b'{"jws":"a.b.c","more":1}', "invalid-document"),
    }
    found = {name: (await code_of(await blind_sign(served, body)))[1] for name, (body, _) in table.items()}
    assert found == {name: code for name, (_, code) in table.items()}
    assert costs.steps == []

    # And not for long: whoever is refused again and again waits; others don't.
    for _ in range(REFUSALS_A_WINDOW - len(table)):
        assert (await blind_sign(served, b"{}")).status == 422
    waits = await blind_sign(served, asking(stage, modulus // 3))
    assert (await code_of(waits), waits.headers["Retry-After"]) == ((429, "too-many-requests"), "60")
    assert costs.steps == []
    await stage.issue("ben")
    stage.clock.forward(seconds=60)
    assert (await blind_sign(served, asking(stage, modulus // 3))).status == 200


def crafted(payload: dict[str, Any], signer: str) -> bytes:
    """A leaf that our own code would not make."""
    return sign_jws(payload, shared_key("Ed25519", f"pseudonym {signer} 1"), typ=LEAF_TYP).encode()


async def test_leaves_and_blobs(stored: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """What envelopes hold is looked at when their slot has ended; then without any RSA."""
    stage = stored.stage
    await stage.open_epoch()
    ada, ben = stage.record("ada"), stage.record("ben")
    named = build_record(stage.network.entity, epoch=1, kind="practice", blob_sha256=ben.blob_sha256)
    free = build_record(stage.network.entity, epoch=1, kind="practice", blob_sha256="0" * 64)
    table = {
        "a blob that does not hash": (ada.leaf, ada.blob + b" ", "blob-hash-wrong"),
        "a blob of another pseudonym": (
            sign_leaf(named, stage.pseudonym_key("ada")),
            ben.blob,
            "blob-leaf-mismatch",
        ),
        "an unknown kind": (crafted({**free, "kind": "poem"}, "ada"), b"{}", "unknown-kind"),
        "an unknown kind of blob": (*committed(stage, altered(ada.blob, kind="poem")), "unknown-kind"),
        "an unknown type": (crafted({**free, "t": "poem"}, "ada"), b"", "leaf-type-unknown"),
        "another version": (crafted({**free, "v": 2}, "ada"), b"{}", "unsupported-version"),
        "another version of blob": (*committed(stage, altered(ada.blob, v=2)), "unsupported-version"),
        "NaN in a blob": (*committed(stage, b'{"v":NaN}'), "not-json"),
        "a key twice in a blob": (*committed(stage, b'{"v":1,"v":1}'), "duplicate-key"),
        "a deep blob": (*committed(stage, deep(40)), "too-deep"),
        "nothing that is a leaf": (secrets.token_bytes(80), b"", "token-malformed"),
        "NaN in a leaf": (signed_bytes(b'{"v":NaN}', ADAS_KEY), b"", "not-json"),
        "a key twice in a leaf": (signed_bytes(b'{"v":1,"v":1}', ADAS_KEY), b"", "duplicate-key"),
        "a deep leaf": (signed_bytes(deep(40), ADAS_KEY), b"", "too-deep"),
    }
    costs = Costs(monkeypatch)
    for leaf, blob, _ in table.values():
        assert (await stored.submit(leaf, blob)).status == 202
    opened = len(costs.steps)
    size = (await stage.log()).size
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()
    assert sorted(code for _, code in await stage.refusals()) == sorted(code for *_, code in table.values())
    assert (await stage.log()).size == size
    assert set(costs.steps[opened:]) <= {"_suite", "verify_leaf"}, "no RSA for any of them"
    assert costs.steps[opened:].count("verify_leaf") <= len(table) - MALFORMED_LEAVES, (
        "nor a signature for what is none"
    )


def altered(blob: bytes, **members: Any) -> bytes:
    return canonical_bytes({**json.loads(blob), **members})


def committed(stage: Stage, blob: bytes) -> tuple[bytes, bytes]:
    payload = build_record(stage.network.entity, epoch=1, kind="practice", blob_sha256=sha256_hex(blob))
    return sign_leaf(payload, stage.pseudonym_key("ada")), blob


async def test_credentials_of_another_epoch(stored: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature over another epoch's message is seen by the message: RSA is not asked."""
    stage = stored.stage
    await stage.admit(*SCHOOLS)
    await stage.announce()
    await stage.issue("ada")
    await stage.sequence()
    stage.clock.now = (await stage.windows()).issue_to
    await stage.advance()
    stage.clock.forward(seconds=SLOT)
    private = stage.pseudonym_key("ada")
    prepared, _ = stage.blinded["ada", 1]
    other = prepared.replace(b'"epoch":1', b'"epoch":7')
    leaf = build_pseudonym(
        stage.network.entity, epoch=1, jwk=private, prepared_message=other, signature=secrets.token_bytes(RSA_BYTES)
    )
    costs = Costs(monkeypatch)
    await stage.submit(sign_leaf(leaf, private))
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()
    assert await stage.refusals() == [("pseudonym", "credential-epoch-wrong")]
    assert set(costs.steps) <= {"_suite", "verify_leaf"}

    # Nor for one that comes too late, whose credential is right: the clock is asked first.
    right = await stage.pseudonym_leaf("ada")
    stage.clock.now = (await stage.windows()).active_from
    await stage.submit(right)
    stage.clock.forward(seconds=SLOT)
    costs.steps.clear()
    await stage.sequence()
    assert (await stage.refusals())[1:] == [("pseudonym", "pseudonym-late")]
    assert set(costs.steps) == {"_suite"}


async def oversized(stage: Stage, leaf: bytes, blob: bytes = b"") -> bytes:
    """Sealed by the protocol's own suite, with parts that are longer than any may be."""
    public = load_public((await stage.epoch()).payload["submission_key"])
    plaintext = b"".join((len(leaf).to_bytes(4, "big"), leaf, len(blob).to_bytes(4, "big"), blob))
    info = envelope._info((await stage.log()).origin, 1)
    return envelope._suite().encrypt(plaintext.ljust(envelope._PLAINTEXT_BYTES, b"\0"), public.handle, info=info)


async def test_envelopes(stored: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = stored.stage
    await stage.open_epoch()
    good = await stage.seal()
    table = {
        "a leaf of 4,097 bytes": (await oversized(stage, b"x" * 4_097), "envelope-malformed"),
        "a blob of 49 KiB": (await oversized(stage, b"x", b"y" * 49 * 1024), "envelope-malformed"),
        "sealed garbage": (await oversized(stage, b"", b"z" * 9), "envelope-malformed"),
        "garbage": (secrets.token_bytes(65_536), "envelope-unopened"),
        "of another network": (
            seal_dummy((await stage.epoch()).payload["submission_key"], origin="other.example/log/1", epoch=1),
            "envelope-unopened",
        ),
        "a byte short": (good[:-1], "envelope-malformed"),
    }
    costs = Costs(monkeypatch)
    for name, (body, code) in table.items():
        assert (name, (await code_of(await stored.post("ben", "/v1/submissions", body)))[1]) == (name, code)
    assert len(costs.steps) == len(table) - 1, "one opening each, and none for what has the wrong size"

    # What is brought again in its slot is taken for what it is, and not opened again.
    assert (await stored.post("ben", "/v1/submissions", good)).status == 202
    before = len(costs.steps)
    for relay in ("ben", "cem"):
        assert (await stored.post(relay, "/v1/submissions", good)).status == 202
    assert len(costs.steps) == before

    # In a later slot it is known by its hash, whoever brings it: it was opened when its slot ended.
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()
    before, log_size = len(costs.steps), (await stage.log()).size
    for relay in ("ben", "cem"):
        replayed = await stored.post(relay, "/v1/submissions", good)
        assert await code_of(replayed) == (409, "envelope-replayed")
    stage.clock.forward(seconds=SLOT)
    assert await stage.sequence() == 0
    assert (len(costs.steps), (await stage.log()).size) == (before, log_size)

    # A relay that brings too much is told to wait before anything of it is opened.
    while (answer := await stored.post("ben", "/v1/submissions", secrets.token_bytes(65_536))).status != 429:
        before, refused = len(costs.steps), len(await stage.refusals())
    assert answer.headers["Retry-After"] == str(SLOT)
    assert (len(costs.steps), len(await stage.refusals())) == (before, refused)


async def test_an_epoch_that_is_over(stored: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = stored.stage
    await stage.open_epoch()
    late = stage.record("ada")
    sealed = await stage.seal(late.leaf, late.blob)
    stage.clock.now = (await stage.windows()).active_to
    stage.clock.forward(seconds=4 * SLOT)
    assert (await stored.post("ben", "/v1/submissions", sealed)).status == 202
    stage.clock.forward(seconds=SLOT)
    costs = Costs(monkeypatch)
    await stage.sequence()
    assert await stage.refusals() == [("record", "epoch-closed")]
    assert costs.steps == ["_suite"], "the clock is asked before any signature"
    async with stage.node.database.writing() as session:
        await session.execute(update(EpochRecord).values(submission_key_erased_at=stage.clock()))
    refused = await stored.post("ben", "/v1/submissions", await stage.seal())
    assert (await code_of(refused))[1] == "envelope-unopened"


async def test_retractions_in_the_open(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = served.stage
    await stage.open_epoch()
    index = await stage.publish("ada")
    costs = Costs(monkeypatch)
    table = {
        "a leaf of 4,097 bytes": (json.dumps({"leaf": "a" * 4_097}).encode(), "invalid-document"),
        "deep JSON": (deep(40), "too-deep"),
        "NaN": (b'{"leaf":NaN}', "not-json"),
        "a key twice": (b'{"leaf":"a","leaf":"a"}', "duplicate-key"),
        "another leaf": (canonical_bytes({"leaf": stage.record("ada").leaf.decode()}), "leaf-type-unknown"),
        "another's": (canonical_bytes({"leaf": (await stage.retract_leaf("ben", index)).decode()}), "target-not-own"),
    }
    for name, (body, code) in table.items():
        assert (name, (await code_of(await served.post(None, "/v1/retractions", body)))[1]) == (name, code)
    assert costs.steps == []

    # A hundred more from the same address, as of everybody behind one proxy: told to wait, before the judge is asked.
    mine = canonical_bytes({"leaf": (await stage.retract_leaf("ada", index)).decode()})
    with monkeypatch.context() as cheap:
        cheap.setattr(peers, "_verify_retraction", None)
        answers = [await served.post(None, "/v1/retractions", forged(mine, number)) for number in range(100)]
    assert [answer.status for answer in answers[-40:]] == [429] * 40
    assert answers[-1].headers["Retry-After"] == "60"
    assert {answer.status for answer in answers} == {401, 429}
    assert (await served.post(None, "/v1/retractions", mine)).status == 202, "the author's own passes all the same"

    # Only whoever holds the pseudonym's key can use up the patience with its withdrawals, and of one record alone.
    bens = canonical_bytes({"leaf": (await stage.retract_leaf("ben", index)).decode()})
    refused = {(await served.post(None, "/v1/retractions", bens)).status for _ in range(REFUSALS_A_WINDOW)}
    assert 429 in refused
    assert (await served.post(None, "/v1/retractions", mine)).status == 202


def forged(body: bytes, number: int) -> bytes:
    """The same claim, record and pseudonym under a signature that nobody made."""
    head, payload, _ = json.loads(body)["leaf"].split(".")
    signature = encode_base64url(number.to_bytes(64, "big"))
    return canonical_bytes({"leaf": f"{head}.{payload}.{signature}"})
