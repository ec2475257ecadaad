"""A practice's page, and starting it."""

import re

from nic_node.mirror.states import RecordState
from nic_node.mirror.tables import MirrorRecord
from tests.fakes.library import TEXTING, described, with_bands
from tests.unit.commons.conftest import Reader
from tests.unit.commons.test_learn_page import stock, text_of


def address(record: str) -> str:
    return f"/learn/practices/{record.replace('#', '%23')}"


async def test_the_page_says_how_to_do_it_and_how_it_went(reader: Reader) -> None:
    ids = await stock(reader)

    page = await text_of(reader, address(ids["texting"]))

    for told in (
        "By an approved member, unnamed · town or rural, lunch 60\u202f% or more · grades 6–8",
        "Text each absent student&#39;s family by 9:15",
        "aide · daily, 25 min",
        "yours to change",
        "First-day text (letter)",
        "Good morning.<br>We missed [student] today.",
        "3 to 8 hours a week",
        "7 weeks, 5 times a week, 25 min",
        "The aim was reached.",
        "From start to end: 40–44\u202f% to 20–24\u202f%, n about 60.",
        "A group without the change: 35–39\u202f% to 35–39\u202f%",
        "Three results together",
        "Very much like yours",
        "nine times in ten after such a project",
        "Carried by three results of schools that compare with yours",
        "tier 4, shows a rationale",
        "more students: the interval is wide",
        "Results, not schools",
        "Two results of others. 0 of 2 kept every core step. 2 changed something.",
        "step left out",
        "This network has no witnesses yet",
    ):
        assert told in page, told
    assert page.count("<svg class=") > 4
    assert 'value="' + ids["texting"] + '"' in page, "the button starts this record"


async def test_the_ledger_counts_the_first_school_and_failures(reader: Reader) -> None:
    ids = await stock(reader)
    page = await text_of(reader, address(ids["texting"]))
    ledger = page[page.index("The ledger of this practice") : page.index("Results, not schools")]
    numbers = re.findall(r"<tfoot>.*</tfoot>", ledger)[0]
    assert re.findall(r">(\d)<", numbers) == ["3", "2", "0", "1"]
    assert "Town or rural" in ledger
    assert "City" in ledger


async def test_a_replication_leads_to_its_practice_and_is_not_started(reader: Reader) -> None:
    ids = await stock(reader)

    page = await text_of(reader, address(ids["ben"]))

    assert "What they kept and changed" in page
    steps = page[page.index("What they kept and changed") :].split("</ul>")[0]
    assert (steps.count(">kept<"), steps.count(">left out<"), steps.count(">Core<")) == (2, 2, 3)
    assert "The homeroom teacher signs the text" in page
    assert f'href="{address(ids["texting"])}"' in page
    assert "Start this in our school" not in page
    assert "results together" not in page


async def test_results_without_numbers_say_why(reader: Reader) -> None:
    await reader.library.open()
    told = described("Walking bus", "transport-support", rung="direction", direction="better")
    direction = await reader.library.add(told, "ada")
    plain = await reader.library.add(described("Advisory", "advisory"), "ben")

    assert "so the school told the direction only" in await text_of(reader, address(direction))
    page = await text_of(reader, address(plain))
    assert "results left the school: too few were in it" in page
    assert "The network shows too little of this school" in page


async def test_one_start_makes_a_project_with_its_origin(reader: Reader) -> None:
    ids = await stock(reader)
    await reader.get(address(ids["texting"]))

    done = await reader.send("/learn/start", {"record": ids["texting"]})

    assert done.status == 303
    project = await text_of(reader, done.headers["Location"])
    assert TEXTING["title"] in project
    assert f'href="{address(ids["texting"])}"' in project
    assert "Your project runs." in project
    page = await text_of(reader, address(ids["texting"]))
    assert "Open our project" in page
    again = await reader.send("/learn/start", {"record": ids["texting"]})
    assert again.status == 409
    assert "Your school runs a project from this practice already." in await again.text()


async def test_a_start_that_names_no_practice_changes_nothing(reader: Reader) -> None:
    await stock(reader)
    await reader.get("/learn")
    for record, status in (("", 422), ("no record id", 422), ("net.example/log/1#9999", 404), ("x" * 600, 422)):
        assert (await reader.send("/learn/start", {"record": record})).status == status
    assert "Start with one thing that you can change in 45 days" in await text_of(reader, "/projects")


async def test_a_start_needs_its_token_and_its_right(reader: Reader, roles: list[str]) -> None:
    ids = await stock(reader)
    await reader.get("/learn")
    assert (await reader.send("/learn/start", {"record": ids["texting"], "csrf_token": "forged"})).status == 403
    roles[:] = ["teacher"]
    assert (await reader.send("/learn/start", {"record": ids["texting"]})).status == 403


async def test_what_was_taken_back_says_so(reader: Reader) -> None:
    ids = await stock(reader)
    sayings = {
        "withdrawn": "took it back, so its content is erased here",
        "corrected": "put a corrected record in its place",
        "moderated": "The network took this down",
    }
    for gone, words in sayings.items():
        async with reader.library.database.writing() as session:
            record = await session.get_one(MirrorRecord, 1)
            record.state, record.gone = RecordState.GONE.value, gone
        page = await text_of(reader, address(ids["texting"]), status=404)
        assert words in page
        assert TEXTING["title"] not in page


async def test_an_address_without_a_practice_is_not_found(reader: Reader) -> None:
    await stock(reader)
    for path in ("x", "net.example/log/1%239", "%00", "..%2F..%2Fetc"):
        await text_of(reader, f"/learn/practices/{path}", status=404)


async def test_a_library_that_may_not_be_read_any_more_is_closed(reader: Reader) -> None:
    ids = await stock(reader)
    reader.library.clock.forward(days=365 * 5)
    await text_of(reader, address(ids["texting"]), status=404)
    assert "Join a network" in await text_of(reader, "/learn")


# The API ----------------------------------------------------------------------------------------------------------------


async def test_the_api_finds_shows_tells_and_starts(reader: Reader) -> None:
    ids = await stock(reader)
    await reader.get("/learn")

    found = await (await reader.call("GET", "/practices/search", q="text families", like="true")).json()
    assert [item["record"] for item in found["items"]] == [ids["texting"]]
    assert found["items"][0]["similarity"]["alike"]
    shown = await (await reader.call("GET", "/practices/record", record=ids["texting"])).json()
    assert shown["payload"]["title"] == TEXTING["title"]
    assert shown["lineage"] == {
        "origin": None,
        "replications": [ids["ben"], ids["cem"]],
        "origin_gone": None,
        "of_earlier_version": False,
    }
    assert shown["context"]["locale"] == "town-rural"
    assert (shown["forecast"]["comparable"], shown["forecast"]["share_now"]) == (3, None)
    assert len(shown["forecast"]["interval"]) == 2
    told = await (await reader.call("GET", "/practices/evidence", record=ids["texting"])).json()
    assert (told["tried"], told["adopted"], told["abandoned"], told["pool"]["k"]) == (3, 2, 1, 3)
    assert len(told["pool"]["pi"]) == len(told["pool"]["ci"]) == 2

    done = await reader.call("POST", "/practices/adopt", {"record": ids["texting"]})
    assert done.status == 201
    project = await done.json()
    assert project["origin_record"] == ids["texting"]
    shown = await (await reader.call("GET", "/practices/record", record=ids["texting"])).json()
    assert shown["started"] == [project["project_id"]]
    assert (await reader.call("POST", "/practices/adopt", {"record": ids["texting"]})).status == 409
    replication = await reader.call("POST", "/practices/adopt", {"record": ids["ben"]})
    assert (replication.status, (await replication.json())["fields"]["record"][0][:4]) == (422, "This")


async def test_the_list_pages_from_the_newest(reader: Reader) -> None:
    ids = await stock(reader)
    first = await (await reader.call("GET", "/practices", limit="3")).json()
    rest = await (await reader.call("GET", "/practices", limit="3", after=str(first["next"]))).json()
    assert [item["record"] for item in (*first["items"], *rest["items"])] == [
        ids["tall"],
        ids["advisory"],
        ids["bus"],
        ids["texting"],
    ]
    assert rest["next"] is None


async def test_the_api_refuses_in_words(reader: Reader) -> None:
    wrong = (
        ("/practices/record", {}, 422),
        ("/practices/record", {"record": "nonsense"}, 422),
        ("/practices/record", {"record": "net.example/log/1#9"}, 404),
        ("/practices/evidence", {"record": "net.example/log/1#9"}, 404),
        ("/practices/search", {"sort": "best"}, 422),
        ("/practices/search", {"limit": "5000"}, 422),
        ("/practices", {"after": "-1"}, 422),
    )
    for path, query, status in wrong:
        response = await reader.call("GET", path, **query)
        assert response.status == status
        assert (await response.json())["detail"]


async def test_a_corrected_practice_takes_its_results_along(reader: Reader) -> None:
    await reader.library.open()
    first = await reader.library.add(TEXTING, "ada", context="rural")
    await reader.library.replicate(first, with_bands((35, 40), (20, 25)), "ben")
    second = await reader.library.add(TEXTING | {"supersedes": first}, "ada", context="rural")

    found = await (await reader.call("GET", "/practices/search")).json()

    assert [(item["record"], item["tried"]) for item in found["items"]] == [(second, 2)]
