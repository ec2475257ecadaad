"""What dishonest members, relays and strangers send to a network: refused with its code, or dropped, and never logged."""

import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from federation.blindrsa import public_key
from federation.epochs import build_issue_request
from federation.leaves import build_member, build_pseudonym, build_record, sign_leaf
from nic_node.network.log.tables import LogEntry, SealedEnvelope
from schemas.base64url import decode_base64url
from schemas.canonical import canonical_bytes, sha256_hex
from tests.conftest import TestClock, open_sqlite
from tests.fakes.network_log import PRACTICE, shared_key
from tests.unit.network.log.served import Served, code_of, served_stage
from tests.unit.network.log.stage import SCHOOLS, SLOT, Stage, entity_of
from tests.unit.network.people_stage import running_node


@pytest.fixture
async def served(clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    database = await open_sqlite(tmp_path)
    async with running_node(database, clock, tmp_path) as node:
        yield await served_stage(node, monkeypatch)
    await database.close()


async def after_the_slot(served: Served) -> list[tuple[str, str]]:
    """What was refused once the slot's envelopes were opened."""
    served.stage.clock.forward(seconds=SLOT)
    await served.stage.sequence()
    return await served.stage.refusals()


async def size_of(served: Served) -> int:
    return (await served.stage.log()).size


async def test_records_that_break_a_rule_never_enter_the_log(served: Served) -> None:
    """A non-member's, a tampered and a rule-breaking record, and other crooked ones, among one that is fine."""
    stage = served.stage
    await stage.open_epoch()
    before = await size_of(served)

    stranger = stage.record("eve")
    tampered = stage.record("ada")
    other = stage.record("ben")
    naming = stage.record("ben", {**PRACTICE, "idea": {"category": "other", "label": "call 212-555-0188 today"}})
    orphan = stage.record("ada", {"target": f"{(await stage.log()).origin}#3", "text": "Who helped?"}, kind="question")
    loose = build_record(stage.network.entity, epoch=1, kind="practice", blob_sha256=sha256_hex(b"{}"))
    crooked = [
        (stranger.leaf, stranger.blob),
        (tampered.leaf, tampered.blob.replace(b"Morning calls", b"Evening calls")),
        (tampered.leaf, other.blob),
        (naming.leaf, naming.blob),
        (orphan.leaf, orphan.blob),
        (sign_leaf(loose, stage.pseudonym_key("ada")), b"{}"),
        (tampered.leaf, b""),
        (b"not.a.leaf", b""),
        (await stage.pseudonym_leaf("ada"), b"{}"),
    ]
    for leaf, blob in crooked:
        assert (await served.submit(leaf, blob)).status == 202
    fine = stage.record("cem")
    assert (await served.submit(fine.leaf, fine.blob)).status == 202

    refused = await after_the_slot(served)
    assert await size_of(served) == before + 1
    assert sorted(code for _, code in refused) == sorted(
        [
            "pseudonym-unknown",
            "blob-hash-wrong",
            "blob-hash-wrong",
            "rule-text",
            "target-unknown",
            "unknown-kind",
            "blob-missing",
            "token-malformed",
        ]
    ), refused
    # The rest is unharmed, and of what was refused nothing is kept but hash and code.
    async with stage.node.database.reading() as session:
        kept = (await session.execute(text("SELECT * FROM network_log_refusals"))).all()
    assert "212-555" not in repr(kept)
    assert "Morning calls" not in repr(kept)


async def test_a_leaf_of_the_networks_cannot_be_played_again(served: Served) -> None:
    """The leaf that suspended a member is true and signed; sent again after its return it would suspend it twice."""
    stage = served.stage
    await stage.open_epoch()
    for states in (("approved", "suspended"), ("suspended", "approved")):
        await stage.move("cem", *states)
    await stage.sequence()
    async with stage.node.database.reading() as session:
        (leaf,) = [leaf for leaf in await session.scalars(select(LogEntry.leaf)) if b"suspended" in _payload(leaf)][:1]
    before = await size_of(served)
    await served.submit(leaf)
    # Byte for byte it is in the log already; a fresh one of the same content is not this network's to sign.
    await after_the_slot(served)
    assert await size_of(served) == before
    forged = build_member(
        stage.network.entity, entity=entity_of("cem"), jkt="A" * 43, from_state="approved", to_state="revoked"
    )
    await served.submit(sign_leaf(forged, stage.pseudonym_key("ada")))
    assert ("member", "leaf-signer-wrong") in await after_the_slot(served)
    assert await size_of(served) == before


def _payload(leaf: bytes) -> bytes:
    return decode_base64url(leaf.decode().split(".")[1])


async def test_what_is_sent_again_is_dropped_and_a_copied_blob_refused(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    record = stage.record("ada")
    envelope = await stage.seal(record.leaf, record.blob)
    for relay in ("ben", "ben", "cem"):
        assert (await served.post(relay, "/v1/submissions", envelope)).status == 202
    assert (await served.submit(record.leaf, record.blob)).status == 202
    assert await after_the_slot(served) == []
    size = await size_of(served)

    copied = build_record(stage.network.entity, epoch=1, kind="practice", blob_sha256=record.blob_sha256)
    await served.submit(sign_leaf(copied, stage.pseudonym_key("ben")), record.blob)
    await served.submit(record.leaf, record.blob)
    assert await after_the_slot(served) == [("record", "record-duplicate")]
    assert await size_of(served) == size

    # Also after it was taken back.
    await served.submit(await stage.retract_leaf("ada", size - 1))
    await after_the_slot(served)
    await served.submit(record.leaf, record.blob)
    await served.submit(sign_leaf(copied, stage.pseudonym_key("cem")), record.blob)
    assert (await after_the_slot(served))[1:] == [("record", "record-duplicate")]
    assert await size_of(served) == size + 1


async def test_only_the_author_takes_a_record_back(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    index = await stage.publish("ada")
    theirs = await stage.retract_leaf("ben", index)
    await served.submit(theirs)
    assert await after_the_slot(served) == [("retract", "target-not-own")]
    for leaf, expected in (
        (theirs, (403, "target-not-own")),
        (await stage.retract_leaf("eve", index), (403, "target-not-own")),
        (await stage.retract_leaf("ada", 99), (404, "target-unknown")),
        (stage.record("ada").leaf, (422, "leaf-type-unknown")),
    ):
        answer = await served.post(None, "/v1/retractions", json.dumps({"leaf": leaf.decode()}).encode())
        assert (await code_of(answer))[1] == expected[1]
    assert (await served.post(None, "/v1/retractions", b"{}")).status == 422
    assert (await served.post(None, "/v1/retractions", b"x" * 9000)).status == 413


async def test_envelopes_are_taken_from_approved_members_only(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    envelope = await stage.seal()
    await stage.add_member("dot", "applied")
    await stage.add_member("fay", "suspended")
    for name, expected in (
        (None, (401, "request-unsigned")),
        ("eve", (401, "signer-unknown")),
        ("dot", (403, "not-a-member")),
        ("fay", (403, "member-suspended")),
    ):
        assert await code_of(await served.post(name, "/v1/submissions", envelope)) == expected
    for body, code in (
        (envelope[:-1], "envelope-malformed"),
        (secrets.token_bytes(65536), "envelope-unopened"),
        (envelope[:-1] + bytes([envelope[-1] ^ 1]), "envelope-unopened"),
    ):
        assert (await code_of(await served.post("ben", "/v1/submissions", body)))[1] == code
    assert (await code_of(await served.post("ben", "/v1/submissions", envelope + b"x")))[0] == 413
    assert [code for _, code in await stage.refusals()] == ["envelope-malformed", *["envelope-unopened"] * 2]


async def test_a_relay_that_floods_is_stopped(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    answers = [(await served.submit()).status for _ in range(18)]
    assert answers == [202] * 17 + [429]
    assert (await served.submit(relay="cem")).status == 202
    garbage = [(await served.post("cem", "/v1/submissions", secrets.token_bytes(65536))).status for _ in range(18)]
    assert garbage[-1] == 429
    stage.clock.forward(seconds=SLOT)
    assert (await served.submit()).status == 202


async def test_a_dummy_and_a_record_leave_the_same_traces(served: Served) -> None:
    """Until the slot ends all rows look alike: one size, no relay, no time but the slot's end, no order of arrival."""
    stage = served.stage
    await stage.open_epoch()
    record = stage.record("ada")
    answers = [await served.submit(record.leaf, record.blob), await served.submit(), await served.submit(relay="cem")]
    assert len({(a.status, await a.read(), tuple(sorted(set(a.headers) - {"Date"}))) for a in answers}) == 1
    async with stage.node.database.reading() as session:
        rows = (await session.scalars(select(SealedEnvelope))).all()
    assert {(len(row.envelope), row.due_at, row.epoch) for row in rows} == {
        (65536, rows[0].due_at, 1),
    }
    assert set(SealedEnvelope.__table__.columns.keys()) == {
        "place", "log_id", "epoch", "due_at", "envelope", "envelope_sha256",
    }  # fmt: skip
    assert rows[0].due_at.timestamp() % SLOT == 0
    before = await size_of(served)
    await after_the_slot(served)
    assert await size_of(served) == before + 1


async def test_a_slots_records_come_in_random_order(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    orders = set()
    for _ in range(4):
        records = [stage.record("ada", {**PRACTICE, "title": f"Number {n}"}) for n in range(5)]
        for record in records:
            await stage.submit(record.leaf, record.blob)
        stage.clock.forward(seconds=SLOT)
        await stage.sequence()
        async with stage.node.database.reading() as session:
            logged = list(await session.scalars(select(LogEntry.leaf).order_by(LogEntry.index)))[-5:]
        orders.add(tuple(logged.index(record.leaf) for record in records))
    assert len(orders) > 1


# Epochs and credentials ------------------------------------------------------------------------------------------------


async def ask(served: Served, name: str, jws: str, epoch: int = 1) -> tuple[int, str]:
    body = json.dumps({"jws": jws}).encode()
    answer = await served.post(name, f"/v1/epochs/{epoch}/blind-sign", body)
    if answer.status == 200:
        return 200, (await answer.json())["blind_sig"]
    return await code_of(answer)


def jws_of(stage: Stage, name: str, message: bytes, epoch: int = 1, network: str | None = None) -> str:
    return build_issue_request(
        shared_key("ES256", name), network=network or stage.network.entity, epoch=epoch, blinded_message=message
    )


async def test_one_credential_a_member_and_epoch(served: Served) -> None:
    stage = served.stage
    await stage.admit(*SCHOOLS)
    await stage.announce()
    modulus = public_key((await stage.epoch()).payload["rsa_jwk"]).modulus

    def number(value: int) -> bytes:
        return value.to_bytes(384, "big")

    message = number(int.from_bytes(b"\x01" + bytes(383), "big") // 3)
    for value in (0, 1, modulus - 1, modulus, 2**3072 - 1):
        assert (await ask(served, "ada", jws_of(stage, "ada", number(value))))[1] == "blind-message-invalid"
    for jws, epoch, code in (
        (jws_of(stage, "ben", message), 1, "not-a-member"),
        (jws_of(stage, "eve", message), 1, "not-a-member"),
        (jws_of(stage, "ada", message, epoch=2), 1, "issue-request-invalid"),
        (jws_of(stage, "ada", message, epoch=2), 2, "epoch-unknown"),
        (jws_of(stage, "ada", message, network="https://other.example/net/x"), 1, "issue-request-invalid"),
        ("a.b.c", 1, "token-malformed"),
    ):
        assert (await ask(served, "ada", jws, epoch))[1] == code

    first = await ask(served, "ada", jws_of(stage, "ada", message))
    assert first[0] == 200
    assert await ask(served, "ada", jws_of(stage, "ada", message)) == first
    assert await ask(served, "ada", jws_of(stage, "ada", message[:-1] + b"\x07")) == (409, "issued-already")

    # The key is erased when issuing closes; what was answered is answered again.
    stage.clock.now = (await stage.windows()).issue_to
    await stage.advance()
    assert await ask(served, "ada", jws_of(stage, "ada", message)) == first
    assert (await ask(served, "ben", jws_of(stage, "ben", message)))[1] == "epoch-not-issuing"
    async with stage.node.database.reading() as session:
        keys = text("SELECT sealed_private_jwk FROM keyring_keys WHERE purpose = 'credential'")
        assert [row[0] for row in await session.execute(keys)] == [None]


async def test_pseudonyms_too_early_too_late_and_forged(served: Served) -> None:
    stage = served.stage
    await stage.admit(*SCHOOLS)
    await stage.announce()
    for name in SCHOOLS:
        await stage.issue(name)
    await stage.sequence()
    leaves = {name: await stage.pseudonym_leaf(name) for name in SCHOOLS}
    await stage.submit(leaves["ada"])
    assert await after_the_slot(served) == [("pseudonym", "epoch-not-registering")]

    stage.clock.now = (await stage.windows()).issue_to
    await stage.advance()
    stage.clock.forward(seconds=1)
    prepared, _ = stage.blinded["ada", 1]
    forged = build_pseudonym(
        stage.network.entity,
        epoch=1,
        jwk=stage.pseudonym_key("eve"),
        prepared_message=prepared,
        signature=secrets.token_bytes(384),
    )
    await stage.submit(sign_leaf(forged, stage.pseudonym_key("eve")))
    await stage.submit(leaves["ada"])
    refused = (await after_the_slot(served))[1:]
    assert refused == [("pseudonym", "credential-key-wrong")]
    assert (await stage.epoch()).registered == 1

    stage.clock.now = (await stage.windows()).active_from
    await stage.submit(leaves["ben"])
    stage.clock.forward(seconds=SLOT)
    await stage.advance()
    assert (await stage.epoch()).status == "open"
    assert (await stage.epoch()).registered == 1
    assert (await stage.refusals())[-1] == ("pseudonym", "pseudonym-late")


async def test_a_closed_epoch_takes_answers_and_corrections_only(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    index = await stage.publish("ada")
    windows = await stage.windows()
    stage.clock.now = windows.active_to
    stage.clock.forward(seconds=2 * SLOT)
    await stage.submit(*_parts(stage.record("ben")))
    assert await after_the_slot(served) == []
    stage.clock.forward(seconds=SLOT)
    await stage.submit(*_parts(stage.record("cem")))
    origin = (await stage.log()).origin
    correction = stage.record("ada", {**PRACTICE, "title": "Calls home", "supersedes": f"{origin}#{index}"})
    await stage.submit(*_parts(correction))
    before = await size_of(served)
    assert await after_the_slot(served) == [("record", "epoch-closed")]
    assert await size_of(served) == before + 1


def _parts(record) -> tuple[bytes, bytes]:
    return record.leaf, record.blob


async def test_who_left_takes_back_without_a_signed_request(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    index = await stage.publish("ada")
    await stage.move("ada", "approved", "left")
    await stage.sequence()
    leaf = await stage.retract_leaf("ada", index)
    body = canonical_bytes({"leaf": leaf.decode()})
    assert (await served.post(None, "/v1/retractions", body)).status == 202
    assert (await served.post(None, "/v1/retractions", body)).status == 202
    await stage.sequence()
    assert (await code_of(await served.post(None, "/v1/retractions", body)))[1] == "blob-retracted"
