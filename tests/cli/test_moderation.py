"""`nic practice correct`, `nic practice flag` and `nic network moderation`: done and refused, and what they answer."""

import asyncio
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from nic_node.app.node import open_node
from nic_node.config import read_config
from nic_node.membership.tables import MembershipRow
from nic_node.network.coordinators import add_coordinator
from schemas.ids import build_record_id
from tests.cli.calls import Answer, is_one_sentence, nic
from tests.conftest import TestClock
from tests.stores.publishing_stage import publishing_world
from tests.unit.accounts.stage import ADA, join
from tests.unit.network.log.stage import running_stage

KEY = urlsafe_b64encode(b"k" * 32).decode().rstrip("=")
SETTINGS = {"NIC_OPERATOR_KEY": KEY}
MODERATING = {"NIC_OPERATOR_KEY": urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")}
ADA_SAYS = ("--as", "ada@school.example")
BEN_SAYS = ("--as", "ben@school.example")


def refused(answer: Answer, words: str, code: int = 1) -> None:
    assert (answer.code, answer.out) == (code, "")
    assert words in answer.err
    assert code != 1 or is_one_sentence(answer.err)


def said(folder: Path, *words: object) -> Answer:
    return nic(*words, data=folder, settings=SETTINGS)


def test_correcting_and_flagging(tmp_path: Path, clock: TestClock) -> None:
    """A school whose project 1 stands in the log beside another school's practice."""
    folder = tmp_path / "school"

    async def share() -> tuple[str, str]:
        async with (
            open_node(read_config(folder, SETTINGS)) as node,
            publishing_world(node.local.database, folder, clock) as world,
        ):
            await world.open_epoch()
            await world.closed_project(title="Not shared")
            await world.approved()
            await world.slot()
            log = world.network.log
            own = log.record_id(len(log.entries) - 1)
            theirs = log.record_id(log.publish("ada"))
            await world.pull()
            async with world.database.writing() as session:
                # The commands go by the machine's own clock.
                far = datetime.now(UTC) + timedelta(days=1)
                await session.execute(update(MembershipRow).values(chain_expires_at=far))
            return own, theirs

    own, theirs = asyncio.run(share())

    refused(said(folder, "practice", "correct", 1), "Nothing of this project was shared")
    opened = said(folder, "practice", "correct", 2, *ADA_SAYS, "--json").document
    assert set(opened) == {
        "draft", "project", "state", "withdrawal", "withdrawal_problem", "network", "sha256", "blocked", "open", "rung",
    }  # fmt: skip
    assert (opened["project"], opened["state"], opened["withdrawal"]) == (2, "draft", "")
    refused(said(folder, "practice", "correct", 2), "is being prepared already")
    record = said(folder, "practice", "preview", 2, "--json").document["record"]
    assert record["supersedes"] == own

    flag = ("practice", "flag")
    assert said(folder, *flag, "--json").document == {"items": []}
    assert "flagged nothing" in said(folder, *flag).out
    refused(said(folder, *flag, theirs), "name a record and what is wrong", 2)
    refused(said(folder, *flag, theirs, "--code", "dull"), "Invalid value for '--code'", 2)
    refused(said(folder, *flag, own, "--code", "harmful"), "your school's own")
    (one,) = said(folder, *flag, theirs, "--code", "harmful", *ADA_SAYS, "--json").document["items"]
    assert (set(one), one["record"]) == ({"id", "record", "code", "state", "withdrawal", "problem"}, theirs)
    assert (one["code"], one["state"], one["withdrawal"]) == ("harmful", "queued", "")
    assert theirs in said(folder, *flag).out
    refused(said(folder, *flag, theirs, "--code", "off-topic"), "flagged this already")
    refused(said(folder, *flag, "--undo", 99), "no such flag")
    assert said(folder, *flag, "--undo", one["id"], "--json").document == {"items": []}
    refused(said(folder, *flag, f"{theirs}9", "--code", "harmful"), "no such record")


def test_moderating(tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two coordinators, both of whom have to say yes; three records, all of them flagged."""
    folder = tmp_path / "node"

    async def prepare() -> list[str]:
        async with open_node(read_config(folder, MODERATING)) as node:
            database = node.local.database
            async with running_stage(database, clock, folder, monkeypatch, approvals_required=2) as stage:
                await join(database, clock, "ben@school.example", "teacher", name="Ben Stone")
                await join(database, clock, "cem@school.example", "teacher", name="Cem Ak")
                async with database.writing() as session:
                    given = {"network_id": stage.network.id, "email": "ben@school.example", "now": clock()}
                    await add_coordinator(session, actor=ADA, **given)
                await stage.open_epoch()
                origin = (await stage.log()).origin
                targets = [build_record_id(origin, await stage.publish("ada")) for _ in range(3)]
                for target in targets:
                    flag = stage.record("ben", {"target": target, "code": "identifies-someone"}, kind="flag")
                    await stage.submit(flag.leaf, flag.blob)
                clock.forward(seconds=60)
                await stage.sequence()
                return targets

    down, blocked, kept = asyncio.run(prepare())

    def moderation(*words: object) -> Answer:
        return nic("network", "moderation", *words, data=folder, settings=MODERATING)

    shown = moderation("--json").document
    assert {one["record"] for one in shown["flagged"]} == {down, blocked, kept}
    assert set(shown["flagged"][0]) == {
        "record", "kind", "pseudonym", "index", "title", "payload", "codes", "pseudonyms",
    }  # fmt: skip
    assert (shown["flagged"][0]["codes"], shown["flagged"][0]["pseudonyms"]) == ({"identifies-someone": 1}, 1)
    assert shown["open"] == []
    assert down in moderation().out

    left = moderation("--dismiss", kept, *ADA_SAYS, "--json").document
    assert {one["record"] for one in left["flagged"]} == {down, blocked}
    (case,) = moderation("--take-down", down, "--reason", "harmful", *ADA_SAYS, "--json").document["open"]
    assert set(case) == {
        "id", "act", "record", "title", "pseudonym", "from_index", "reason", "state", "voices", "needed", "opened_at",
        "decided_at", "version",
    }  # fmt: skip
    assert (case["act"], case["record"], case["reason"]) == ("moderate", down, "harmful")
    assert (case["voices"], case["needed"], case["state"]) == (["Ada Field"], 2, "open")
    assert "1 of 2" in moderation().out
    refused(moderation("--second", case["id"], *ADA_SAYS), "said yes to this already")
    assert moderation("--undo", case["id"], *ADA_SAYS, "--json").document["open"] == []
    (case,) = moderation("--take-down", down, *ADA_SAYS, "--json").document["open"]
    assert moderation("--second", case["id"], *BEN_SAYS, "--json").document["open"] == []

    (case,) = moderation("--block", blocked, *BEN_SAYS, "--json").document["open"]
    assert (case["act"], case["from_index"]) == ("block", int(blocked.rsplit("#", 1)[1]))
    refused(moderation("--second", case["id"], "--as", "cem@school.example"), "no active coordinator")
    refused(moderation("--block", f"{down}9", *ADA_SAYS), "has no such record")
    refused(moderation("--take-down", "nothing", *ADA_SAYS), "record")
    refused(moderation("--second", 99, *BEN_SAYS), "No such proposal waits")
    refused(moderation("--dismiss", kept, *ADA_SAYS), "No flag of this record waits")
    refused(moderation("--take-down", kept, "--reason", "dull", *ADA_SAYS), "Invalid value for '--reason'", 2)
