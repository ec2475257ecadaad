"""Step 7: the network's operator turns dishonest, and every member sees through it.

The coordinator's server is stopped, its judge is passed by, and it is started again on a log that holds a record
whose content was exchanged, one that breaks a disclosure rule, one by nobody's pseudonym, and one that is in order.
All of it is signed by the log's own key: what protects the readers is that each of them checks for itself.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from federation.keys import Jwk, generate_private_jwk
from federation.records import SealedRecord, seal_record
from federation.tlog.edge import append_entries
from nic_node.app.node import open_node
from nic_node.config import read_config
from nic_node.demo.cast import Cast, School, eventually, expect
from nic_node.keyring.keys import current_private_jwk
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.local import LocalNode
from nic_node.network.log.files import store_of
from nic_node.network.log.publish import publish_log, standing_edge
from nic_node.network.log.tables import LivingBlob, Log, LogEntry
from schemas.canonical import sha256_hex

EPOCH = 1
GOOD_TITLE = "Greeters at the door"
CODES = ("blob-hash-wrong", "rule-printed-n", "pseudonym-unknown")
"""What each bad entry is refused for: its content was exchanged, it breaks a disclosure rule, nobody's pseudonym."""
Refusal = tuple[int | None, str]
"""(index in the log, code)"""
NO_RECORDS_CONTENT: Refusal = (None, "blob-hash-wrong")
"""What nobody's pseudonym wrote is served too, and stands for no record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is logged, and what is served as its content."""

    leaf: bytes
    blob: bytes


async def turn_dishonest(cast: Cast) -> dict[str, Any]:
    """Three bad records and a good one: three refusals with stable codes at every member, and no other harm."""
    network = cast.network["entity"]
    member = await _pseudonym_of(cast.schools["mill"], network)
    await cast.host.node.stop()
    async with open_node(read_config(cast.host.node.data)) as operator:
        first = await _append_unjudged(operator.local, network, _forge(operator.local, network, member))
    await cast.host.node.start()
    for name in ("harbor", "cedar", "mill"):
        school = cast.schools[name]
        await _expect_refused(school, set(enumerate(CODES, first)))
        titles = {item["title"] for item in (await school.lead.call("GET", "/practices"))["items"]}
        expect(GOOD_TITLE in titles, "the record that was in order is taken")
        expect(len(titles) == 2, "nothing else came in, and nothing was lost")
    return {"refused": list(CODES), "first": first}


async def _expect_refused(school: School, bad: set[Refusal]) -> None:
    """Each bad entry with its own code, nothing else, and all of it on the operator's page."""
    refused = await eventually(f"{school.key} refuses all three", partial(_refusals, school, bad))
    others = refused - bad - {NO_RECORDS_CONTENT}
    expect(not others, f"no other entry is refused at {school.key}, which says {sorted(others, key=str)}")
    page = await school.lead.page("/log")
    for index, code in bad:
        row = rf"#{index}\b(?:(?!</tr>).)*\b{code}\b"
        expect(re.search(row, page, flags=re.DOTALL), f"{code} is listed for the operator of {school.key}")


def _forge(operator: LocalNode, network: str, member: Jwk) -> list[Entry]:
    def sealed(payload: dict[str, Any], key: Jwk) -> SealedRecord:
        salt = operator.random_bytes(32)
        return seal_record("practice", payload, key, network=network, epoch=EPOCH, salt=salt)

    good = sealed(described(GOOD_TITLE), member)
    exchanged = sealed(described("What was signed"), member)
    other = sealed(described("What is served"), member)
    stranger = sealed(described("By nobody"), generate_private_jwk("Ed25519"))
    exact = sealed(too_exact(), member)
    return [
        Entry(leaf=exchanged.leaf, blob=other.blob),
        Entry(leaf=exact.leaf, blob=exact.blob),
        Entry(leaf=stranger.leaf, blob=stranger.blob),
        Entry(leaf=good.leaf, blob=good.blob),
    ]


def described(title: str) -> dict[str, Any]:
    """The least that a practice says."""
    return {
        "title": title,
        "problem": {"category": "tardiness"},
        "idea": {"category": "attendance-outreach", "summary": "Somebody greets each student by name."},
        "rung": "described",
        "decision": "adopt",
    }


def too_exact() -> dict[str, Any]:
    """As `described`, with a number that no printer prints: n is 61, to the student."""
    measure = {
        "measure": "absent-10pct-window",
        "definition_version": 1,
        "kind": "outcome",
        "unit": "proportion",
        "window": "20-school-days",
        "design": "pre-post",
        "season": "not-ruled-out",
        "points": [{"at": "baseline", "n": 61, "band": [35, 40]}, {"at": "end", "n": 61, "band": [20, 25]}],
    }
    return {**described("Too exact"), "rung": "measured", "direction": "better", "measures": [measure]}


async def _append_unjudged(operator: LocalNode, network: str, entries: list[Entry]) -> int:
    """What the sequencer does, without its judge; returns the index of the first."""
    async with operator.database.writing() as session:
        log = await session.scalar(select(Log).where(Log.network == network))
        assert log is not None
        store = store_of(operator, log)
        edge = await standing_edge(operator, store, log, size=log.size, root=log.root)
        leaves = [entry.leaf for entry in entries]
        grown = append_entries(edge, store.load_partial_bundle(log.size), leaves)
        first = log.size
        for index, entry in enumerate(entries, first):
            leaf_sha256 = hashlib.sha256(entry.leaf).hexdigest()
            session.add(LogEntry(log_id=log.id, index=index, leaf=entry.leaf, leaf_sha256=leaf_sha256))
            session.add(LivingBlob(log_id=log.id, index=index, sha256=sha256_hex(entry.blob), content=entry.blob))
        log.size, log.root = grown.edge.size, grown.root
    await publish_log(operator, log.id, now=operator.clock())
    return first


async def _pseudonym_of(school: School, network: str) -> Jwk:
    async with open_node(read_config(school.node.data)) as node, node.local.database.reading() as session:
        return await current_private_jwk(
            session,
            operator_key=node.local.operator_key,
            entity_id=node.local.entity_id,
            purpose=KeyPurpose.PSEUDONYM,
            now=node.local.clock(),
            scope=f"{network}#{EPOCH}",
        )


async def _refusals(school: School, bad: set[Refusal]) -> set[Refusal] | None:
    items = (await school.lead.call("GET", "/logs/refusals"))["items"]
    refused = {(item["leaf_index"], item["code"]) for item in items}
    return refused if refused >= bad else None
