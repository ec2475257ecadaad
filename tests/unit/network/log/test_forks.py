"""A member proves that the log signed two histories: the network checks it, keeps it, and tells every coordinator."""

import json
import re
from collections import Counter
from dataclasses import replace

from sqlalchemy import func, select

from federation.keys import thumbprint
from federation.tlog.checkpoint import sign_checkpoint
from federation.tlog.fork import Fork, build_fork_document
from federation.tlog.note import parse_vkey
from nic_node.accounts.tables import Person
from nic_node.keyring.keys import load_private_jwk
from nic_node.mail.tables import Mail
from nic_node.network.log.files import store_of
from nic_node.network.log.pages import SHOWN_FORKS
from nic_node.network.log.tables import ToldFork
from nic_node.network.tables import Coordinator
from tests.unit.network.log.served import Served, code_of
from tests.unit.network.log.stage import SCHOOLS


async def a_fork(served: Served, *, root: bytes = b"r" * 32, origin: str = "") -> dict:
    """The published note, and another one of the same size by the same key."""
    stage = served.stage
    log, checkpoint = await stage.log(), await stage.checkpoint()
    async with stage.node.database.reading() as session:
        private = await load_private_jwk(
            session,
            operator_key=stage.node.operator_key,
            entity_id=log.network,
            kid=thumbprint(parse_vkey(log.log_key).jwk),
        )
    first = store_of(stage.node, log).read("checkpoint")
    assert first is not None
    fork = Fork(first, sign_checkpoint(replace(checkpoint, root=root), private))
    return build_fork_document(fork, origin=origin or log.origin, seen_at=1_790_000_000)


async def count(served: Served, model: type) -> int:
    async with served.node.local.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def addresses(served: Served) -> Counter[str]:
    async with served.node.local.database.reading() as session:
        return Counter(await session.scalars(select(Mail.to_address)))


async def second_coordinator(served: Served) -> None:
    now = served.stage.clock()
    async with served.node.local.database.writing() as session:
        email = "ben@school.example"
        person = Person(name="Ben Okafor", email=email, email_key=email, created_at=now, updated_at=now)
        session.add(person)
        await session.flush()
        session.add(Coordinator(network_id=1, person_id=person.id, since=now))


async def test_a_proven_fork_is_told_to_coordinators_once_and_shown_with_both_notes(served: Served) -> None:
    await served.stage.admit(*SCHOOLS)
    await second_coordinator(served)
    body = json.dumps(await a_fork(served)).encode()
    before = await count(served, Mail)
    desks = await addresses(served)
    answers = [await served.post(name, "/v1/forks", body) for name in ("ada", "ada", "ben")]
    assert [answer.status for answer in answers] == [202, 202, 202]
    assert await count(served, ToldFork) == 2
    assert await count(served, Mail) == before + 2, "one letter each, however many tell the same"
    told = (await addresses(served)) - desks
    assert sorted(told.elements()) == ["ada@school.example", "ben@school.example"]
    browser = await served.signed_in()
    page = re.sub(r"\s+", " ", await (await browser.get("/network/1/log")).text())
    for said in ("Ada School", "Ben School", "Two histories", "The other one", "nic network recover"):
        assert said in page
    assert "2 nodes saw two histories" in await (await browser.get("/network/1/applications")).text()
    assert (await browser.send("/network/1/forks/1/seen")).status == 303
    assert (await browser.send("/network/1/forks/99/seen")).status == 404
    listed = (await (await browser.get("/api/v1/networks/1/forks")).json())["items"]
    assert [(one["school"], one["seen_by"] != "") for one in listed] == [("Ben School", True), ("Ada School", True)]
    assert listed[0]["first"]["size"] == listed[0]["second"]["size"]
    assert listed[0]["first"]["root"] != listed[0]["second"]["root"]


async def test_a_whole_nation_that_tells_the_same_is_one_matter(served: Served) -> None:
    """Each of thousands of members sees the fork for itself: a page of a few, read in a few statements, one press."""
    await served.stage.admit(*SCHOOLS)
    documents = [await a_fork(served, root=bytes([number]) * 32) for number in range(4)]
    for name in ("ada", "ben", "cem"):
        for document in documents:
            assert (await served.post(name, "/v1/forks", json.dumps(document).encode())).status == 202
    browser = await served.signed_in()
    page = re.sub(r"\s+", " ", await (await browser.get("/network/1/log")).text())
    assert page.count("The one that the school follows") == SHOWN_FORKS
    assert "3 schools told of it; the newest stands here." in page
    first = await (await browser.get("/api/v1/networks/1/forks?limit=8")).json()
    rest = await (await browser.get(f"/api/v1/networks/1/forks?limit=8&after={first['next']}")).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == list(range(12, 0, -1))
    assert (first["next"], rest["next"]) == (5, None)

    assert (await browser.send("/network/1/forks/3/seen")).status == 303
    seen = (await (await browser.get("/api/v1/networks/1/forks")).json())["items"]
    assert len(seen) == 12
    assert all(one["seen_at"] for one in seen)
    assert "saw two histories" not in await (await browser.get("/network/1/applications")).text()
    # What is told afterwards is looked at for itself, and stands before the rest.
    late = json.dumps(await a_fork(served, root=b"s" * 32)).encode()
    assert (await served.post("ada", "/v1/forks", late)).status == 202
    page = re.sub(r"\s+", " ", await (await browser.get("/network/1/log")).text())
    assert page.index("I look after it") < page.index("looks after it")


async def test_what_proves_nothing_is_refused_by_its_code(served: Served) -> None:
    await served.stage.admit(*SCHOOLS)
    true = await a_fork(served)
    wrong = {
        "fork-unproven": {**true, "second": true["first"]},
        "log-unknown": {**true, "origin": "elsewhere.example/log/1"},
        "checkpoint-malformed": {**true, "second": "Zm9yZ2Vk"},
        "invalid-document": {"origin": true["origin"]},
    }
    for code, document in wrong.items():
        assert (await code_of(await served.post("ada", "/v1/forks", json.dumps(document).encode())))[1] == code
    assert (await served.post(None, "/v1/forks", json.dumps(true).encode())).status in {401, 403}
    assert await count(served, ToldFork) == 0
