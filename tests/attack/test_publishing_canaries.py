"""Canaries in everything a school types or keeps: none may be in what leaves, in the release log, or in an error."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from federation.jws import peek_jws
from nic_node.db.engine import Database
from nic_node.disclosure import prepare
from nic_node.disclosure.wording import scrub_texts
from nic_node.keyring.keys import all_public_keys
from nic_node.keyring.purposes import KeyPurpose
from nic_node.mirror.read import living_record
from nic_node.publishing.places import own_places
from nic_node.publishing.release_log import release_log
from nic_node.publishing.slots import send_in_slot
from nic_node.publishing.tables import OutboxRow, Participation, Release
from schemas.leaf import LEAF_TYP
from schemas.limits import LEAF_MAX_BYTES
from tests.conftest import TestClock
from tests.stores.publishing_stage import World, publishing_world

ROSTER = ("Quillfeather, Zephyrine", "Brackenwood, Osric", "Thistlewaite, Marigold")
WORDS = ("Quillfeather", "Zephyrine", "Brackenwood", "Thistlewaite", "Marigold", "Rivermouth", "Ada Field", "Ben Stone")
TYPED = {
    "title": "Homework with Ms. Quillfeather",
    "problem_statement": "Osric Brackenwood saw it at Rivermouth School; call 555-010-4477 or mail osric@example.org.",
    "idea_summary": "Marigold's idea, from room 214, since January 12, 2026.",
    "conditions": "Thistlewaite's schedule; see https://rivermouth.example/plan",
    "adaptable": ["Zephyrine may choose the time"],
    "materials": [
        {"kind": "letter", "title": "Letter by Osric", "text": "Dear families, Marigold Thistlewaite writes."}
    ],
    "lessons": {"worked": "QUILLFEATHER'S group started.", "watch_out": "Ask the Brackenwoods."},
}
PATTERNS = ("555-010-4477", "osric@example.org", "rivermouth.example", "room 214", "January 12")


@pytest.fixture
async def world(sqlite_database: Database, tmp_path: Path, clock: TestClock) -> AsyncIterator[World]:
    async with publishing_world(sqlite_database, tmp_path, clock) as made:
        await made.open_epoch()
        await made.fill_roster(*ROSTER)
        yield made


async def test_no_canary_leaves(world: World) -> None:
    await world.approved(**TYPED)
    await world.slot()
    (sent,) = [taken for taken in world.network.taken if taken and taken.blob]
    left = (sent.leaf + sent.blob).decode().lower()
    for canary in (*WORDS, *PATTERNS, "grade 7 group"):
        assert canary.lower() not in left
    async with world.database.reading() as session:
        (own,) = await own_places(session, world.node)
        record = await living_record(session, own)
    assert record.payload["title"] == "Homework with [teacher]"


async def test_without_the_text_stage_the_canaries_would_leave(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    draft_id = await world.drafted(await world.closed_project(**TYPED))
    unguarded = tuple(stage for stage in prepare.STAGES if stage is not scrub_texts)
    monkeypatch.setattr(prepare, "STAGES", unguarded)
    record = json.dumps((await world.preview(draft_id)).draft.record)
    assert {canary for canary in (*WORDS[:6], *PATTERNS) if canary.lower() not in record.lower()} == set()


async def test_what_leaves_names_no_node(world: World) -> None:
    """Neither the node's address nor any of its keys, and no time: only a pseudonym that the log knows."""
    await world.approved()
    await world.slot()
    (sent,) = [taken for taken in world.network.taken if taken and taken.blob]
    left = (sent.leaf + sent.blob).decode()
    blob = json.loads(sent.blob)
    assert set(blob) == {"v", "kind", "network", "epoch", "jkt", "salt", "payload"}
    leaf = peek_jws(sent.leaf, typ=LEAF_TYP, max_bytes=LEAF_MAX_BYTES)
    assert set(leaf.header) == {"alg", "kid", "typ"}
    assert set(leaf.payload) == {"t", "v", "network", "epoch", "kind", "blob_sha256"}
    async with world.database.reading() as session:
        for purpose in (KeyPurpose.FEDERATION, KeyPurpose.HTTP):
            keys = await all_public_keys(session, entity_id=world.node.entity_id, purpose=purpose, now=world.clock())
            assert all(key.kid not in left for key in keys)
    assert world.node.entity_id not in left
    assert "127.0.0.1:8000" not in left


async def test_the_release_log_and_the_audit_hold_no_text(world: World) -> None:
    await world.approved(**TYPED)
    async with world.database.reading() as session:
        lines = await release_log(session)
        told = json.dumps([[line.stage, line.code, line.counts, line.decision, line.record_sha256] for line in lines])
    for canary in (*WORDS, *PATTERNS):
        assert canary.lower() not in told.lower()


async def test_the_map_rests_sealed(world: World) -> None:
    """Where a record stands, under which pseudonym, and what it says: none of it is plain in this room's rows."""
    await world.approved()
    world.clock.forward(seconds=61)
    await send_in_slot(world.node, world.name)
    async with world.database.reading() as session:
        submission = await session.scalar(select(OutboxRow.sealed_submission))
    world.network.sequence()
    await world.follow()
    async with world.database.reading() as session:
        outbox = (await session.scalars(select(OutboxRow))).one()
        part = (await session.scalars(select(Participation))).one()
        release = (await session.scalars(select(Release))).one()
        (own,) = await own_places(session, world.node)
    (sent,) = [taken for taken in world.network.taken if taken and taken.blob]
    jkt = json.loads(sent.blob)["jkt"]
    sealed = [outbox.sealed_place, submission, part.sealed, release.sealed_record]
    assert all(value is not None for value in sealed)
    for value in sealed:
        for canary in (own.encode(), jkt.encode(), b"Advisory homework"):
            assert canary not in value


async def test_no_two_envelopes_and_no_two_blobs_are_alike(world: World) -> None:
    """The same words released twice commit to different hashes: a salt is drawn for each."""
    await world.approved()
    await world.slot()
    await world.approved()
    await world.slot()
    sent = [taken for taken in world.network.taken if taken and taken.blob]
    salts = {json.loads(taken.blob)["salt"] for taken in sent}
    assert len(sent) == len(salts) == 2
