"""Coordinators draw the theory and write about a quarter; everybody reads."""

from tests.unit.network.people_stage import StagedNode, found

AT, TEXTS = "/network/1/theory", "/network/1/syntheses"
CALL = "/networks/1"


async def test_the_diagram_is_drawn_on_its_page(coordinator: StagedNode) -> None:
    await found(coordinator)
    browser = await coordinator.signed_in()
    page = await (await browser.get(AT)).text()
    assert "have not drawn a driver diagram yet" in page
    theory = await (await browser.get(f"/api/v1{CALL}/theory")).json()
    fields = {"version": str(theory["version"]), "name_0": "Families hear early", "ideas_0": "two-way-texting"}
    assert (await browser.send(AT, fields)).status == 303
    page = await (await browser.get(AT)).text()
    assert "0 of 1 ideas have results" in page
    assert "no result yet" in page
    assert 'value="Families hear early"' in page
    stale = await browser.send(AT, fields | {"name_1": "Somebody asks"})
    assert (stale.status, "Somebody changed the charter" in await stale.text()) == (409, True)
    wrong = await browser.send(AT, fields | {"ideas_0": "alchemy"})
    assert wrong.status == 422

    newer = await (await browser.get(f"/api/v1{CALL}/theory")).json()
    drivers = {"version": newer["version"], "drivers": [{"name": "Somebody asks", "measures": ["belonging"]}]}
    drawn = await (await browser.call("PUT", f"{CALL}/theory", drivers)).json()
    assert (drawn["charter_version"], drawn["drivers"][0]["measures"]) == (3, ["belonging"])
    assert (await browser.call("PUT", f"{CALL}/theory", drivers)).status == 409


async def test_a_quarter_is_written_about_and_read_by_everybody(coordinator: StagedNode) -> None:
    await found(coordinator)
    browser = await coordinator.signed_in()
    network = (await (await browser.get("/api/v1/networks")).json())["items"][0]
    public = f"/net/{network['slug']}/syntheses"
    assert "Nothing was written yet" in await (await browser.get(public)).text()
    said = {"quarter": "2026-Q4", "title": "A first look", "text": "Too early to say.\nWe go on."}
    assert (await browser.send(TEXTS, said)).status == 303
    page = await (await browser.get(public)).text()
    assert "A first look" in page
    assert "2026-Q4 · written" in page
    assert "about the driver diagram of charter version 1" in page
    again = await browser.send(TEXTS, said)
    assert (again.status, "Somebody changed this synthesis" in await again.text()) == (409, True)
    empty = await browser.send(TEXTS, said | {"text": ""})
    assert empty.status == 422
    (one,) = (await (await browser.get(f"/api/v1{CALL}/syntheses")).json())["items"]
    page = await (await browser.get(f"{TEXTS}?quarter=2026-Q4")).text()
    assert 'value="A first look"' in page
    changed = {"title": "A second look", "text": "Better.", "version": one["version"]}
    written = await browser.call("PUT", f"{CALL}/syntheses/2026-Q4", changed)
    assert ((await written.json())["title"], written.status) == ("A second look", 200)
    assert (await browser.call("PUT", f"{CALL}/syntheses/2026", changed)).status == 422
