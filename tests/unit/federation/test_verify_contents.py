"""`verify_log` with contents: what is withheld, altered, taken back and still served, or stands for nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from federation.errors import Unreachable
from federation.judge import Pins
from federation.tlog.tiles import TILE_WIDTH, Tile
from federation.verify_log import Progress, Report, verify_log
from schemas.problem import Code
from tests.fakes.dishonest_log import DishonestLog
from tests.fakes.network_log import PRACTICE, NetworkLog, open_log


@dataclass
class Held:
    """Contents in a test's hands."""

    log: NetworkLog
    lines: Callable[[list[bytes]], list[bytes]] = lambda lines: lines
    asked: list[str] = field(default_factory=list)

    async def read_blobs(self, tile: Tile) -> list[bytes]:
        within = range(tile.index * TILE_WIDTH, tile.index * TILE_WIDTH + tile.width)
        return self.lines([blob for index, blob in sorted(self.log.blobs.items()) if index in within])

    async def read_document(self, network: str, sha256: str) -> Mapping[str, Any]:
        self.asked.append(sha256)
        return self.log.documents[sha256]


async def report_on(log: NetworkLog, lines: Callable[[list[bytes]], list[bytes]] = lambda lines: lines) -> Report:
    *_, report = [item async for item in verify_log(DishonestLog(log), Pins(), Held(log, lines))]
    assert isinstance(report, Report)
    return report


def two_records() -> NetworkLog:
    log = open_log()
    log.publish("ada")
    log.publish("ben", payload=PRACTICE | {"title": "Second"})
    return log


async def test_all_of_it_holds_and_each_document_is_read_once() -> None:
    log = two_records()
    held = Held(log)
    items = [item async for item in verify_log(DishonestLog(log), Pins(), held)]
    report = items[-1]
    assert isinstance(report, Report)
    assert (report.ok, report.contents) == (True, {"living": 2, "newer": 0, "strays": 0})
    assert sorted(held.asked) == sorted(log.documents)
    told = [(step.done, step.size, step.is_contents) for step in items if isinstance(step, Progress)]
    assert told == [(14, 14, False), (14, 14, True)]


def withheld(log: NetworkLog) -> int:
    del log.blobs[12]
    return 12


def altered(log: NetworkLog) -> int:
    log.blobs[12] = log.blobs[12].replace(b"Morning", b"Evening")
    return 12


def taken_back(log: NetworkLog) -> int:
    log.append(log.retract("ada", 12))
    return 12


def taken_down(log: NetworkLog) -> int:
    log.append(log.moderate(12))
    return 12


def blocked(log: NetworkLog) -> int:
    log.append(log.block("ada", 12))
    return 12


def against_a_rule(log: NetworkLog) -> int:
    return log.publish("ada", payload=PRACTICE | {"conditions": "Call 555-201-9834 first."})


def of_another(log: NetworkLog) -> int:
    return log.commit("ben", log.record("ada").blob)


def twice_replicated(log: NetworkLog) -> int:
    for _ in range(2):
        index = log.publish("ada", "replication", PRACTICE | {"title": "Ours", "origin": log.record_id(13)})
    return index


FOUND = {
    withheld: Code.BLOB_MISSING,
    altered: Code.BLOB_MISSING,
    taken_back: Code.BLOB_RETRACTED,
    taken_down: Code.BLOB_RETRACTED,
    blocked: Code.BLOB_RETRACTED,
    against_a_rule: Code.RULE_TEXT,
    of_another: Code.BLOB_LEAF_MISMATCH,
    twice_replicated: Code.REPLICATED_ALREADY,
}


@pytest.mark.parametrize("harm", FOUND)
async def test_what_is_wrong_with_contents_is_told_by_its_entry(harm: Callable[[NetworkLog], int]) -> None:
    log = two_records()
    index = harm(log)
    report = await report_on(log)
    assert (report.ok, report.refused) == (False, ((index, FOUND[harm]),))
    assert report.contents is not None
    assert report.contents["strays"] == (1 if harm is altered else 0)
    assert [fault.code for fault in report.faults] == ([Code.BLOB_HASH_WRONG] if harm is altered else [])


@pytest.mark.parametrize("harm", [taken_back, taken_down, blocked])
async def test_what_is_gone_and_not_served_is_as_it_should_be(harm: Callable[[NetworkLog], int]) -> None:
    log = two_records()
    del log.blobs[harm(log)]
    report = await report_on(log)
    assert (report.ok, report.contents) == (True, {"living": 1, "newer": 0, "strays": 0})


async def test_contents_that_are_not_to_be_had_are_a_fault() -> None:
    def nowhere(lines: list[bytes]) -> list[bytes]:
        raise Unreachable(Code.LOG_INCOMPLETE, "There are none.")

    report = await report_on(two_records(), nowhere)
    assert (report.ok, [fault.code for fault in report.faults]) == (False, [Code.LOG_INCOMPLETE])
