"""`nic question`: on a data folder whose mirror holds a practice with a question and a call."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nic_node.app.node import open_node
from nic_node.config import read_config
from tests.cli.calls import is_one_sentence, nic
from tests.conftest import TestClock
from tests.fakes.library import TEXTING, Library


async def fill(folder: Path) -> tuple[str, str, str]:
    async with open_node(read_config(folder, {})) as opened:
        library = Library(opened.local.database, TestClock(datetime.now(UTC)))
        await library.open()
        practice = await library.add(TEXTING, "ben", context="rural")
        asked = await library.add({"target": practice, "text": "Did families mind?"}, "cem", kind="question")
        await library.add({"target": asked, "text": "Hardly any."}, "ben", kind="answer")
        call = await library.add({"text": "Who has tried breakfast clubs?"}, "cem", kind="question")
        return practice, asked, call


@pytest.fixture
def records(school: Path) -> tuple[str, str, str]:
    """A practice, a question about it, a call."""
    return asyncio.run(fill(school))


def test_questions_are_listed_shown_and_found_by_words(school: Path, records: tuple[str, str, str]) -> None:
    practice, asked, call = records
    listed = nic("question", "list", practice, "--json", data=school).document
    assert [one["record"] for one in listed["items"]] == [asked]
    assert "Did families mind?" in nic("question", "list", practice, data=school).out
    assert nic("question", "list", "--json", data=school).document == {"items": []}
    assert "No school has asked" in nic("question", "list", data=school).out
    shown = nic("question", "show", asked, "--json", data=school).document
    assert [(one["by"], one["text"]) for one in shown["answers"]] == [("author", "Hardly any.")]
    assert "author: Hardly any." in nic("question", "show", asked, data=school).out
    assert "No answer yet" in nic("question", "show", call, data=school).out
    assert [one["record"] for one in nic("question", "calls", "--json", data=school).document["items"]] == [call]
    assert nic("question", "calls", "zebra", "--json", data=school).document["total"] == 0
    assert "breakfast" in nic("question", "calls", "breakfast", data=school).out


def test_questions_and_answers_are_drafted_for_a_second_person(school: Path, records: tuple[str, str, str]) -> None:
    practice, _, call = records
    given = ("--about", practice, "--json")
    made = nic("question", "ask", "How long did it take?", *given, data=school).document
    assert (made["kind"], made["target"], made["text"]) == ("question", practice, "How long did it take?")
    # Without a list of names no prose leaves.
    assert (made["blocked"], made["state"]) == (True, "draft")
    assert "can't leave as it is" in nic("question", "answer", call, "We have.", data=school).out
    for wrong, why in (
        (("ask", "x" * 801), "within 800 characters"),
        (("ask", "Who?", "--chip", "locale=rural"), "NAME=VALUE"),
        (("answer", practice, "Yes."), "no such question"),
        (("withdraw", 99), "no such question or answer"),
        (("withdraw", made["draft"]), "has left"),
        (("show", practice), "no such question"),
    ):
        refused = nic("question", *wrong, data=school)
        assert refused.code != 0
        assert why in refused.err
    assert is_one_sentence(refused.err)
