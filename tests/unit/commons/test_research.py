"""The starter shelf: every recommendation is one that can be read, found and started."""

import pytest

from nic_node.commons.research.read import RESEARCH, all_entries, entry_of, find_entries, is_wanted, level_of
from nic_node.commons.search import Search
from nic_node.errors import NotFound
from schemas.practice import PRACTICE
from tests.fakes.library import TEXTING, described
from tests.unit.commons.conftest import Reader
from tests.unit.commons.test_learn_page import text_of


def test_each_recommendation_is_complete() -> None:
    entries = all_entries()
    assert 25 <= len(entries) <= 35
    assert len({entry.id for entry in entries}) == len({entry.title for entry in entries}) == len(entries)
    for entry in entries:
        PRACTICE.load({**entry.payload, "rung": "described", "decision": "adopt"})
        assert level_of(entry).label
        assert 2000 < entry.year < 2030
        assert len(entry.payload["steps"]) >= 4
    grades = {band for entry in entries for band in entry.facet("grade-band")}
    assert grades == {"pk-2", "3-5", "6-8", "9-12"}
    with pytest.raises(NotFound):
        entry_of("alchemy")


def test_a_search_finds_research_as_it_finds_practices() -> None:
    def found(**asked: object) -> list[str]:
        return [entry.id for entry in find_entries(Search(**asked), ("6-8",))]  # type: ignore[arg-type]

    assert found(words="attendance weekly") == ["early-signs"]
    assert found(words="chronic absence") == found(words="chronic absenteeism") == ["early-signs"], "it never says so"
    assert len(found()) == len(all_entries())
    assert {entry_of(each).level for each in found()[:5]} == {"strong"}
    assert "sounds-and-letters" not in found(like=True)
    assert set(found(chosen={"subject": ["writing"]})) == {
        "writing-process",
        "model-practice-reflect",
        "read-and-write",
    }
    assert found(chosen={"decision": ["adopt"]}) == []
    assert found(words="zeppelin") == []
    assert is_wanted(Search())
    assert is_wanted(Search(chosen={"rung": ["measured", RESEARCH]}))
    assert not is_wanted(Search(chosen={"rung": ["measured"]}))


async def test_in_the_first_year_the_shelf_is_filled_and_later_it_stands_below(reader: Reader) -> None:
    await reader.library.open()
    page = await text_of(reader, "/learn")
    assert "No practice is shared yet" in page
    assert page.count("Not a member’s result") == len(all_entries())

    await reader.library.add(TEXTING, "ada", context="rural")
    await reader.library.add(described("Advisory groups", "advisory"), "cem", context="rural")
    page = await text_of(reader, "/learn?q=attendance")
    assert "Watch attendance weekly and act early" in page
    page = await text_of(reader, "/learn?rung=research")
    assert page.count("Not a member’s result") == len(all_entries())
    assert "Nothing has all of this" not in page
    assert "Not a member’s result" not in await text_of(reader, "/learn?rung=described")
    assert "All 28 recommendations of research" in await text_of(reader, "/learn")


async def test_a_recommendation_is_started_as_a_project_of_ours(reader: Reader) -> None:
    page = await text_of(reader, "/learn/research/early-signs")
    assert "Level of evidence: minimal" in page
    assert "“Preventing Dropout in Secondary Schools” (2017), recommendation 1." in page
    assert (await reader.get("/learn/research/alchemy")).status == 404

    started = await reader.send("/learn/start", {"entry": "early-signs"})
    assert started.status == 303
    project = await text_of(reader, started.headers["Location"])
    assert "From research: Preventing Dropout in Secondary Schools" in project
    for fields in ({}, {"entry": "early-signs", "record": "net.example/log/1#1"}):
        assert (await reader.send("/learn/start", fields)).status == 422

    found = await (await reader.call("GET", "/practices/research", q="fractions")).json()
    assert found["items"][0]["id"] == "number-lines"
    made = await reader.call("POST", "/practices/adopt", {"research": "number-lines"})
    assert ((await made.json())["origin_record"], made.status) == (None, 201)
    assert (await reader.call("POST", "/practices/adopt", {})).status == 422
