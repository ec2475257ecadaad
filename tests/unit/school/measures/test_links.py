"""A colleague without an account adds numbers to one measure, by a link, until its project closes."""

import re
from urllib.parse import urlsplit

from aiohttp.test_utils import TestClient
from sqlalchemy import select, update

from nic_node.accounts.tables import AuditEntry
from nic_node.school.measures.tables import MeasureLink, Observation
from nic_node.school.projects.tables import Project
from tests.unit.accounts.conftest import Browser
from tests.unit.school.conftest import Stage


async def colleague_of(stage: Stage) -> Browser:
    """Somebody at another device, who is not signed in."""
    client = TestClient(stage.browser.client.server)
    return Browser(client)


async def made_link(stage: Stage, measure_id: int, name: str = "Front office") -> str:
    """The path that the link leads to."""
    await stage.browser.get(f"/measures/{measure_id}/links")
    response = await stage.browser.send(f"/measures/{measure_id}/links", {"name": name})
    text = await response.text()
    assert response.status == 200
    assert 'class="qr"' in text, "the QR code"
    shown = re.search(r'name="link"[^>]*value="([^"]+)"', text)
    assert shown
    return urlsplit(shown.group(1)).path


async def test_whoever_has_the_link_writes_counts_or_a_percent(stage: Stage) -> None:
    """Without a group's size a percent is asked for at first, and results that others learn from take counts."""
    measure_id = await stage.add_measure(vocabulary="absent-10pct-window", cadence="week")
    path = await made_link(stage, measure_id)
    colleague = await colleague_of(stage)
    text = await (await colleague.get(path)).text()
    assert (' name="x"' in text, f'href="{path}?shape=exact"' in text) == (False, True)
    text = await (await colleague.get(f"{path}?shape=exact")).text()
    assert (' name="x"' in text, f'href="{path}?shape=value"' in text) == (True, True)
    await colleague.client.close()


async def test_whoever_has_the_link_adds_numbers_to_this_measure_and_nothing_else(stage: Stage) -> None:
    measure_id = await stage.add_measure(vocabulary="absent-10pct-window", cadence="week", group_size=61)
    path = await made_link(stage, measure_id)
    colleague = await colleague_of(stage)
    text = await (await colleague.get(path)).text()
    assert re.search(r'name="n"[^>]*value="61"', text)
    assert "opens nothing else" in text
    wrong = await colleague.send(path, {"shape": "exact", "x": "70", "n": "61", "period": "2026-10-27"})
    assert wrong.status == 422
    assert "More people than there are" in await wrong.text()
    added = await colleague.send(path, {"shape": "exact", "x": "23", "n": "61", "period": "2026-10-27"})
    assert (added.status, added.headers["Location"]) == (303, path)
    assert "Thank you." in await (await colleague.get(path)).text()
    for other in ("/measures", f"/measures/{measure_id}", f"/measures/{measure_id}/add"):
        assert (await colleague.get(other)).status in (303, 403), other
    async with stage.database.reading() as session:
        number = await session.scalar(select(Observation))
        audit = await session.scalar(select(AuditEntry).where(AuditEntry.action == "observation.added"))
        link = await session.scalar(select(MeasureLink))
    assert number is not None
    assert (number.x, number.entered_by) == (23, None)
    assert audit is not None
    assert (audit.actor_kind, audit.actor_name) == ("link", "link: Front office")
    assert link is not None
    assert link.last_used_at is not None
    assert link.token_hash not in path, "only its hash is kept"
    await colleague.client.close()


async def test_a_link_ends_with_its_project_and_when_it_is_closed(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    first, second = [await made_link(stage, measure_id, name) for name in ("Office", "Aide")]
    listed = await (await stage.browser.call("GET", f"/measures/{measure_id}/links")).json()
    assert [item["name"] for item in listed["items"]] == ["Office", "Aide"]
    closed = await stage.browser.call("DELETE", f"/measures/{measure_id}/links/{listed['items'][0]['id']}")
    assert closed.status == 204
    assert (await stage.browser.get(first)).status == 404
    assert (await stage.browser.get(second)).status == 200
    made = await stage.browser.call("POST", f"/measures/{measure_id}/links", {"name": "Third"})
    document = await made.json()
    third = urlsplit(document["address"]).path
    assert (made.status, (await stage.browser.get(third)).status) == (201, 200)
    async with stage.database.writing() as session:
        await session.execute(update(Project).values(state="closed"))
    for path in (second, third, "/number/never-drawn"):
        gone = await stage.browser.get(path)
        assert gone.status == 404
        assert "does not work any more" in await gone.text()
    assert (await stage.browser.call("POST", f"/measures/{measure_id}/links", {"name": "Late"})).status == 409


async def test_a_link_is_for_somebody(stage: Stage) -> None:
    measure_id = await stage.add_measure()
    await stage.browser.get(f"/measures/{measure_id}/links")
    for name in ("", "n" * 81):
        response = await stage.browser.send(f"/measures/{measure_id}/links", {"name": name})
        assert response.status == 422
    assert (await stage.browser.call("DELETE", f"/measures/{measure_id}/links/99")).status == 404
