"""The stage behind HTTP: a whole node that listens, with the network on it."""

from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from nic_node.network.log import announce
from tests.unit.accounts.conftest import Browser
from tests.unit.accounts.stage import ADA
from tests.unit.network.log.stage import POLICY, Stage, shared_epoch_keys
from tests.unit.network.people_stage import StagedNode, found


@dataclass
class Served:
    stage: Stage
    node: StagedNode
    client: TestClient[web.Request, web.Application]

    async def get(self, name: str | None, path: str, **headers: str) -> ClientResponse:
        return await self.stage.send(self.client, name, "GET", path, **headers)

    async def post(self, name: str | None, path: str, body: bytes, **headers: str) -> ClientResponse:
        return await self.stage.send(self.client, name, "POST", path, body, **headers)

    async def submit(self, leaf: bytes = b"", blob: bytes = b"", *, relay: str = "ben") -> ClientResponse:
        """A sealed envelope, brought by a relay."""
        return await self.post(relay, "/v1/submissions", await self.stage.seal(leaf, blob))

    async def signed_in(self) -> Browser:
        return await self.node.signed_in()


async def code_of(response: ClientResponse) -> tuple[int, str]:
    """(status, code) of a problem."""
    assert response.content_type == "application/problem+json", await response.text()
    document: dict[str, Any] = await response.json(content_type=None)
    return response.status, document["code"]


async def served_stage(node: StagedNode, monkeypatch: pytest.MonkeyPatch, **policy: object) -> Served:
    shared_epoch_keys.drawn = 0
    monkeypatch.setattr(announce, "draw_epoch_keys", shared_epoch_keys)
    network = await found(node, "north", **{**POLICY, **policy})
    stage = Stage(node.local, node.clock, ADA, network)
    await stage.sequence()
    client: TestClient[web.Request, web.Application] = TestClient(node.server)
    node.clients.append(client)
    return Served(stage, node, client)
