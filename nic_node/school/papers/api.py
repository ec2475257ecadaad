"""Papers as JSON: the same words as on the page, charts as their sentence and table."""

from collections.abc import Awaitable, Callable
from typing import Any

from marshmallow import fields

from nic_node.school.papers.ask import Asked, AskedSchema, make_paper, year_asked
from nic_node.school.papers.form_pages import LARGEST_FORM, FilledFormSchema, FormFileSchema, post_form
from nic_node.school.papers.paper import Block, Chart, Paper, Table
from nic_node.school.papers.words_pages import PlainTextsSchema, WordedListSchema, put_words, read_words
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.routes import Api, Call, api_of


class PaperBlockSchema(ApiSchema):
    """`kind` text, bullets, facts (pairs), table or chart; `own`: the school's own words, in its own language."""

    kind = fields.String()
    text = fields.String()
    own = fields.Boolean()
    lines = fields.List(fields.String())
    columns = fields.List(fields.String())
    rows = fields.List(fields.List(fields.String()))


class PaperSectionSchema(ApiSchema):
    title = fields.String()
    level = fields.Integer()
    blocks = fields.List(fields.Nested(PaperBlockSchema))


class PaperSchema(ApiSchema):
    title = fields.String()
    subtitle = fields.String()
    audience = fields.String()
    language = fields.String()
    sections = fields.List(fields.Nested(PaperSectionSchema))
    held_back = fields.Integer(metadata={"description": "How much is not told, as it stands for few people."})
    names_known = fields.Boolean(metadata={"description": "Names of students were looked for; false: none are here."})
    footer = fields.String()


def api_routes() -> list[Api]:
    words = api_of(
        "communication", "/papers/words", read="communication.read", write="communication.write",
        answer=WordedListSchema(), named="papers",
    )  # fmt: skip
    return [
        _operation("/papers/plan", "plan", "plan.read", "The plan on one page."),
        _operation("/papers/whole-plan", "whole-plan", "plan.read", "The whole plan."),
        _operation("/papers/projects/{id}", "project", "projects.read", "The report on a project."),
        _operation("/papers/board", "board", "return.read", "The board's table."),
        _operation("/papers/handover", "handover", "handover.read", "The handover."),
        _operation("/papers/minutes/{id}", "minutes", "meetings.read", "Minutes of a meeting."),
        words("GET", "", "words", read_words, "What families read in place of titles."),
        words("PUT", "", "keep_words", put_words, "Write it, in one language.", body=PlainTextsSchema()),
        Api(
            method="POST",
            path="/papers/form",
            name="api.papers.form",
            handler=post_form,
            permit="plan.read",
            tag="communication",
            summary="The district's own form (DOCX or XLSX with placeholders), filled; it is not kept.",
            body=FormFileSchema(),
            answer=FilledFormSchema(),
            max_bytes=2 * LARGEST_FORM,
        ),
    ]


def _operation(path: str, kind: str, permit: str, summary: str) -> Api:
    return Api(
        method="GET",
        path=path,
        name=f"api.papers.{kind.replace('-', '_')}",
        handler=_read(kind),
        permit=permit,
        tag="communication",
        summary=f"{summary} For staff, families or the district, in English or Spanish.",
        query=AskedSchema(),
        answer=PaperSchema(),
    )


def _read(kind: str) -> Callable[[Call], Awaitable[Any]]:
    async def read(call: Call) -> Any:
        of = int(call.request.match_info.get("id", 0))
        year = year_asked(call.query["year"], school_day(call.request))
        asked = Asked(kind=kind, of=of, whom=call.query["whom"], language=call.query["language"], year=year)
        return paper_document(await make_paper(call.request, asked))

    return read


def paper_document(paper: Paper) -> dict[str, Any]:
    return {
        **{name: getattr(paper, name) for name in ("title", "subtitle", "audience", "language", "held_back", "footer")},
        "names_known": not paper.names.are_missing,
        "sections": [
            {"title": one.title, "level": one.level, "blocks": [_block(block) for block in one.blocks]}
            for one in paper.sections
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Table():
            rows = [*block.rows, *([block.total] if block.total else [])]
            return {"kind": block.kind, "columns": block.columns, "rows": rows}
        case Chart():
            return {
                "kind": block.kind,
                "text": f"{block.title}: {block.says}",
                "columns": block.chart.columns,
                "rows": block.chart.rows,
            }
    names = {"text": "text", "own": "own", "lines": "items", "rows": "pairs"}
    found = {name: getattr(block, attribute) for name, attribute in names.items() if hasattr(block, attribute)}
    return {"kind": block.kind, **found}
