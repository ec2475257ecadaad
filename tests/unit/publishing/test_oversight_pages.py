"""Incidents, the privacy officer's view, the directory and what is left out, in a browser."""

import io
import re
from datetime import timedelta

from tests.unit.publishing.conftest import Site
from tests.unit.school.test_directory_profiles import STATE


def version_in(page: str) -> str:
    return re.findall(r'name="version" value="(\d+)"', page)[0]


async def test_what_should_not_have_left(site: Site) -> None:
    world = site.world
    await world.open_epoch()
    draft_id = await world.approved()
    assert (await site.ada.get(f"/share/{draft_id}/incident")).status == 404
    await world.slot()
    assert "No incidents" in await site.ada.text("/share/incidents")
    assert "This should not have left" in await site.ada.text(f"/share/{draft_id}")
    page = await site.ada.text(f"/share/{draft_id}/incident")
    assert "So the network learns that the record was yours, and with it all else that your school shared" in page
    wrong = await site.ada.send(f"/share/{draft_id}/incident", {"note": "Ann’s mother called"})
    assert wrong.status == 422
    said = await wrong.text()
    assert "Choose what is wrong." in said
    assert "Ann’s mother called" in said
    made = await site.ada.send(f"/share/{draft_id}/incident", {"kind": "names-someone", "note": "A mother called."})
    at = made.headers["Location"]
    page = await site.ada.text(at)
    assert "A mother called." in page
    assert "8 steps left" in page
    for step in ("who", "officer", "people", "law", "copies", "cause"):
        ticked = {"step": step, "done": "yes", "version": version_in(await site.ben.text(at))}
        assert (await site.ben.send(f"{at}/steps", ticked)).status == 303
    assert "Close the incident" in await site.ben.text(at)
    assert (await site.ben.send(f"{at}/close", {"version": version_in(await site.ben.text(at))})).status == 303
    assert "closed" in await site.ada.text("/share/incidents")
    again = await site.ada.get(f"/share/{draft_id}/incident")
    assert again.headers["Location"] == at


async def test_the_officer_reads_all_of_it_and_changes_nothing(site: Site) -> None:
    world = site.world
    await world.open_epoch()
    assert "Nothing was approved yet" in await site.dee.text("/privacy")
    draft_id = await world.approved()
    await world.slot()
    await site.ada.text(f"/share/{draft_id}/incident")
    await site.ada.send(f"/share/{draft_id}/incident", {"kind": "other"})
    page = await site.dee.text("/privacy")
    for said in ("by Ada Field, approved by Ben Stone", "34 CFR 99.31(b)(1)", "Something else", "approved to leave"):
        assert said in page
    assert (await site.dee.send("/privacy/verification")).headers["Location"].startswith("/privacy")
    kept = await site.dee.text("/privacy/releases/1")
    assert "How to do it" in kept
    assert "SHA-256 of the approved bytes" in kept
    world.clock.forward(seconds=timedelta(days=1).total_seconds())
    incident = await site.dee.text("/share/incidents/1")
    assert ">Done<" not in incident
    ticked = {"step": "who", "done": "yes", "version": "1"}
    assert (await site.dee.send("/share/incidents/1/steps", ticked)).status == 403
    assert (await site.dee.send(f"/share/{draft_id}/incident", {"kind": "other"})).status == 403
    assert (await site.ben.get("/privacy")).status == 403
    answer = await (await site.dee.client.get("/api/v1/privacy/log-check", headers={"X-Person": "4"})).json()
    assert answer["broken_at"] is None
    assert answer["lines"] > 3


async def test_refused_numbers_stay_here_by_a_button(site: Site) -> None:
    world = site.world
    await world.join()
    await world.approved()
    project_id = await world.closed_project(n=60, title="Spring again")
    await site.ada.text("/share")
    at = (await site.ada.send(f"/share/projects/{project_id}")).headers["Location"]
    page = await site.ada.text(at)
    assert "told of a group that differs by a few students" in page
    left_out = {"path": "/measures/0", "stays": "yes", "version": version_in(page)}
    assert (await site.ada.send(f"{at}/left-out", left_out)).status == 303
    page = await site.ada.text(at)
    assert "Put it back" in page
    assert "Something blocks this draft" not in page
    await site.ada.send(f"{at}/send", {"version": version_in(page)})
    review = await site.ben.text(f"{at}/review")
    assert "Advisory homework start" in review


async def test_what_touches_the_same_group_stands_on_the_review(site: Site) -> None:
    world = site.world
    await world.join()
    await world.approved()
    draft_id = await world.drafted(await world.closed_project(n=100, title="Spring again"))
    page = await site.ben.text(f"/share/{draft_id}/review")
    assert "It touches grade 7: the groups differ by 39 students; the rule asks for 10." in page


async def test_a_directory_counts_who_it_could_be(site: Site) -> None:
    assert "Import one" in await site.ada.text("/share/directory")
    assert (await site.ada.send("/share/directory")).status == 422
    dirty = STATE.replace(",0.39", ",39")
    answer = await (await site.ada.call("PUT", "/directory", {"name": "state.csv", "text": dirty})).json()
    assert (answer["refused"], [(one["line"], one["cell"]) for one in answer["told"]]) == (1, [(41, "39")])
    page = await site.ada.send("/share/directory", {"file": io.BytesIO(dirty.encode())})
    assert "Line 41, Lunch:" in await page.text()
    answer = await site.ada.call("PUT", "/directory", {"name": "state.csv", "text": STATE})
    assert (await answer.json())["schools"] == 40
    assert "state.csv" in await site.ada.text("/share/directory")
    draft_id = await site.world.drafted(await site.world.closed_project())
    assert "20 schools in the public directory match" in await site.ben.text(f"/share/{draft_id}/review")
    few = await site.ada.call("PUT", "/directory", {"name": "few.csv", "text": "ncessch,level\n1,Middle\n"})
    assert few.status == 422
