"""The district's own form comes back filled; a form that wants more than placeholders is refused before it runs."""

import io
import zipfile
from base64 import b64decode, b64encode
from typing import Any

import docx
import openpyxl
import pytest

from nic_node.errors import InvalidInput
from nic_node.school.papers.placeholders import fill_form
from tests.unit.school.conftest import Stage
from tests.unit.school.test_papers import NEWCOMERS, papers

__all__ = ["papers"]

VALUES: dict[str, Any] = {
    "school": "Rivermouth & Sons <School>",
    "goals": [{"title": "=1+1"}, {"title": "Read more"}],
    "goal1": {"title": "=1+1"},
}


def word(*lines: str) -> bytes:
    document, sink = docx.Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line)
    document.save(sink)
    return sink.getvalue()


def workbook(*cells: str) -> bytes:
    book, sink = openpyxl.Workbook(), io.BytesIO()
    for number, cell in enumerate(cells, 1):
        book.active.cell(row=number, column=1, value=cell)
    book.save(sink)
    return sink.getvalue()


def words_of(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs if paragraph.text]


def test_a_document_and_a_workbook_are_filled() -> None:
    lines = ("{{ school }}", "{%p for goal in goals %}", "Goal: {{ goal.title }}", "{%p endfor %}", "Budget")
    filled, kind = fill_form(word(*lines), VALUES)
    assert (kind, words_of(filled)) == (
        "docx",
        ["Rivermouth & Sons <School>", "Goal: =1+1", "Goal: Read more", "Budget"],
    )
    filled, kind = fill_form(workbook("{{ school }}", "{{ goal1.title }}", "{% if goals %}yes{% endif %}"), VALUES)
    column = openpyxl.load_workbook(io.BytesIO(filled)).active["A"]
    # What somebody wrote is never a formula.
    assert (kind, [(cell.value, cell.data_type) for cell in column]) == (
        "xlsx",
        [("Rivermouth & Sons <School>", "s"), ("=1+1", "s"), ("yes", "s")],
    )


def renamed(content: bytes, old: str, new: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(sink, "w") as target:
        for name in source.namelist():
            target.writestr(name.replace(old, new), source.read(name))
    return sink.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (word("{{ 7 * 7 }}"), "more than a name"),
        (word("{{ school.__class__ }}"), "can't be read"),
        (word("{{ goals.pop() }}"), "more than a name"),
        (word("{{ school|upper }}"), "more than a name"),
        (word("{% for one in range(999999999) %}x{% endfor %}"), "more than a name"),
        (word("{% set x = school %}{{ x }}"), "more than a name"),
        (word("{{ schol }} {{ goals }}"), "nothing called “schol”"),
        (word("{{ goal1.tile }}"), "can't be read"),
        (word("{% for goal in goals %}{{ goal.title }}"), "can't be read"),
        (word("Nothing to fill"), "no placeholder"),
        (workbook("{{ cycler }}"), "nothing called “cycler”"),
        (b"%PDF-1.7 {{ school }}", "neither a Word document"),
        (b"PK\x03\x04 half a zip", "neither a Word document"),
        (renamed(word("{{ school }}"), "word/document.xml", "word/other.xml"), "neither a Word document"),
        (renamed(workbook("{{ school }}"), "xl/worksheets/", "xl/elsewhere/"), "can't be read"),
    ],
)
def test_a_form_that_wants_more_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        fill_form(content, VALUES)
    assert says in str(refused.value), refused.value


async def test_the_form_tells_no_more_than_a_paper(stage: Stage, papers: dict[str, str]) -> None:
    lines = (
        "{{ school }}: {{ big_goal.title }}",
        "{{ goal1.projects_text }}",
        "{% for one in projects %}{{ one.moved }} {% endfor %}",
    )
    form = io.BytesIO(word(*lines))
    form.name = "distrito.docx"
    answer = await stage.browser.send("/papers/form", {"file": form})
    assert (answer.status, answer.headers["Content-Disposition"]) == (
        200,
        "attachment; filename*=UTF-8''distrito.docx",
    )
    said = " ".join(words_of(await answer.read()))
    assert "Rivermouth School: Nobody falls behind" in said
    assert "On track: from 70\u202f% to 90\u202f%" in said
    assert said.count("too small a group to show") == 4
    assert not [number for number in (*NEWCOMERS, "96") if number in said]

    body = {"content": b64encode(workbook("{{ goal1.owner }}{{ goal1.state }}")).decode(), "language": "es"}
    filled = await (await stage.browser.call("POST", "/papers/form", body)).json()
    sheet = openpyxl.load_workbook(io.BytesIO(b64decode(filled["content"]))).active
    assert (filled["kind"], sheet["A1"].value) == ("xlsx", "Trabajamos en ello ahora")
    assert (await stage.browser.call("POST", "/papers/form", {"content": "no!"})).status == 422
    wrong = io.BytesIO(b"%PDF-1.7")
    wrong.name = "form.docx"
    refused = await stage.browser.send("/papers/form", {"file": wrong})
    assert (refused.status, "whatever its name says" in await refused.text()) == (422, True)
