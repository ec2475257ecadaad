"""A network founded in a test's database, and schools that apply to it without a node of their own."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from federation.applications import build_application
from federation.keys import Jwk, generate_private_jwk, public_jwk, thumbprint
from nic_node.accounts.actor import Actor
from nic_node.accounts.tables import Person
from nic_node.config import read_config
from nic_node.db.engine import Database
from nic_node.keyring.operator_key import OperatorKey
from nic_node.membership.local import LocalNode
from nic_node.network.apply import take_application
from nic_node.network.found import Founding, found_network
from nic_node.network.invite import create_invitation
from nic_node.network.tables import Coordinator, Member, Network
from nic_node.peerhttp.nonces import NonceStore
from schemas.membership import read_invitation
from tests.conftest import TestClock

POLICY = {"context_k": 3, "min_issued": 3}
HOST = "https://hub.example"


@dataclass
class School:
    """An applicant: its keys, and what it says of itself."""

    entity: str
    federation: Jwk = field(default_factory=lambda: generate_private_jwk("ES256"))
    http: Jwk = field(default_factory=lambda: generate_private_jwk("Ed25519"))

    def application(self, network: Network, invitation: str | None, now: datetime, jti: str = "", **more: Any) -> bytes:
        values = {
            "network": more.pop("addressed_to", network.entity),
            "policy_sha256": network.policy_sha256,
            "charter_sha256": network.charter_sha256,
            "profile": {"name": f"School at {self.entity}", "level": "middle", "directory_id": "0042"},
            **more,
        }
        token = build_application(
            self.federation,
            entity=self.entity,
            keys=[public_jwk(self.federation)],
            http_keys=[public_jwk(self.http)],
            contact={"name": "Noor Haddad", "email": "office@school.example"},
            jti=jti or secrets.token_urlsafe(12),
            issued_at=now,
            invitation=invitation,
            **values,
        )
        return token.encode()

    @property
    def found(self) -> dict[str, Any]:
        """What its host shows when all is well."""
        kids = {"kids": [thumbprint(self.federation)], "http_kids": [thumbprint(self.http)]}
        return {"problem": "", "seconds": 0.4, **kids}


@dataclass
class Stage:
    node: LocalNode
    network: Network
    people: list[Actor]
    clock: TestClock

    @property
    def database(self) -> Database:
        return self.node.database

    async def invite(self, *, uses: int = 5, days: int = 14) -> str:
        """The token of a new invitation."""
        async with self.database.writing() as session:
            made = await create_invitation(
                session,
                node=self.node,
                network_id=self.network.id,
                actor=self.people[0],
                days=days,
                uses=uses,
                now=self.clock(),
            )
        token: str = read_invitation(made.link)["token"]
        return token

    async def take(self, token: bytes) -> Member:
        async with self.database.writing() as session:
            return await take_application(session, self.node, network_id=self.network.id, token=token, now=self.clock())

    async def applied(self, school: School) -> Member:
        return await self.take(school.application(self.network, await self.invite(), self.clock()))

    async def vetted(self, school: School) -> Member:
        """An applicant whose checks all pass."""
        member = await self.applied(school)
        async with self.database.writing() as session:
            kept = await session.get(Member, member.id)
            assert kept is not None
            kept.found, kept.found_at, kept.confirmed_at = school.found, self.clock(), self.clock()
            kept.settled = {check: {"by": "Ada Field", "by_id": 1, "at": ""} for check in ("host", "directory")}
        return await self.member(member.id)

    async def member(self, member_id: int) -> Member:
        async with self.database.reading() as session:
            member = await session.get(Member, member_id)
        assert member is not None
        return member


def school(number: int = 1) -> School:
    return School(f"https://school-{number}.example")


async def staged(database: Database, clock: TestClock, folder: Path, **policy: Any) -> Stage:
    """A network with two coordinators, Ada and Ben."""
    node = LocalNode(
        config=read_config(folder, {"NIC_PUBLIC_URL": HOST}),
        database=database,
        operator_key=OperatorKey(bytes(range(32))),
        client=None,  # type: ignore[arg-type]  # nothing here goes out
        nonces=NonceStore(database),
        clock=clock,
        random_bytes=secrets.token_bytes,
        wake=lambda: None,
    )
    async with database.writing() as session:
        for name in ("Ada Field", "Ben Okafor", "Cy Lund"):
            email = f"{name.split()[0].lower()}@hub.example"
            session.add(Person(name=name, email=email, email_key=email, created_at=clock(), updated_at=clock()))
    people = [
        Actor(person_id=number, name=name, kind="person")
        for number, name in ((1, "Ada Field"), (2, "Ben Okafor"), (3, "Cy Lund"))
    ]
    founding = Founding(slug="hub", name="The hub", charter={"purpose": "Together."}, policy={**POLICY, **policy})
    network = await found_network(node, actor=people[0], founding=founding, now=clock())
    async with database.writing() as session:
        session.add(Coordinator(network_id=network.id, person_id=2, since=clock()))
    return Stage(node=node, network=network, people=people, clock=clock)
