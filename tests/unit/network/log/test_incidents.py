"""A member tells of its own record; coordinators are written to, see it, and look after it."""

import json
import re

from sqlalchemy import func, select

from nic_node.mail.tables import Mail
from nic_node.network.moderation.tables import ToldIncident
from tests.unit.network.log.served import Served
from tests.unit.network.log.stage import SCHOOLS


async def tell(served: Served, name: str | None, record: str) -> int:
    answer = await served.post(name, "/v1/incidents", json.dumps({"record": record}).encode())
    return answer.status


async def count(served: Served, model: type) -> int:
    async with served.node.local.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def test_it_is_kept_once_and_coordinators_see_who_told(served: Served) -> None:
    await served.stage.admit(*SCHOOLS)
    record = f"{(await served.stage.log()).origin}#4"
    before = await count(served, Mail)
    assert [await tell(served, "ada", record) for _ in range(2)] == [202, 202]
    assert (await count(served, ToldIncident), await count(served, Mail)) == (1, before + 1)
    browser = await served.signed_in()
    page = re.sub(r"\s+", " ", await (await browser.get("/network/1/moderation")).text())
    assert "Ada School" in page
    assert record in page
    assert (await browser.send("/network/1/incidents/1/seen")).status == 303
    listed = await (await browser.get("/api/v1/networks/1/incidents")).json()
    assert [(one["school"], bool(one["seen_at"])) for one in listed["items"]] == [("Ada School", True)]
    assert (await browser.send("/network/1/incidents/99/seen")).status == 404


async def test_strangers_and_shapeless_words_are_refused(served: Served) -> None:
    await served.stage.admit(*SCHOOLS)
    assert await tell(served, None, "networks.example/log#1") in {401, 403}
    assert await tell(served, "ada", "not an id") == 422
    assert await count(served, ToldIncident) == 0
