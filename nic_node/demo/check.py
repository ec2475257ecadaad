"""What only the check does: knock at a closed door, read without the network, and turn its operator dishonest."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

from nic_node.app.node import open_node
from nic_node.config import read_config
from nic_node.demo.cast import APPLICANT, Cast, expect
from nic_node.demo.dishonest import turn_dishonest
from nic_node.demo.story import Step
from nic_node.demo.witnessing import expect_confirmed, read_without_network
from nic_node.membership.keys import signer
from nic_node.peerhttp.answers import PeerRefused

BLOBS_TYPE = "application/x-ndjson"
MOST_BYTES = 16 * 1024 * 1024


def check_steps() -> list[Step]:
    return [
        ("applicant", knock_as_applicant),
        ("confirmed", expect_confirmed),
        ("keep", keep_log),
        ("gone", read_without_network),
        ("dishonest", turn_dishonest),
    ]


async def knock_as_applicant(cast: Cast) -> dict[str, Any]:
    """The fourth school is still 'applied', and its signed request for records is refused."""
    school = cast.schools[APPLICANT]
    membership = await school.lead.call("GET", f"/memberships/{school.membership}")
    expect(membership["state"] == "applied", "the fourth school waits")
    async with open_node(read_config(school.node.data)) as node:
        local = node.local
        async with local.database.reading() as session:
            signed_by = await signer(local, session)
        url = f"{cast.network['entity']}/log/1/blobs/000"
        try:
            await local.client.get(url, content_type=BLOBS_TYPE, max_bytes=MOST_BYTES, signer=signed_by)
        except PeerRefused as refused:
            expect(refused.status == 403, f"the network refuses it as a stranger, not with {refused.status}")
        else:
            expect(is_so=False, what="a school that only applied gets no blob")
    return {"state": membership["state"], "blobs": "refused"}


async def keep_log(cast: Cast) -> dict[str, Any]:
    """Copy the network's log, as it stands while it is honest, to <folder>/log as static files."""
    logs = cast.host.node.data / "log"
    (source,) = await asyncio.to_thread(lambda: list(logs.iterdir()))
    target = cast.folder / "log"
    await asyncio.to_thread(_copy_static, source, target)
    return {"log": str(target)}


def _copy_static(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"), dirs_exist_ok=True)
