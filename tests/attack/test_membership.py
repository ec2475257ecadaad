"""A network that is not what it says, and a school that is not who it says: one sentence each, nothing half-written."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select

from federation.entities import build_configuration_url
from federation.keys import generate_private_jwk
from nic_node.errors import InvalidInput
from nic_node.membership.fetch import fetch_statement, fetch_trust_mark
from nic_node.membership.follow import check_membership
from nic_node.membership.keys import signer
from nic_node.membership.look_up import OTHER_KEY, look_up
from nic_node.membership.read import membership_of
from nic_node.membership.tables import MembershipRow
from nic_node.network.members import member_by_entity
from nic_node.network.tables import Member
from nic_node.peerhttp.answers import PeerRefused
from nic_node.peerhttp.signing import RequestSigner
from schemas.code import Code
from schemas.entity import ENTITY_STATEMENT_CONTENT_TYPE, trust_mark_type
from schemas.limits import APPLICATION_MAX_BYTES
from schemas.membership import APPLICATION_CONTENT_TYPE, build_invitation_link, read_invitation
from tests.conftest import TestClock
from tests.unit.network.conftest import compiled_templates, coordinator, school
from tests.unit.network.people_stage import StagedNode, found, invitation_link
from tests.unit.network.test_people_join import join

__all__ = ["compiled_templates", "coordinator", "school"]

TWO_GIGABYTES = 2 * 1024**3


@pytest.fixture
async def impostor() -> AsyncIterator[str]:
    """An address where every network id gives another wrong answer to who it is."""

    async def answer(request: web.Request) -> web.StreamResponse:
        deed = request.match_info["deed"]
        if deed == "html":
            return web.Response(text="<!doctype html><title>Welcome</title>", content_type="text/html")
        if deed == "nothing":
            return web.Response(body=b"", headers={"Content-Type": ENTITY_STATEMENT_CONTENT_TYPE})
        if deed == "redirect":
            return web.Response(status=302, headers={"Location": "https://elsewhere.example/"})
        if deed == "huge":
            headers = {"Content-Type": ENTITY_STATEMENT_CONTENT_TYPE, "Content-Length": str(TWO_GIGABYTES)}
            response = web.StreamResponse(headers=headers)
            await response.prepare(request)
            return response
        if deed == "error":
            return web.Response(status=500)
        if deed == "nonsense":
            return web.Response(body=b"a.b.c", headers={"Content-Type": ENTITY_STATEMENT_CONTENT_TYPE})
        return web.Response(status=404)

    application = web.Application()
    application.router.add_get("/net/{deed}/.well-known/openid-federation", answer)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server()
    yield str(server.make_url("")).rstrip("/")
    await server.close()


def link_to(network: str, clock: TestClock, jkt: str = "A" * 43, **changes: Any) -> str:
    invitation = {
        "v": 1,
        "kind": "invitation",
        "network": network,
        "name": "Somewhere",
        "jkt": jkt,
        "token": "secret-token",
        "exp": int(clock().timestamp()) + 3600,
        **changes,
    }
    return build_invitation_link(invitation)


async def said_of(school: StagedNode, text: str) -> str:
    """The one sentence with which a link is refused; nothing of it was kept."""
    with pytest.raises(InvalidInput) as caught:
        await look_up(school.local, text, now=school.clock())
    (sentence,) = caught.value.fields["invitation"]
    async with school.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(MembershipRow)) == 0
    return sentence


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("html", "text/html"),
        ("nothing", "nothing"),
        ("redirect", "another address"),
        ("huge", "more than"),
        ("error", "fault"),
        ("missing", "404"),
        ("nonsense", ""),
    ],
)
async def test_a_network_that_answers_wrong_is_refused_in_one_sentence(
    school: StagedNode, impostor: str, deed: str, words: str
) -> None:
    sentence = await said_of(school, link_to(f"{impostor}/net/{deed}", school.clock))
    assert words in sentence
    assert "\n" not in sentence
    assert re.search(r"(Check|Ask|Tell|ask|again)[^.]*\.$", sentence), f"{sentence} does not say what to do"


async def test_an_unknown_key_is_refused(school: StagedNode, coordinator: StagedNode) -> None:
    network = await found(coordinator)
    assert await said_of(school, link_to(network.entity, school.clock)) == OTHER_KEY


async def test_an_expired_invitation_asks_nobody(school: StagedNode, coordinator: StagedNode) -> None:
    link = await invitation_link(coordinator, await found(coordinator), days=1)
    school.clock.forward(days=2)
    assert "expired" in await said_of(school, link)


@pytest.mark.parametrize(
    "text", ["", "https://hub.example/net/hub/join", "hello", "https://x.example/net/a/join#e30", "#" + "A" * 9000]
)
async def test_what_is_no_invitation_is_refused(school: StagedNode, text: str) -> None:
    assert await said_of(school, text)


@pytest.mark.parametrize(
    "network", ["https://169.254.169.254/net/a", "https://10.0.0.1/net/a", "http://localhost/net/a"]
)
async def test_a_link_never_leads_into_the_local_network(school: StagedNode, network: str) -> None:
    assert await said_of(school, link_to(network, school.clock))


async def test_a_network_that_shows_another_key_later_keeps_what_was_known(
    coordinator: StagedNode, school: StagedNode
) -> None:
    _, membership_id, _ = await join(coordinator, school)
    async with school.database.writing() as session:
        row = await session.get(MembershipRow, membership_id)
        assert row is not None
        row.pinned = ["B" * 43]
    async with coordinator.database.writing() as session:
        member = await member_by_entity(session, 1, school.local.entity_id)
        assert member is not None
        member.state = "approved"
    assert not await check_membership(school.local, membership_id)
    async with school.database.reading() as session:
        membership = await membership_of(session, membership_id)
    assert "agreed key" in membership.problem
    assert membership.chain_expires_at is None


async def status(coordinator: StagedNode, signer: RequestSigner | None, application: str) -> tuple[int, str]:
    """(status, code) of asking how an application stands."""
    with pytest.raises(PeerRefused) as caught:
        await coordinator.local.client.get(
            f"{coordinator.local.entity_id}/net/north-coast/v1/applications/{application}",
            content_type="application/json",
            max_bytes=10_000,
            signer=signer,
        )
    assert caught.value.problem is not None
    return caught.value.status, caught.value.problem["code"]


async def test_how_an_application_stands_is_told_to_its_school_alone(
    coordinator: StagedNode, school: StagedNode
) -> None:
    await join(coordinator, school)
    async with coordinator.database.reading() as session:
        member = await member_by_entity(session, 1, school.local.entity_id)
        assert member is not None
    stranger = RequestSigner("https://stranger.example", generate_private_jwk("Ed25519"))
    thief = RequestSigner(school.local.entity_id, generate_private_jwk("Ed25519"))
    assert await status(coordinator, None, member.public_id) == (401, Code.REQUEST_UNSIGNED)
    assert await status(coordinator, stranger, member.public_id) == (401, Code.SIGNER_UNKNOWN)
    assert await status(coordinator, thief, member.public_id) == (401, Code.SIGNER_UNKNOWN)


async def test_a_school_that_is_not_approved_gets_no_statement_and_no_mark(
    coordinator: StagedNode, school: StagedNode
) -> None:
    await join(coordinator, school)
    base = f"{coordinator.local.entity_id}/net/north-coast"
    kind = trust_mark_type(base, "publisher")
    with pytest.raises(PeerRefused) as statement:
        await fetch_statement(school.local.client, f"{base}/federation/fetch", school.local.entity_id)
    with pytest.raises(PeerRefused) as mark:
        await fetch_trust_mark(school.local.client, f"{base}/federation/trust-mark", kind, school.local.entity_id)
    assert (statement.value.status, mark.value.status) == (404, 404)
    assert statement.value.problem is not None
    assert statement.value.problem["error"] == "not_found"


async def send_application(coordinator: StagedNode, body: bytes, content_type: str) -> tuple[int, str]:
    client = coordinator.browser().client
    answer = await client.post("/net/north-coast/v1/applications", data=body, headers={"Content-Type": content_type})
    return answer.status, json.loads(await answer.read())["code"]


async def test_applications_that_are_none_are_refused(coordinator: StagedNode) -> None:
    await found(coordinator)
    right = APPLICATION_CONTENT_TYPE
    assert await send_application(coordinator, b"a.b.c", "text/plain") == (415, Code.UNSUPPORTED_MEDIA_TYPE)
    assert (await send_application(coordinator, b"a.b", right))[1] == Code.TOKEN_MALFORMED
    assert (await send_application(coordinator, b"", right))[0] == 400
    large = b"a." * APPLICATION_MAX_BYTES
    assert (await send_application(coordinator, large, right))[0] == 413
    async with coordinator.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Member)) == 0


async def test_a_school_has_no_fetch_and_no_list(school: StagedNode, tmp_path: Path) -> None:
    client = school.browser().client
    answer = await client.get("/.well-known/openid-federation")
    assert answer.headers["Content-Type"] == ENTITY_STATEMENT_CONTENT_TYPE
    assert (await client.get("/federation/fetch")).status == 404
    assert build_configuration_url(school.local.entity_id).endswith("/.well-known/openid-federation")


async def test_a_link_tells_the_server_nothing(coordinator: StagedNode) -> None:
    link = await invitation_link(coordinator, await found(coordinator))
    token = read_invitation(link)["token"]
    assert token not in link.partition("#")[0]
    page = await coordinator.browser().get("/net/north-coast/join")
    assert page.status == 200
    assert token not in await page.text()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("applied", Code.NOT_A_MEMBER),
        ("rejected", Code.NOT_A_MEMBER),
        ("withdrawn", Code.NOT_A_MEMBER),
        ("suspended", Code.MEMBER_SUSPENDED),
        ("revoked", Code.MEMBERSHIP_ENDED),
        ("left", Code.MEMBERSHIP_ENDED),
        ("expired", Code.MEMBERSHIP_ENDED),
    ],
)
async def test_who_is_no_member_now_submits_nothing(
    coordinator: StagedNode, school: StagedNode, state: str, code: Code
) -> None:
    await join(coordinator, school)
    async with coordinator.database.writing() as session:
        member = await member_by_entity(session, 1, school.local.entity_id)
        assert member is not None
        member.state = state
    async with school.database.reading() as session:
        signs = await signer(school.local, session)
    with pytest.raises(PeerRefused) as caught:
        await school.local.client.post(
            f"{coordinator.local.entity_id}/net/north-coast/v1/submissions",
            body=bytes(65_536),
            body_type="application/octet-stream",
            content_type=(),
            max_bytes=1_000,
            signer=signs,
        )
    assert caught.value.problem is not None
    assert (caught.value.status, caught.value.problem["code"]) == (403, code)


async def appeal_of(school: StagedNode, base: str, application: str, signer: RequestSigner | None) -> tuple[int, str]:
    """(status, code) of an appeal to the network at `base`."""
    hashes = {"policy_sha256": "0" * 64, "charter_sha256": "0" * 64}
    with pytest.raises(PeerRefused) as caught:
        await school.local.client.post(
            f"{base}/v1/members/{application}/appeal",
            body=json.dumps({"text": "Let us in.", **hashes}).encode(),
            body_type="application/json",
            content_type=(),
            max_bytes=10_000,
            signer=signer,
            accept_status={204},
        )
    assert caught.value.problem is not None
    return caught.value.status, caught.value.problem["code"]


async def test_nobody_appeals_for_another_or_without_a_revocation(coordinator: StagedNode, school: StagedNode) -> None:
    await join(coordinator, school)
    base = f"{coordinator.local.entity_id}/net/north-coast"
    async with coordinator.database.reading() as session:
        member = await member_by_entity(session, 1, school.local.entity_id)
        assert member is not None
    async with school.database.reading() as session:
        own = await signer(school.local, session)
    thief = RequestSigner(school.local.entity_id, generate_private_jwk("Ed25519"))
    assert await appeal_of(school, base, member.public_id, None) == (401, Code.REQUEST_UNSIGNED)
    assert await appeal_of(school, base, member.public_id, thief) == (401, Code.SIGNER_UNKNOWN)
    assert (await appeal_of(school, base, "somebody-else", own))[1] == Code.APPLICATION_UNKNOWN
    assert await appeal_of(school, base, member.public_id, own) == (409, Code.ILLEGAL_MOVE)


async def test_who_is_no_member_sees_no_appeals(coordinator: StagedNode, school: StagedNode) -> None:
    await join(coordinator, school)
    async with school.database.reading() as session:
        own = await signer(school.local, session)
    with pytest.raises(PeerRefused) as caught:
        await school.local.client.get(
            f"{coordinator.local.entity_id}/net/north-coast/v1/appeals",
            content_type="application/json",
            max_bytes=10_000,
            signer=own,
        )
    assert caught.value.problem is not None
    assert (caught.value.status, caught.value.problem["code"]) == (403, Code.NOT_A_MEMBER)
