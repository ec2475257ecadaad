"""Schools that apply to a network without a node: each is its keys, and a host that shows nothing but its statement."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from federation.applications import build_application
from federation.entities import build_configuration_url, build_entity_configuration, verify_entity_configuration
from federation.keys import Jwk, build_jwks, generate_private_jwk, public_jwk
from nic_node.demo.visitors import Visitor
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers
from schemas.canonical import canonical_bytes
from schemas.entity import ENTITY_STATEMENT_CONTENT_TYPE, WELL_KNOWN_PATH
from schemas.limits import WIRE_VERSION
from schemas.membership import APPLICATION_CONTENT_TYPE, read_invitation

CONTACT = {"name": "Noor Haddad", "email": "office@school.example"}
SHORT = timedelta(hours=1)


@dataclass
class Applicant:
    entity: str
    federation: Jwk
    http: Jwk

    def statement(self, network: str) -> str:
        now = datetime.now(UTC)
        return build_entity_configuration(
            self.federation,
            entity=self.entity,
            keys=[public_jwk(self.federation)],
            metadata={"nic_node": {"jwks": build_jwks([public_jwk(self.http)]), "versions": [WIRE_VERSION]}},
            issued_at=now,
            expires_at=now + SHORT,
            authority_hints=[network],
        )

    def application(self, invitation: dict[str, Any], metadata: Any) -> str:
        return build_application(
            self.federation,
            entity=self.entity,
            keys=[public_jwk(self.federation)],
            http_keys=[public_jwk(self.http)],
            contact=CONTACT,
            jti=secrets.token_urlsafe(12),
            issued_at=datetime.now(UTC),
            invitation=invitation["token"],
            network=invitation["network"],
            policy_sha256=metadata["policy_sha256"],
            charter_sha256=metadata["charter_sha256"],
            profile={"name": f"School {self.entity[-4:]}", "level": "middle"},
        )

    async def confirm(self, peer: aiohttp.ClientSession, url: str, code: str) -> None:
        body = canonical_bytes({"code": code})
        signer, nonce = RequestSigner(self.entity, self.http), secrets.token_urlsafe(16)
        signed = build_signature_headers(
            signer, method="POST", target_uri=url, body=body, now=datetime.now(UTC), nonce=nonce
        )
        async with peer.post(url, data=body, headers={"Content-Type": "application/json", **signed}) as answer:
            assert answer.status == 204, await answer.text()


@asynccontextmanager
async def applicant(network: str) -> AsyncIterator[Applicant]:
    """A school whose host answers while it applies."""
    made: list[Applicant] = []

    async def show(_: web.Request) -> web.Response:
        headers = {"Content-Type": ENTITY_STATEMENT_CONTENT_TYPE}
        return web.Response(body=made[0].statement(network).encode(), headers=headers)

    application = web.Application()
    application.router.add_get(WELL_KNOWN_PATH, show)
    async with TestServer(application) as host:
        entity = str(host.make_url("/")).rstrip("/")
        made.append(Applicant(entity, generate_private_jwk("ES256"), generate_private_jwk("Ed25519")))
        yield made[0]


async def admit(lead: Visitor, network_id: int, link: str, schools: int) -> None:
    """So many schools apply by the link, send their codes back, and are approved by `lead`."""
    invitation = read_invitation(link)
    network = invitation["network"]
    token = await lead.page(build_configuration_url(network).removeprefix(lead.base))
    stated = verify_entity_configuration(token, now=datetime.now(UTC), allow_insecure_loopback=True)
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(aiohttp.ClientSession())
        for _ in range(schools):
            school = await stack.enter_async_context(applicant(network))
            token = school.application(invitation, stated.metadata["nic_network"])
            headers = {"Content-Type": APPLICATION_CONTENT_TYPE}
            async with peer.post(f"{network}/v1/applications", data=token.encode(), headers=headers) as answer:
                assert answer.status == 202, await answer.text()
                applied = (await answer.json())["id"]
            at = f"/networks/{network_id}"
            waiting = (await lead.call("GET", f"{at}/applications"))["items"]
            at += f"/members/{next(item['id'] for item in waiting if item['entity'] == school.entity)}"
            code = (await lead.call("POST", f"{at}/code"))["code"]
            await school.confirm(peer, f"{network}/v1/applications/{applied}/confirmation", code)
            await lead.call("POST", f"{at}/check")
            for check in ("host", "directory"):
                member = await lead.call("POST", f"{at}/settle", {"check": check, "note": "Known to us."})
            await lead.call("POST", f"{at}/approval", {"version": member["version"]})
