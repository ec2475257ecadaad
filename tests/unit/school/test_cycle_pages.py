"""The pages of a cycle: a spiral whose stages are written in any order, and how far a cycle was done as planned."""

import re
from typing import Any

import pytest

from nic_node.school.cycles.spiral import STAGES
from nic_node.school.search.find import find_own_work
from tests.unit.school.conftest import Stage
from tests.unit.school.measures.pages import shown


def flat(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
async def spiral(stage: Stage) -> dict[str, Any]:
    """Begun on its page with one stage of six, and pinned to a measure."""
    measure = await stage.add_measure()
    project = str(stage.project_id)
    page = await shown(stage, f"/cycles/new?project={project}&form=spiral")
    assert [name for name in STAGES if f'name="{name}"' in page] == list(STAGES)
    assert 'name="prediction"' not in page
    asked = {"project": project, "form": "spiral", "question": "Why are they late?", "starts_on": "2026-09-16"}
    # Whatever is put right is put right in the same form.
    wrong = await stage.browser.send("/cycles/new", {**asked, "question": "", "hunch": "The bus"})
    text = await wrong.text()
    assert (wrong.status, "The bus" in text, 'name="form" value="spiral"' in text) == (422, True, True)
    made = await stage.browser.send("/cycles/new", {**asked, "hunch": "The bus", "measure_id": str(measure)})
    assert made.status == 303
    return asked | {"project": "", "measure_id": str(measure), "ends_on": "2026-09-18"}


async def test_a_spiral_is_written_in_any_order_and_ends_with_the_same_acts(
    stage: Stage, spiral: dict[str, Any]
) -> None:
    first = {**spiral, "hunch": "The bus is late", "scan": "Forty are late", "version": "1"}
    assert (await stage.browser.send("/cycles/1", dict(first))).status == 303
    # The second of two tabs keeps what was typed, and sees what stands there.
    second = await stage.browser.send("/cycles/1", {**first, "scan": "Fifty are late"})
    text = await second.text()
    assert (second.status, "Saved meanwhile:" in text, "Forty" in text, "Fifty" in text) == (409, *[True] * 3)
    undecided = await stage.browser.send("/cycles/1", {**first, "version": "2", "act": "adapt"})
    assert (undecided.status, "enough of a difference." in await undecided.text()) == (422, True)
    last = {**first, "version": "2", "act": "adapt", "check": "Twelve are late", "fidelity": "partly"}
    assert (await stage.browser.send("/cycles/1", {**last, "differed": "Xylophone week"})).status == 303
    told = flat(await shown(stage, f"/projects/{stage.project_id}"))
    assert "Why are they late? · Scan · Hunch · Check. Seen: Twelve are late. Partly as planned: Xylophone week" in told
    kept = await (await stage.browser.call("GET", "/cycles/1")).json()
    assert [kept[name] for name in ("form", "focus", "hunch", "fidelity", "differed")] == [
        "spiral", "", "The bus is late", "partly", "Xylophone week",
    ]  # fmt: skip
    # It stands on the chart as any other cycle does.
    for day in range(11, 22):
        number = {"period": f"2026-09-{day}", "value": 90.0 + day % 4}
        await stage.browser.call("POST", f"/measures/{spiral['measure_id']}/observations", number)
    assert "Cycle 1: adapted" in await shown(stage, f"/measures/{spiral['measure_id']}")


async def test_a_spiral_is_found_comes_back_from_the_bin_and_is_on_paper(stage: Stage, spiral: dict[str, Any]) -> None:
    noted = {"version": 1, "check": "Twelve are late", "fidelity": "not", "differed": "No bus came"}
    assert (await stage.browser.call("PATCH", "/cycles/1", noted)).status == 200
    async with stage.database.reading() as session:
        for words in ("the bus", "twelve late", "no bus came"):
            found = await find_own_work(session, words, person_id=1, permissions={"cycles.read"}, zone="UTC")
            assert [(one.kind, one.title) for one in found.hits] == [("cycle", "Why are they late?")], words
    before = await (await stage.browser.call("GET", "/cycles/1")).json()
    assert (await stage.browser.send("/bin/cycle/1")).status == 303
    assert (await stage.browser.send("/bin/1/restore")).status == 303
    (after,) = (await (await stage.browser.call("GET", f"/projects/{stage.project_id}/cycles")).json())["items"]
    assert after == before
    paper = f"/papers/projects/{stage.project_id}?whom="
    staff, district = [flat(await shown(stage, f"{paper}{whom}&language=en")) for whom in ("staff", "district")]
    for words in (staff, district):
        assert "The bus Twelve are late" in words
    assert "As planned? " in staff
    assert "Not as planned: No bus came" in staff
    assert "planned" not in district
    spanish = flat(await shown(stage, f"{paper}staff&language=es"))
    assert "No según lo planeado: No bus came" in spanish


async def test_a_cycle_says_how_far_it_was_done_as_planned_in_one_field_more(stage: Stage) -> None:
    asked = {"question": "Do they come?", "prediction": "6 of 8", "starts_on": "2026-09-16"}
    await stage.browser.call("POST", f"/projects/{stage.project_id}/cycles", asked)
    page = await shown(stage, "/cycles/1")
    noted = page[page.index("Do and study") :]
    names = set(re.findall(r'name="(did|studied|fidelity|act|next_step|scan|check)"', noted))
    assert names == {"did", "studied", "fidelity", "act", "next_step"}
    # What was different is folded away until there is something to say.
    assert re.search(r'<details class="more-here"><summary>Say what was different', page)
    said = {**asked, "version": "1", "did": "A table", "fidelity": "mostly", "differed": "A day fewer"}
    assert (await stage.browser.send("/cycles/1", dict(said))).status == 303
    page = await shown(stage, "/cycles/1")
    assert re.search(r'<details class="more-here" open><summary>Say what was different', page)
    assert re.search(r'value="mostly"[^>]* checked', page)
    assert "Mostly as planned: A day fewer" in flat(await shown(stage, f"/projects/{stage.project_id}"))
    wrong = await stage.browser.send("/cycles/1", {**said, "version": "2", "fidelity": "somewhat"})
    assert (wrong.status, "how far it was done" in await wrong.text()) == (422, True)
    # What was chosen by mistake is taken back.
    assert (await stage.browser.send("/cycles/1", {**said, "version": "2", "fidelity": "", "act": ""})).status == 303
    kept = await (await stage.browser.call("GET", "/cycles/1")).json()
    assert (kept["fidelity"], kept["act"], kept["did"]) == (None, None, "A table")
    page = await shown(stage, "/cycles/1")
    assert re.findall(r'name="(fidelity|act)" value="" checked', page) == ["fidelity", "act"]


async def test_the_next_cycle_starts_from_the_last_and_nothing_is_typed_again(stage: Stage) -> None:
    measure = await stage.add_measure()
    body = {"question": "Do they pick up?", "scale": "8 students", "measure_id": measure, "starts_on": "2026-09-16"}
    assert (await stage.browser.call("POST", f"/projects/{stage.project_id}/cycles", body)).status == 201
    new = f"/cycles/new?project={stage.project_id}"
    assert "Do they pick up?" not in await shown(stage, new)  # while the first one is open
    noted = {"studied": "Seven did", "act": "adopt", "next_step": "All of grade 6", "version": 1}
    assert (await stage.browser.call("PATCH", "/cycles/1", noted)).status == 200
    page = await shown(stage, new)
    for said in (
        'value="Do they pick up?"',
        "Cycle 1 was with 8 students. Who is next?",
        "Its next step: All of grade 6",
    ):
        assert said in page
    assert f'value="{measure}" selected' in page
    # A decision without a last day ends the cycle, so that it stands on the chart.
    kept = await (await stage.browser.call("GET", "/cycles/1")).json()
    assert kept["ends_on"] is not None
    assert (await stage.browser.call("PATCH", "/cycles/1", {"act": "abandon", "version": 2})).status == 200
    page = await shown(stage, new)
    assert ("Do they pick up?" in page, "try something else" in page) == (False, True)


async def test_a_measure_is_chosen_already_where_the_aim_names_one(stage: Stage) -> None:
    project = await (await stage.browser.call("GET", f"/projects/{stage.project_id}")).json()
    aim = {"aim_measure": "attendance-rate", "version": project["version"]}
    assert (await stage.browser.call("PATCH", f"/projects/{stage.project_id}", aim)).status == 200
    asked = f"/measures/new?project={stage.project_id}&amp;vocabulary=attendance-rate"
    assert asked in await shown(stage, f"/projects/{stage.project_id}")
    await stage.add_measure()
    assert asked not in await shown(stage, f"/projects/{stage.project_id}")
