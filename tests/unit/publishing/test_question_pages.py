"""Asking, answering and reading threads in a browser; and the same by JSON."""

import re

import pytest
from yarl import URL

from tests.fakes.network_log import PRACTICE
from tests.stores.publishing_stage import World
from tests.unit.publishing.conftest import Site

ASK, ANSWER = "/share/questions/new", "/share/answers/new"


async def published(world: World, name: str, kind: str = "practice", **payload: object) -> str:
    log = world.network.log
    record_id = log.record_id(log.publish(name, kind, payload or None))
    await world.follow()
    return record_id


async def leave(site: Site, at: str) -> None:
    """From the author's page through the review into the log."""
    version = re.findall(r'name="version" value="(\d+)"', await site.ada.text(at))[0]
    assert (await site.ada.send(f"{at}/send", {"version": version})).status == 303
    page = await site.ben.text(f"{at}/review")
    sha256 = re.findall(r'name="sha256" value="(\w{64})"', page)[0]
    answers = {"sha256": sha256, "names_anyone": "no", "confirmation": "nobody can be named"}
    assert (await site.ben.send(f"{at}/approve", answers)).status == 303
    await site.world.slot()


def page_of(kind: str, record: str) -> URL:
    return URL(f"/learn/{kind}") / record


async def test_from_the_practices_page_to_an_answer_under_it(site: Site) -> None:
    world = site.world
    await world.open_epoch()
    practice = await published(world, "ada")
    shown = await site.ada.text(page_of("practices", practice))
    assert "Nobody has asked yet" in shown
    form = await site.ada.text(URL(ASK) % {"about": practice})
    assert "Ask the school that shared this" in form
    long = await site.ada.send(ASK, {"about": practice, "text": "x" * 801})
    assert long.status == 422
    assert "x" * 801 in await long.text()
    made = await site.ada.send(ASK, {"about": practice, "text": "Did families mind?\nEven daily?"})
    at = made.headers["Location"]
    draft = await site.ada.text(at)
    assert "Did families mind?<br>Even daily?" in draft
    assert "Numbers and their rules" not in draft
    words = {"text": "Did any family mind?", "version": "1"}
    assert "Nothing has left yet" in await site.ada.text(f"{at}/words")
    assert (await site.ada.send(f"{at}/words", words | {"text": " "})).status == 422
    assert (await site.ada.send(f"{at}/words", words)).status == 303
    await leave(site, at)
    assert "The practice that it asks about" in await site.ada.text(at)
    question = world.network.log.record_id(len(world.network.log.entries) - 1)
    reply = await published(world, "ada", "answer", target=question, text="A few did.")
    await published(world, "ben", "answer", target=question, text="Nobody here.", practice=practice)
    for path in (
        page_of("practices", practice),
        page_of("questions", question),
        URL("/learn/questions") % {"about": practice},
    ):
        page = await site.cem.text(path)
        assert "Did any family mind?" in page
        assert page.index("A few did.") < page.index("the school that shared it answers") < page.index("Nobody here.")
        assert "another school answers" in page
        assert "flag it" not in page
    assert ASK not in await site.cem.text(page_of("practices", practice))
    await published(world, "ben", "question", target=practice, text="How often?")
    shown = await site.ada.text(page_of("practices", practice))
    assert shown.count(">flag it<") == 4
    page = await site.ada.text(page_of("questions", question))
    for record in (question, reply):
        at = rf'href="/share/flags/[^"]+%23{record.partition("#")[2]}"'
        assert re.search(at, shown)
        assert re.search(at, page)
    assert "A few did." in await site.ada.text(URL("/share/flags") / reply)
    assert "2 answers" in await site.ada.text("/share")


async def test_a_school_asks_us(site: Site) -> None:
    world = site.world
    await world.open_epoch()
    own = await world.approved()
    await world.slot()
    practice = world.network.log.record_id(len(world.network.log.entries) - 1)
    question = await published(world, "ada", "question", target=practice, text="How long did it take?")
    for path in ("/share", f"/share/{own}"):
        page = await site.ada.text(path)
        assert "A school asks" in page
        assert "How long did it take?" in page
    form = await site.ada.text(URL(ANSWER) % {"question": question})
    assert "signed by the pseudonym of what it is about, also after its term" in form
    assert "Whoever recognises you in one of these knows the others." in form
    given = {"question": question, "text": "Two weeks.", "practice": "https://x.example/learn/elsewhere"}
    wrong = await site.ada.send(ANSWER, given)
    assert wrong.status == 422
    assert "Two weeks." in await wrong.text()
    made = await site.ada.send(ANSWER, given | {"practice": ""})
    assert "See the draft" in await site.ada.text(f"/share/{own}")
    await leave(site, made.headers["Location"])
    assert "A school asks" not in await site.ada.text("/share")
    assert "answered" in await site.ada.text(f"/share/{own}")
    assert (await site.ada.get(URL(ASK) % {"about": practice})).status == 409


async def test_a_call_and_what_an_empty_list_teaches(site: Site) -> None:
    world = site.world
    await world.open_epoch()
    await published(world, "ada")
    assert "Nobody has asked yet" in await site.ada.text("/learn/questions")
    nothing = await site.ada.text("/learn?q=breakfast")
    assert "Ask everybody who has tried it" in nothing
    assert "Who has tried breakfast?" in await site.ada.text(f"{ASK}?words=breakfast")
    made = await site.ada.send(ASK, {"text": "Who has tried breakfast clubs?", "problem": "chronic-absence"})
    await leave(site, made.headers["Location"])
    page = await site.ada.text("/learn/questions")
    assert "Who has tried breakfast clubs?" in page
    assert "No answer yet" in page
    assert "Chronic absence" in page
    (record,) = [one["record"] for one in (await call(site, "GET", "/questions"))[1]["items"]]
    await published(world, "ben", "answer", target=record, text="Porridge drew a crowd.")
    for words, is_found in (("breakfast clubs", True), ("porridge", True), ("the", False), ("zebra", False)):
        page = await site.ada.text(URL("/learn/questions") % {"q": words})
        assert ("Porridge drew a crowd." in page) == is_found
        assert ("No question has all of these words" in page) != is_found
        assert (await call(site, "GET", f"/questions?words={words}"))[1]["total"] == is_found
    for path in ("/learn/questions?page=0", "/learn/questions?about=x", f"{ASK}?about=x", ANSWER, "/learn/questions/x"):
        assert (await site.ada.get(path)).status in {404, 422}


async def call(site: Site, method: str, path: str, document: object = None) -> tuple[int, dict]:
    headers = {"X-CSRF-Token": site.ada.token, "X-Person": "1"}
    async with site.ada.client.request(method, f"/api/v1{path}", json=document, headers=headers) as response:
        return response.status, await response.json()


@pytest.mark.parametrize("about", ["practice", None])
async def test_the_same_by_program(site: Site, about: str | None) -> None:
    world = site.world
    await world.open_epoch()
    practice = await published(world, "ada")
    await site.ada.text("/share")
    chips = [] if about else [{"facet": "idea", "id": "advisory"}]
    asked = {"about": practice if about else None, "text": "Who called?", "chips": chips}
    status, made = await call(site, "POST", "/questions", asked)
    assert (status, made["kind"], made["target"]) == (201, "question", practice if about else None)
    status, made = await call(
        site, "PUT", f"/questions/drafts/{made['id']}", {"version": 1, "text": "Who called first?"}
    )
    assert (status, made["version"]) == (200, 2)
    await leave(site, f"/share/{made['id']}")
    query = str(URL("/questions") % {"about": practice}) if about else "/questions"
    status, found = await call(site, "GET", query)
    (one,) = found["items"]
    assert (one["text"], one["about"], one["chips"]) == ("Who called first?", practice if about else None, chips)
    given = {"question": one["record"], "text": "The adviser.", "practice": practice}
    status, answer = await call(site, "POST", "/questions/answers", given)
    assert status == 201
    await leave(site, f"/share/{answer['id']}")
    status, one = await call(site, "GET", str(URL("/questions/record") % {"record": one["record"]}))
    assert [(said["by"], said["practice"]) for said in one["answers"]] == [("asker", practice)]
    assert (await call(site, "GET", "/questions/asked"))[1] == {"items": []}
    assert (await call(site, "POST", "/questions", {"text": "x", "about": "nonsense"}))[0] == 422
    assert PRACTICE["title"] in await site.ada.text("/learn")
