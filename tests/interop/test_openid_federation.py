"""Foreign programs resolve our trust chains over HTTP: spid-cie-oidc (PyPI) and @openid-federation/core (npm).

Each runs in an environment of its own under .judges: `make test` makes the first, `make interop` both. They judge only
what holds; what must not is refused by our own validator (tests/unit/federation/test_chain_refusals.py), as they are
laxer than the specification.
"""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from federation.chain import verify_chain
from nic_node.membership.tables import MembershipRow
from nic_node.network.tables import Network
from tests.conftest import TestClock
from tests.fakes.served_federation import ServedEntity, ServedFederation
from tests.stores.test_network_above import Ladder
from tests.unit.federation.parties import HOUR
from tests.unit.network.conftest import compiled_templates, coordinator, school
from tests.unit.network.people_stage import StagedNode
from tests.unit.network.people_stage import found as found_network
from tests.unit.network.test_people_join import approve_fully, join

__all__ = ["compiled_templates", "coordinator", "school"]

ROOT = Path(__file__).parents[2]
JUDGES = Path(__file__).parent / "judges"
SPID = ROOT / ".judges" / "python"
NPM = ROOT / ".judges" / "node"
SECONDS = 30

spid = pytest.mark.skipif(not SPID.exists(), reason="the judge is not there: make .judges/python")
npm = pytest.mark.skipif(not (NPM / "node_modules").exists(), reason="the judge is not there: make interop")


@pytest.fixture
def clock() -> TestClock:
    """The judges go by the true time."""
    return TestClock(datetime.fromtimestamp(int(time.time()), UTC))


async def judge(*command: str | Path) -> Any:
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


async def judged_by_spid(subject: str, anchor: str) -> Any:
    return await judge(SPID / "bin" / "python", JUDGES / "resolve_by_spid_cie_oidc.py", subject, anchor)


async def judged_by_npm(subject: str, anchor: str) -> Any:
    node = shutil.which("node")
    assert node is not None
    return await judge(node, JUDGES / "resolve_by_openid_federation.mjs", NPM, subject, anchor)


@pytest.fixture
async def member(coordinator: StagedNode, school: StagedNode) -> tuple[str, str, dict[str, Any]]:
    """(school, network, the metadata that our own validator resolves) of two running nodes."""
    network_id, membership_id, member_id = await join(coordinator, school)
    await approve_fully(coordinator, school, network_id, membership_id, member_id)
    async with school.database.reading() as session:
        row = await session.get(MembershipRow, membership_id)
    assert row is not None
    chain = verify_chain(row.chain, anchors={row.network: row.pinned}, now=school.clock(), allow_insecure_loopback=True)
    return school.local.entity_id, row.network, {kind: dict(values) for kind, values in chain.metadata.items()}


@spid
async def test_spid_cie_oidc_resolves_a_member_of_a_running_network(member: tuple[str, str, dict[str, Any]]) -> None:
    subject, network, metadata = member
    found = await judged_by_spid(subject, network)
    assert found["is_valid"] is True
    assert found["trust_path"] == [subject, network], "it calls a chain valid whose path it has not found"
    assert found["algorithms"] == ["ES256", "ES256"]
    assert found["metadata"] == metadata
    assert found["expires"] > time.time()


@spid
async def test_spid_cie_oidc_finds_no_way_to_an_anchor_that_does_not_vouch(
    member: tuple[str, str, dict[str, Any]],
) -> None:
    """That the judge can say no at all."""
    subject, _, _ = member
    async with ServedFederation().running() as served:
        stranger = served.entity("stranger")
        assert (await judged_by_spid(subject, stranger.entity))["trust_path"] == []


@npm
async def test_openid_federation_core_resolves_a_member_of_running_networks(
    member: tuple[str, str, dict[str, Any]], school: StagedNode, coordinator: StagedNode
) -> None:
    """One hop to its network and two to the state's above, through running nodes.

    Without its trust marks: the judge reads them as drafts before 1.0 wrote them, by `id`, and stops at ours.
    """
    subject, network, _ = member
    async with school.database.writing() as session:
        (row,) = (await session.scalars(select(MembershipRow))).all()
        row.trust_marks = {}
    (found,) = await judged_by_npm(subject, network)
    assert (found["valid"], found["anchor"]) == (True, network)
    assert [network, subject] in found["chain"]
    state = await founded_above(coordinator)
    (found,) = await judged_by_npm(subject, state)
    assert (found["valid"], found["anchor"]) == (True, state)
    assert [network, subject] in found["chain"]
    assert [state, network] in found["chain"]


async def founded_above(coordinator: StagedNode) -> str:
    """The id of a state's network on the same node, that vouches for the district's."""
    async with coordinator.database.reading() as session:
        (district,) = (await session.scalars(select(Network))).all()
    ladder = Ladder(coordinator, await found_network(coordinator, "state"), district)
    await ladder.let_in(await ladder.apply())
    return ladder.state.entity


@pytest.fixture
async def two_hops() -> AsyncIterator[tuple[ServedEntity, ServedEntity, ServedEntity]]:
    """(school, network, state), stated by our own builders with times of today."""
    now = datetime.fromtimestamp(int(time.time()), UTC)
    times = {"issued_at": now, "expires_at": now + HOUR}
    async with ServedFederation().running() as served:
        state = served.entity("state")
        network = served.entity("network", state)
        school = served.entity("school", network)
        for entity in (school, network, state):
            entity.own = dict(times)
        state.of[network.entity] = {
            **times,
            "constraints": {"max_path_length": 1},
            "metadata_policy": {"federation_entity": {"contacts": {"default": ["state@example.org"]}}},
        }
        network.of[school.entity] = {
            **times,
            "constraints": {"max_path_length": 0},
            "metadata_policy": {"federation_entity": {"organization_name": {"one_of": ["Invented"]}}},
        }
        yield school, network, state


@npm
async def test_openid_federation_core_resolves_two_hops_and_merges_the_policies(
    two_hops: tuple[ServedEntity, ServedEntity, ServedEntity],
) -> None:
    school, network, state = two_hops
    (found,) = await judged_by_npm(school.entity, state.entity)
    assert (found["valid"], found["anchor"]) == (True, state.entity)
    assert [network.entity, school.entity] in found["chain"]
    assert [state.entity, network.entity] in found["chain"]
    ours = verify_chain(
        [
            school.configuration(),
            str(network.statement(school.entity)),
            str(state.statement(network.entity)),
            state.configuration(),
        ],
        anchors={state.entity: {state.party.jkt}},
        now=datetime.now(UTC),
        allow_insecure_loopback=True,
    )
    assert found["metadata"] == ours.metadata
    assert found["metadata"]["federation_entity"]["contacts"] == ["state@example.org"]
