"""Learn from others, as a reader uses it."""

import re

import pytest
from sqlalchemy import update

from nic_node.mirror.tables import MirrorLog
from schemas.vocab import IDEAS
from tests.fakes.library import TEXTING, described, with_bands
from tests.unit.commons.conftest import Reader


async def stock(reader: Reader) -> dict[str, str]:
    """Four practices: one with two replications, two without numbers, one of a high school."""
    library = reader.library
    await library.open()
    ids = {"texting": await library.add(TEXTING, "ada", context="rural")}
    ids["ben"] = await library.replicate(ids["texting"], with_bands((35, 40), (20, 25)), "ben", context="city")
    worse = with_bands((25, 30), (25, 30), decision="abandon", direction="cannot-tell")
    ids["cem"] = await library.replicate(ids["texting"], worse, "cem", context="rural")
    ids["bus"] = await library.add(
        described("Walking bus", "transport-support", decision="abandon"), "ben", context="city"
    )
    ids["advisory"] = await library.add(described("Advisory groups", "advisory"), "cem", context="rural")
    tall = described("Advisory for seniors", "advisory")
    tall["problem"] = {"category": "engagement", "grade_bands": ["9-12"]}
    ids["tall"] = await library.add(tall, "dan", context="tall")
    return ids


async def text_of(reader: Reader, path: str, status: int = 200) -> str:
    response = await reader.get(path)
    assert response.status == status, await response.text()
    return re.sub(r"[ \n]+", " ", await response.text())  # narrow spaces stay


def titles(page: str) -> list[str]:
    return re.findall(r'<article class="card hit">\s*<h2><a href="/learn/practices/[^"]+">([^<]+)</a>', page)


async def test_another_page_is_given_the_first_hits_and_the_way_to_all(reader: Reader) -> None:
    await stock(reader)

    answer = await reader.client.get("/learn?like=1", headers={"HX-Request": "true", "Accept": "text/html"})
    part = await answer.text()

    assert "<html" not in part
    assert part.count("<li>") == 3
    assert re.search(r'href="/learn\?like=1">Search all practices', part)
    # The form of a project asks with its own field, whether a problem is chosen or not.
    for asked in ("", "engagement"):
        address = f"/learn?problem_category={asked}"
        answer = await reader.client.get(address, headers={"HX-Request": "true", "Accept": "text/html"})
        assert (answer.status, "on this problem" in await answer.text()) == (200, bool(asked)), asked
    assert (await reader.client.get(address, headers={"Accept": "text/html"})).status == 422


async def test_without_a_network_the_page_says_how_to_join_one(reader: Reader, roles: list[str]) -> None:
    page = await text_of(reader, "/learn")
    assert 'href="/network/join"' in page
    assert "Join a network" in page

    roles[:] = ["teacher"]
    assert "/network/join" not in await text_of(reader, "/learn")


@pytest.mark.parametrize(
    ("state", "log_state", "words"),
    [
        ("applied", "new", "Your application is being looked at"),
        ("approved", "backfilling", "The library is on its way"),
        ("approved", "live", "No practice is shared yet"),
    ],
)
async def test_an_empty_library_says_why(reader: Reader, state: str, log_state: str, words: str) -> None:
    await reader.library.open(state=state, log_state=log_state)
    assert words in await text_of(reader, "/learn")


async def test_everybody_reads_up_to_when_the_library_is_complete(reader: Reader, roles: list[str]) -> None:
    await reader.library.open()
    roles[:] = ["teacher"]
    line, way = "You see everything up to ", '<a class="link nw" href="/log">Mirror and log</a></p>'
    assert f"{line}now. {way}" in await text_of(reader, "/learn"), "nobody confirmed it yet"

    async with reader.library.database.writing() as session:
        await session.execute(update(MirrorLog).values(is_witnessed=True, cosigned=7, witnesses=9))
    reader.library.clock.forward(minutes=2)
    assert f"{line}2 minutes ago, confirmed by 7 of 9 witnesses. {way}" in await text_of(reader, "/learn")
    async with reader.library.database.writing() as session:
        await session.execute(update(MirrorLog).values(final_size=MirrorLog.mirrored - 3))
    says = "2 minutes ago; the newest 3 entries wait for more witnesses."
    assert f"{line}{says} {way}" in await text_of(reader, "/learn")
    reader.library.clock.forward(minutes=20)
    page = await text_of(reader, "/learn")
    assert re.search(rf'<p class="md mb-2">{line}22 minutes ago; [^<]+ <span class="[^>]+>.{{0,300}}stale', page)


async def test_practices_stand_in_the_order_of_fit_and_evidence(reader: Reader) -> None:
    await stock(reader)

    page = await text_of(reader, "/learn")

    assert titles(page) == [TEXTING["title"], "Advisory groups", "Walking bus", "Advisory for seniors"]
    assert "4 practices" in page
    assert "2 of 3</b>" in page
    assert "<span>1 can" in page
    assert "<b>they are in a city, you are rural</b>" in page
    assert "Another level of school than yours." in page


async def test_a_result_whose_direction_nobody_can_tell_is_not_told_as_a_failure(reader: Reader) -> None:
    await reader.library.open()
    await reader.library.add(with_bands((25, 30), (25, 30), direction="cannot-tell"), "ada", context="rural")

    page = await text_of(reader, "/learn")

    assert "<span>1 can" in page
    assert "Better in" not in page


async def test_a_hit_tells_its_reasons_and_its_pooled_effect(reader: Reader) -> None:
    await stock(reader)

    page = await text_of(reader, "/learn?q=texting+families")

    assert titles(page) == [TEXTING["title"]]
    assert "Nearly the same lunch share; about as many students with disabilities." in page
    assert 'aria-label="Effect ' in page
    assert "3 results" in page


async def test_filters_narrow_and_say_how_many_they_leave(reader: Reader) -> None:
    await stock(reader)

    page = await text_of(reader, "/learn?idea=advisory&idea=transport-support&like=1")

    assert titles(page) == ["Advisory groups", "Walking bus"]
    assert 'name="like" value="1" checked' in page
    assert re.search(r'name="rung" value="described"><span>Described</span><em>2</em>', page)
    assert "Remove the filter </span>Advisory<" in page
    assert "idea=transport-support" in page, "a chip leads to the search without it"


async def test_nothing_found_says_what_to_leave_out(reader: Reader) -> None:
    await stock(reader)

    page = await text_of(reader, "/learn?q=bus&rung=measured")

    assert titles(page) == []
    assert "Nothing has all of this" in page
    assert 'href="/learn?rung=measured"' in page
    assert 'href="/learn?q=bus"' in page
    assert "Show all practices" in await text_of(reader, "/learn?q=zeppelin&idea=home-visits")
    page = await text_of(reader, "/learn?q=walking+zeppelin&like=0")
    assert 'href="/learn?q=walking">Only “walking”</a> <span class="quiet nw">1 practice</span>' in page
    found = await (await reader.call("GET", "/practices/search", q="walking zeppelin")).json()
    assert found["fewer"] == {"walking": 1}


async def test_kinds_of_school_become_chips_and_typing_errors_are_helped_with(reader: Reader) -> None:
    await stock(reader)

    page = await text_of(reader, "/learn?q=rural+grade+7+txting")

    assert 'name="q" value="txting"' in page
    assert "Remove the filter </span>Town or rural<" in page
    assert "Remove the filter </span>Grades 6 to 8<" in page
    assert "You typed “rural”. As this network shows places, it became “Town or rural”." in page
    assert re.search(r'Did you mean <a class="link b" href="/learn\?q=texting[^"]*locale=town-rural', page)
    found = await (await reader.call("GET", "/practices/search", q="kindergarten texting")).json()
    assert found["understood"] == {
        "q": "texting",
        "like": False,
        "chosen": {},
        "notes": ["No practice here was tried in pre-K to grade 2, so “kindergarten” was left out."],
    }
    assert (found["total"], found["instead"]) == (1, None)


async def test_odd_queries_find_something_or_nothing(reader: Reader) -> None:
    await stock(reader)
    odd = ("q=%27%22%29%3B+drop+table", "q=AND+OR+NOT+*", "q=%F0%9F%8D%8E", "q=the+of", "page=99", "q=%3Cb%3E")
    for query in (*odd, "q=" + "x" * 400):
        page = await text_of(reader, f"/learn?{query}")
        assert "<b>" not in page.split('type="search"')[1].split(">")[0]


async def test_what_no_search_knows_is_refused_in_words(reader: Reader) -> None:
    await stock(reader)
    wrong = ("sort=best", "rung=gold", "page=0", "page=x", "colour=red", "q=%00", "like=maybe")
    for query in (*wrong, "idea=advisory&" * 60):
        assert "Start a new search." in await text_of(reader, f"/learn?{query}", status=422), query
    assert "A search takes up to 400 characters." in await text_of(reader, "/learn?q=" + "x" * 7_000, status=422)


async def test_the_order_can_be_chosen_and_says_what_it_does(reader: Reader) -> None:
    await stock(reader)
    firsts = {"newest": "Advisory for seniors", "evidence": TEXTING["title"], "similar": "Advisory groups"}
    for sort, first in firsts.items():
        page = await text_of(reader, f"/learn?sort={sort}")
        assert titles(page)[0] == first
        assert 'aria-current="true"' in page
        assert "Your words in the title count 40 parts" in page


async def test_pages_stay_as_they_were_while_the_library_grows(reader: Reader) -> None:
    await reader.library.open()
    for number in range(22):
        await reader.library.add(described(f"Practice {number:02}", "advisory"), "ada")
    first = await text_of(reader, "/learn?sort=newest")
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older

    await reader.library.add(described("Newcomer", "advisory"), "ben")
    second = await text_of(reader, older.group(1).replace("&amp;", "&"))

    assert titles(first) == [f"Practice {number:02}" for number in range(21, 1, -1)]
    assert titles(second) == ["Practice 01", "Practice 00"]
    assert "Page 2 of 2" in second


async def test_what_others_wrote_is_text_and_no_markup(reader: Reader) -> None:
    await reader.library.open()
    evil = described("<script>alert(1)</script>", "advisory")
    evil["idea"] = {"category": "advisory", "summary": "<img src=x onerror=alert(1)>"}
    record = await reader.library.add(evil, "ada")

    for path in ("/learn", f"/learn/practices/{record.replace('#', '%23')}"):
        page = await text_of(reader, path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page


async def test_a_practice_that_runs_here_leads_to_its_project(reader: Reader, roles: list[str]) -> None:
    ids = await stock(reader)
    await reader.get("/learn")
    done = await reader.send("/learn/start", {"record": ids["advisory"]})
    assert done.status == 303
    page = await text_of(reader, "/learn?q=advisory+groups")
    assert f'href="{done.headers["Location"]}"' in page

    roles[:] = ["teacher"]
    assert "Start this in our school" not in await text_of(reader, "/learn")


async def test_a_search_is_kept_heard_of_and_given_up(reader: Reader) -> None:
    await stock(reader)
    page = await text_of(reader, "/learn?q=texting&like=1")
    assert 'name="query" value="q=texting&amp;like=1"' in page
    assert 'value="texting · Like my school"' in page
    assert 'href="/learn/feed.atom?q=texting&amp;like=1"' in page

    fields = {"name": "Texts like ours", "query": "q=texting&like=1", "digest": "1"}
    assert (await reader.send("/learn/saved", fields)).status == 303
    assert (await reader.send("/learn/saved", {"name": "", "query": ""})).status == 422
    page = await text_of(reader, "/learn/saved")
    assert 'href="/learn?q=texting&amp;like=1">Texts like ours</a>' in page
    assert "By e-mail every Monday, once this node has a mail server" in page

    kept = await (await reader.call("GET", "/practices/saved-searches")).json()
    (one,) = kept["items"]
    assert (one["name"], one["digest"], one["has_feed"]) == ("Texts like ours", True, False)
    await reader.send(f"/learn/saved/{one['id']}/digest", {"digest": "0"})
    response = await reader.send(f"/learn/saved/{one['id']}/feed", {})
    address = re.search(r'value="http://[^"]+(/feeds/[^"]+)"', await response.text())
    assert address is not None
    feed = await reader.client.get(address[1])
    assert (feed.status, feed.content_type) == (200, "application/atom+xml")
    text = await feed.text()
    assert TEXTING["title"] in text
    assert 'rel="self"' not in text, "its address is a secret, and any other is not the feed's"
    assert re.search(
        r'rel="alternate" type="text/html" href="http://[^"]+/learn\?q=texting&amp;like=1&amp;sort=newest"', text
    )
    assert (await reader.client.get("/feeds/nobody-has-this")).status == 404
    text = await (await reader.client.get("/learn/feed.atom?q=texting")).text()
    assert TEXTING["title"] in text
    assert re.search(r'rel="self" href="http://[^"]+/learn/feed.atom\?q=texting"', text)
    assert (await reader.client.get("/learn/feed.atom?colour=red")).status == 422

    assert (await reader.call("PUT", f"/practices/saved-searches/{one['id']}/digest", {"digest": True})).status == 200
    made = await (await reader.call("POST", "/practices/saved-searches", {"name": "All"})).json()
    assert (await reader.call("POST", f"/practices/saved-searches/{made['id']}/feed")).status == 201
    assert (await reader.call("DELETE", f"/practices/saved-searches/{made['id']}")).status == 204
    assert (await reader.send(f"/learn/saved/{one['id']}/remove", {})).status == 303
    assert "You keep no search yet" in await text_of(reader, "/learn/saved")


async def test_practices_stand_beside_each_other(reader: Reader) -> None:
    ids = await stock(reader)
    page = await text_of(reader, "/learn?q=advisory")
    first = re.search(r'href="(/learn\?q=advisory&amp;with=[^"]+)">Compare<span class="vh"> Advisory groups', page)
    assert first is not None
    page = await text_of(reader, first[1].replace("&amp;", "&"))
    assert "Choose up to three more below." in page
    query = "&".join(f"record={ids[name].replace('#', '%23')}" for name in ("texting", "bus", "tall"))

    page = await text_of(reader, f"/learn/compare?{query}")
    assert "3 practices beside each other" in page
    heads = re.findall(r'<th scope="col">([^<]+)</th>', page)
    assert heads == [TEXTING["title"], "Walking bus", "Advisory for seniors"]
    for words in ("Another kind of school", "Text each absent student", "3 to 8 hours a week", "3 results"):
        assert words in page
    assert page.count("Leave it out") == 3
    found = await reader.client.get(f"/api/v1/practices/compare?{query}")
    assert [each["adopted"] for each in (await found.json())["items"]] == [2, 0, 1]

    one = f"record={ids['bus'].replace('#', '%23')}"
    for wrong, status in (
        (one, 422),
        (f"{one}&{one}", 422),
        ("", 422),
        ("record=x", 422),
        (f"{query}&{one}&{one}", 422),
    ):
        assert "Name two to four practices" in await text_of(reader, f"/learn/compare?{wrong}", status)
    other = one.replace(one[-2:], "77")
    assert "Compare the others" in await text_of(reader, f"/learn/compare?{one}&{other}", 404)


async def test_every_idea_that_somebody_tried_can_be_filtered_by(reader: Reader) -> None:
    await reader.library.open()
    ideas = list(IDEAS)[:9]
    for idea in ideas:
        await reader.library.add(described(f"About {idea}", idea), "ada")

    page = await text_of(reader, "/learn?" + "&".join(f"idea={idea}" for idea in ideas[2:]))

    assert re.findall(r'name="idea" value="([^"]+)" checked', page) == ideas[2:], "none is lost by filtering again"
    in_the_open, under_fold = page.split('<summary>3 more<span class="vh">: Idea</span></summary>')
    assert (in_the_open.count('name="idea"'), under_fold.count('name="idea"')) == (6, 3)
