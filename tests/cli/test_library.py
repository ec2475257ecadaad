"""`nic practice search`, `show`, `adopt`: on a data folder whose mirror holds a library."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nic_node.app.node import open_node
from nic_node.config import read_config
from tests.cli.calls import is_one_sentence, nic
from tests.conftest import TestClock
from tests.fakes.library import TEXTING, Library, described


async def fill(folder: Path) -> str:
    async with open_node(read_config(folder, {})) as opened:
        library = Library(opened.local.database, TestClock(datetime.now(UTC)))
        await library.open()
        return await library.add(TEXTING, "ben", context="rural")


@pytest.fixture
def record(school: Path) -> str:
    """The id of the one practice that the library holds."""
    assert nic("school", "set", "level=middle", data=school).code == 0
    return asyncio.run(fill(school))


def test_a_practice_is_found_shown_and_started(school: Path, record: str) -> None:
    found = nic("practice", "search", "text", "--like", "--facet", "problem=chronic-absence", "--json", data=school)
    assert [hit["record"] for hit in found.document["items"]] == [record]
    assert str(TEXTING["title"]) in nic("practice", "search", data=school).out

    shown = nic("practice", "show", record, "--json", data=school).document
    assert shown["payload"]["steps"][0]["who"] == "aide"
    assert (shown["evidence"]["tried"], shown["evidence"]["pool"]) == (1, None)
    assert "Text each absent student" in nic("practice", "show", record, data=school).out

    started = nic("practice", "adopt", record, "--starts-on", "2026-01-05", "--json", data=school).document
    assert started["origin_record"] == record
    project = nic("project", "show", started["project_id"], "--json", data=school).document
    assert (project["origin"], project["starts_on"], len(project["how"])) == (record, "2026-01-05", 4)

    again = nic("practice", "adopt", record, data=school)
    assert again.code == 1
    assert "runs a project from this practice" in again.err
    assert is_one_sentence(again.err)


def test_a_search_is_kept(school: Path, record: str) -> None:
    kept = nic("practice", "saved", "add", "Texts", "q=text&like=1", "--digest", "--json", data=school).document
    assert (kept["name"], kept["query"], kept["digest"]) == ("Texts", "q=text&like=1", True)
    assert "Texts" in nic("practice", "saved", "list", data=school).out
    assert nic("practice", "saved", "feed", kept["id"], "--json", data=school).document["address"].startswith("http")
    assert "no more" in nic("practice", "saved", "digest", kept["id"], "--off", data=school).out
    assert nic("practice", "saved", "remove", kept["id"], data=school).code == 0
    assert nic("practice", "saved", "list", "--json", data=school).document == {"items": []}
    refused = nic("practice", "saved", "add", "Odd", "colour=red", data=school)
    assert refused.code == 1
    assert is_one_sentence(refused.err)


def test_practices_are_compared(school: Path, record: str) -> None:
    async def add() -> str:
        async with open_node(read_config(school, {})) as opened:
            library = Library(opened.local.database, TestClock(datetime.now(UTC)))
            library.log_id, library.size = 1, 20
            return await library.add(described("Advisory groups", "advisory"), "cem", context="city")

    other = asyncio.run(add())
    found = nic("practice", "compare", record, other, "--json", data=school).document
    assert [each["title"] for each in found["items"]] == [TEXTING["title"], "Advisory groups"]
    assert "under-500, 3-8h" in nic("practice", "compare", record, other, data=school).out
    assert "two to four" in nic("practice", "compare", record, data=school).err


def test_a_recommendation_of_research_is_started(school: Path) -> None:
    found = nic("practice", "research", "attendance", "weekly", "--json", data=school).document
    assert [each["id"] for each in found["items"]] == ["early-signs"]
    assert "minimal" in nic("practice", "research", "attendance", data=school).out
    started = nic("practice", "adopt", "early-signs", "--research", "--json", data=school).document
    assert started["origin_record"] is None
    assert nic("practice", "adopt", "alchemy", "--research", data=school).code == 1


def test_weights_are_moved_for_one_person(school: Path) -> None:
    moved = nic("practice", "likeness", "--weight", "lunch=50", "--weight", "locale=0", "--json", data=school).document
    assert (moved["lunch"], moved["locale"], moved["enrolment"]) == (50, 0, 10)
    assert nic("practice", "likeness", "--usual", "--json", data=school).document["lunch"] == 30
    assert nic("practice", "likeness", "--weight", "luck=1", data=school).code == 1
    assert nic("practice", "likeness", "--weight", "lunch=much", data=school).code == 2
