"""What a log serves, to whom, and under which spelling."""

import gzip
import json

from aiohttp import ClientResponse
from sqlalchemy import delete

from federation.keys import thumbprint
from federation.leaves import read_leaf
from federation.tlog.checkpoint import verify_checkpoint
from federation.tlog.note import parse_vkey
from federation.tlog.tiles import decode_entries
from nic_node.db.jobs import Worker
from nic_node.network.log.acks import ACKS, acks_handler
from nic_node.network.log.files import store_of
from nic_node.network.log.tables import LogAck
from nic_node.simulate.reading import ANSWER_HEAD_BYTES, UNCHANGED_BYTES
from schemas.canonical import sha256_hex
from tests.fakes.network_log import PRACTICE, shared_key
from tests.unit.network.log.served import Served, code_of
from tests.unit.network.log.stage import SCHOOLS, SLOT, entity_of


def head_bytes(answer: ClientResponse) -> int:
    """Of the status line and the headers."""
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}".encode(), b""]
    lines += [name + b": " + value for name, value in answer.raw_headers]
    return sum(len(line) + 2 for line in lines)


async def test_a_checkpoint_is_cached_briefly_and_polled_cheaply(served: Served) -> None:
    first = await served.get(None, "/log/1/checkpoint")
    assert first.status == 200
    assert first.headers["Cache-Control"] == "public, max-age=2"
    log = await served.stage.log()
    assert verify_checkpoint(await first.read(), parse_vkey(log.log_key)).checkpoint.size == 1
    again = await served.get(None, "/log/1/checkpoint", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    # The simulation of thousands of nodes counts with these.
    assert 100 < head_bytes(again) <= UNCHANGED_BYTES, "headers that were sent before are most of what polls would cost"
    assert UNCHANGED_BYTES < head_bytes(first) <= ANSWER_HEAD_BYTES

    await served.stage.admit("ada")
    assert (await served.get(None, "/log/1/checkpoint", **{"If-None-Match": first.headers["ETag"]})).status == 200


async def test_tiles_and_entries_are_kept_for_ever(served: Served) -> None:
    await served.stage.admit("ada")
    tile = await served.get(None, "/log/1/tile/0/000.p/2")
    assert (tile.status, len(await tile.read())) == (200, 64)
    assert "immutable" in tile.headers["Cache-Control"]
    entries = await served.get(None, "/log/1/tile/entries/000.p/2")
    assert entries.content_type == "application/octet-stream"
    assert len(decode_entries(await entries.read(), 2)) == 2


OTHER_SPELLINGS = (
    "/log/1/tile/0/%2e%2e/0/000.p/1",
    "/log/1/tile/0/000.p/9",
    "/log/1/tile/0/0",
    "/log/1/tile/0/000.p/01",
    "/log/1/tile/0/x000/000.p/1",
    "/log/1/tile/0/%30%30%30.p/1",
    "/log/1/tile/0/000.p/1?x=1",
    "/log/1/tile/..%2Fcheckpoint",
    "/log/1/tile/",
    "/log/01/checkpoint",
    "/log/2/checkpoint",
    "/log/-1/checkpoint",
    "/log/99999999999999999999/checkpoint",
    "/log/1/blob/abc",
)


async def test_there_is_one_spelling_of_each_path(served: Served) -> None:
    assert (await served.get(None, "/log/1/tile/0/000.p/1")).status == 200
    for path in OTHER_SPELLINGS:
        assert (await code_of(await served.get(None, path)))[0] == 404, path


async def test_blobs_are_exact_lines_for_members_only(served: Served) -> None:
    await served.stage.open_epoch()
    records = [served.stage.record(name) for name in ("ada", "cem")]
    for record in records:
        assert (await served.submit(record.leaf, record.blob)).status == 202
    served.stage.clock.forward(seconds=SLOT)
    await served.stage.sequence()
    await served.stage.add_member("dot", "applied")

    answer = await served.get("ben", "/log/1/blobs/000.p/14", **{"Accept-Encoding": "gzip"})
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert answer.headers["Cache-Control"].startswith("private")
    lines = gzip.decompress(await answer.read()).splitlines(keepends=True)
    assert sorted(lines) == sorted(record.blob + b"\n" for record in records)

    assert await code_of(await served.get(None, "/log/1/blobs/000.p/14")) == (401, "request-unsigned")
    assert await code_of(await served.get("dot", "/log/1/blobs/000.p/14")) == (403, "not-a-member")
    assert await code_of(await served.get("eve", "/log/1/blobs/000.p/14")) == (401, "signer-unknown")
    assert (await code_of(await served.get("ben", "/log/1/blobs/000.p/15")))[0] == 404
    assert (await code_of(await served.get("ben", "/log/1/blobs/000")))[0] == 404


async def lines_of(served: Served) -> bytes:
    """The blobs of the first 13 entries, not compressed."""
    answer = await served.get("ben", "/log/1/blobs/000.p/13", **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    return await answer.read()


async def test_what_was_taken_back_is_gone(served: Served) -> None:
    await served.stage.open_epoch()
    index = await served.stage.publish("ada")
    line = (await lines_of(served)).strip()
    assert json.loads(line)["payload"] == PRACTICE
    sha256 = sha256_hex(line)
    assert await (await served.get("cem", f"/log/1/blob/{sha256}")).read() == line
    assert (await code_of(await served.get("cem", f"/log/1/blob/{'0' * 64}")))[0] == 404

    leaf = await served.stage.retract_leaf("ada", index)
    assert (await served.post(None, "/v1/retractions", json.dumps({"leaf": leaf.decode()}).encode())).status == 202
    await served.stage.sequence()

    assert await code_of(await served.get("cem", f"/log/1/blob/{sha256}")) == (410, "blob-retracted")
    assert await lines_of(served) == b""


async def test_acks_are_promises_that_never_go_back(served: Served) -> None:
    await served.stage.admit(*SCHOOLS)
    node = served.stage.node
    worker = Worker(node.database, {ACKS: acks_handler(node)}, clock=node.clock, idle_seconds=1)
    await worker.run_due()
    origin = (await served.stage.log()).origin
    for name, erased_to in (("ada", 4), ("ada", 2), ("ben", 1)):
        body = json.dumps({"origin": origin, "erased_to": erased_to}).encode()
        assert (await served.post(name, "/v1/acks", body)).status == 202
    too_far = json.dumps({"origin": origin, "erased_to": 5}).encode()
    assert (await code_of(await served.post("cem", "/v1/acks", too_far)))[1] == "invalid-input"
    elsewhere = json.dumps({"origin": "other.example/log", "erased_to": 1}).encode()
    assert (await code_of(await served.post("cem", "/v1/acks", elsewhere)))[1] == "checkpoint-origin-wrong"

    # They are one file beside the tiles, written anew once some have come: who reads it asks no table.
    assert await (await served.get(None, "/log/1/acks")).json() == {}, "as it was founded"
    assert await worker.run_due() == 0
    served.stage.clock.forward(seconds=node.config.job_seconds)
    assert await worker.run_due() == 1
    async with node.database.writing() as session:
        await session.execute(delete(LogAck))
    answer = await served.get(None, "/log/1/acks")
    assert await answer.json() == {entity_of("ada"): 4, entity_of("ben"): 1}
    assert (store_of(node, await served.stage.log()).root / "acks").read_bytes() == await answer.read()
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    again = await served.get(None, "/log/1/acks", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


async def test_a_leaf_names_the_members_federation_key(served: Served) -> None:
    await served.stage.admit("ada")
    entries = decode_entries(await (await served.get(None, "/log/1/tile/entries/000.p/2")).read(), 2)
    assert read_leaf(entries[1]).payload["jkt"] == thumbprint(shared_key("ES256", "ada"))
