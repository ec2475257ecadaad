"""What a network states, asked over HTTP as the specification says; and what a membership's end does to it."""

from typing import Any

from federation.chain import verify_chain
from federation.entities import verify_entity_configuration
from federation.jws import verify_jws
from federation.trust_marks import verify_trust_mark
from nic_node.membership.fetch import fetch_configuration, fetch_document, fetch_statement, fetch_trust_mark
from nic_node.membership.read import membership_of
from nic_node.membership.tables import MembershipRow
from nic_node.membership.trusted import find_network_keys
from nic_node.network.tables import Member
from nic_node.peerhttp.requests import claimed_key_ids
from schemas.document import load_document
from schemas.entity import (
    HISTORICAL_KEYS,
    HISTORICAL_KEYS_TYP,
    TRUST_MARK_STATUS,
    TRUST_MARK_STATUS_TYP,
    trust_mark_type,
)
from tests.unit.network.people_stage import StagedNode, found
from tests.unit.network.test_people_join import approve_fully, join


async def test_a_member_proves_its_membership_and_loses_the_proof(coordinator: StagedNode, school: StagedNode) -> None:
    network_id, membership_id, member_id = await join(coordinator, school)
    await approve_fully(coordinator, school, network_id, membership_id, member_id)
    base, subject, now = f"{coordinator.local.entity_id}/net/north-coast", school.local.entity_id, school.clock()
    client = coordinator.local.client
    async with school.database.reading() as session:
        row = await session.get(MembershipRow, membership_id)
        assert row is not None
    chain = verify_chain(row.chain, anchors={base: row.pinned}, now=now, allow_insecure_loopback=True)
    assert chain.path == (subject, base)
    kind = trust_mark_type(base, "publisher")
    mark = await fetch_trust_mark(client, f"{base}/federation/trust-mark", kind, subject)
    keys = chain.keys_of[base]
    assert verify_trust_mark(mark, network=base, network_keys=keys, subject=subject, now=now).role == "publisher"
    assert await status_of(coordinator, mark, keys) == "active"
    browser = coordinator.browser().client
    assert await (await browser.get("/net/north-coast/federation/list")).json() == [subject]
    marked = await browser.get("/net/north-coast/federation/trust-mark-list", params={"trust_mark_type": kind})
    assert await marked.json() == [subject]
    async with coordinator.database.writing() as session:
        member = await session.get(Member, member_id)
        assert member is not None
        member.state = "suspended"
    assert await status_of(coordinator, mark, keys) == "revoked"
    assert await (await browser.get("/net/north-coast/federation/list")).json() == []


async def status_of(coordinator: StagedNode, mark: str, keys: Any) -> str:
    path = "/net/north-coast/federation/trust-mark-status"
    answer = await coordinator.browser().client.post(path, data={"trust_mark": mark})
    assert answer.headers["Content-Type"] == f"application/{TRUST_MARK_STATUS_TYP}"
    verified = verify_jws(await answer.read(), keys.get, typ=TRUST_MARK_STATUS_TYP, max_bytes=20_000)
    return str(load_document(TRUST_MARK_STATUS, verified.payload)["status"])


async def test_the_specification_s_own_errors(coordinator: StagedNode, school: StagedNode) -> None:
    await join(coordinator, school)
    client, base = coordinator.browser().client, "/net/north-coast/federation"
    for path, status, error in (
        ("/fetch", 400, "invalid_request"),
        ("/fetch?sub=ftp://x", 404, "invalid_subject"),
        ("/fetch?sub=https://nobody.example", 404, "not_found"),
        ("/fetch?sub=https://a.example&sub=https://b.example", 400, "invalid_request"),
        ("/list?colour=red", 400, "unsupported_parameter"),
        ("/trust-mark?sub=https://nobody.example", 400, "invalid_request"),
        ("/trust-mark-list", 400, "invalid_request"),
    ):
        answer = await client.get(base + path)
        assert (answer.status, (await answer.json())["error"]) == (status, error), path
    forged = await client.post(f"{base}/trust-mark-status", data={"trust_mark": "a.b.c"})
    assert (forged.status, (await forged.json())["error"]) == (400, "invalid_request")
    twice = await client.post(f"{base}/trust-mark-status", data=[("trust_mark", "a"), ("trust_mark", "b")])
    assert (twice.status, (await twice.json())["error"]) == (400, "invalid_request")
    own = await client.get(f"{base}/fetch", params={"sub": f"{coordinator.local.entity_id}/net/north-coast"})
    assert (own.status, (await own.json())["error"]) == (400, "invalid_request")
    assert (await client.get("/net/nobody/federation/list")).status == 404


async def test_the_list_s_filters_and_the_exact_content_types(coordinator: StagedNode, school: StagedNode) -> None:
    ids = await join(coordinator, school)
    await approve_fully(coordinator, school, *ids)
    network, subject = f"{coordinator.local.entity_id}/net/north-coast", school.local.entity_id
    mark, other = trust_mark_type(network, "publisher"), trust_mark_type(network, "witness")
    client, base = coordinator.browser().client, "/net/north-coast/federation"
    for query, is_found in (
        ("", True),
        ("entity_type=nic_node", True),
        ("entity_type=openid_provider", False),
        ("entity_type=nic_network", False),
        ("entity_type=openid_provider&entity_type=nic_node", True),
        ("intermediate=false", True),
        ("intermediate=true", False),
        ("trust_marked=true", True),
        (f"trust_mark_type={mark}", True),
        (f"trust_mark_type={other}", False),
        (f"entity_type=nic_node&trust_marked=true&trust_mark_type={mark}&intermediate=false", True),
    ):
        answer = await client.get(f"{base}/list?{query}")
        assert answer.headers["Content-Type"] == "application/json"
        assert await answer.json() == ([subject] if is_found else []), query
    for query in ("intermediate=perhaps", "trust_marked=1", "trust_marked=true&trust_marked=true"):
        answer = await client.get(f"{base}/list?{query}")
        assert (answer.status, (await answer.json())["error"]) == (400, "invalid_request"), query
    for path, content_type in (
        ("/net/north-coast/.well-known/openid-federation", "application/entity-statement+jwt"),
        (f"{base}/fetch?sub={subject}", "application/entity-statement+jwt"),
        (f"{base}/trust-mark?trust_mark_type={mark}&sub={subject}", "application/trust-mark+jwt"),
        (f"{base}/historical-keys", "application/jwk-set+jwt"),
        (f"{base}/trust-mark-list?trust_mark_type={mark}&sub={subject}", "application/json"),
        (f"{base}/fetch", "application/json"),
    ):
        assert (await client.get(path)).headers["Content-Type"] == content_type, path


async def test_nothing_is_stated_of_a_member_past_its_term(coordinator: StagedNode, school: StagedNode) -> None:
    """Not even between the last second of the term and the job that writes 'expired'."""
    network_id, membership_id, member_id = await join(coordinator, school)
    await approve_fully(coordinator, school, network_id, membership_id, member_id)
    async with coordinator.database.writing() as session:
        member = await session.get(Member, member_id)
        assert member is not None
        member.expires_at = coordinator.clock()
    network, subject = f"{coordinator.local.entity_id}/net/north-coast", school.local.entity_id
    mark = trust_mark_type(network, "publisher")
    client, base = coordinator.browser().client, "/net/north-coast/federation"
    assert (await client.get(f"{base}/fetch?sub={subject}")).status == 404
    assert (await client.get(f"{base}/trust-mark?trust_mark_type={mark}&sub={subject}")).status == 404
    assert await (await client.get(f"{base}/list")).json() == []
    assert await (await client.get(f"{base}/trust-mark-list?trust_mark_type={mark}")).json() == []


async def test_a_network_says_who_may_issue_its_marks(coordinator: StagedNode, school: StagedNode) -> None:
    await found(coordinator)
    network = f"{coordinator.local.entity_id}/net/north-coast"
    token = await fetch_configuration(school.local.client, network)
    statement = verify_entity_configuration(token, now=school.clock(), allow_insecure_loopback=True)
    kinds = {trust_mark_type(network, role) for role in ("publisher", "witness", "mirror")}
    assert statement.payload["trust_mark_issuers"] == {kind: [network] for kind in kinds}


async def test_old_keys_are_told_signed(coordinator: StagedNode, school: StagedNode) -> None:
    _, membership_id, _ = await join(coordinator, school)
    base = f"{coordinator.local.entity_id}/net/north-coast"
    configuration = await fetch_configuration(school.local.client, base)
    chain = verify_chain(
        [configuration],
        anchors={base: await pins(school, membership_id)},
        now=school.clock(),
        allow_insecure_loopback=True,
    )
    answer = await coordinator.browser().client.get("/net/north-coast/federation/historical-keys")
    verified = verify_jws(await answer.read(), chain.keys.get, typ=HISTORICAL_KEYS_TYP, max_bytes=20_000)
    assert load_document(HISTORICAL_KEYS, verified.payload)["keys"] == []


async def pins(school: StagedNode, membership_id: int) -> list[str]:
    async with school.database.reading() as session:
        row = await session.get(MembershipRow, membership_id)
    assert row is not None
    return row.pinned


async def test_documents_are_served_by_hash(coordinator: StagedNode, school: StagedNode) -> None:
    _, membership_id, _ = await join(coordinator, school)
    async with school.database.reading() as session:
        membership = await membership_of(session, membership_id)
    _, policy = await fetch_document(school.local.client, membership.network, membership.policy_sha256)
    assert policy["kind"] == "policy"
    missing = await coordinator.browser().client.get(f"/net/north-coast/v1/documents/{'0' * 64}")
    assert (missing.status, (await missing.json())["code"]) == (404, "document-missing")


async def test_a_member_takes_requests_of_its_network_alone(coordinator: StagedNode, school: StagedNode) -> None:
    network_id, membership_id, member_id = await join(coordinator, school)
    async with school.database.reading() as session:
        assert (await find_network_keys(school.local, session))("https://nobody.example#x") is None
    await approve_fully(coordinator, school, network_id, membership_id, member_id)
    async with school.database.reading() as session:
        row = await session.get(MembershipRow, membership_id)
        assert row is not None
        (key,) = row.network_metadata["jwks"]["keys"]
        assert (await find_network_keys(school.local, session))(f"{row.network}#{key['kid']}") is not None


async def test_a_statement_is_fetched_for_its_subject(coordinator: StagedNode, school: StagedNode) -> None:
    network_id, membership_id, member_id = await join(coordinator, school)
    await approve_fully(coordinator, school, network_id, membership_id, member_id)
    endpoint = f"{coordinator.local.entity_id}/net/north-coast/federation/fetch"
    assert (await fetch_statement(school.local.client, endpoint, school.local.entity_id)).count(".") == 2


def test_key_ids_are_read_from_the_header_alone() -> None:
    line = 'nic=("@method");created=1;keyid="https://a.example#k";nonce="n", other=();keyid="https://b.example#k"'
    assert claimed_key_ids({"Signature-Input": line, "X": 'keyid="https://c.example#k"'}) == (
        "https://a.example#k",
        "https://b.example#k",
    )
    assert claimed_key_ids({"Signature-Input": ", ".join(f'a=();keyid="{n}"' for n in range(9))}) == (
        "0",
        "1",
        "2",
        "3",
    )
