"""Which paper is asked for: its kind, for whom, in which language."""

from dataclasses import dataclass
from datetime import date

from aiohttp import web
from marshmallow import fields, validate

from nic_node import i18n
from nic_node.i18n import N_
from nic_node.school.known_names import KnownNames, known_names
from nic_node.school.papers.minutes_paper import minutes_paper
from nic_node.school.papers.paper import AUDIENCES, Paper, Writer
from nic_node.school.papers.plain_words import plain_words_in
from nic_node.school.papers.plan_paper import plan_paper
from nic_node.school.papers.project_paper import project_paper
from nic_node.school.papers.year_papers import board_paper, handover_paper
from nic_node.school.profile.name import school_year
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import config, database

NO_YEAR = N_("Write a school year as 2026-27.")


class AskedSchema(ApiSchema):
    """`whom` is staff, families or district; `language` en or es; `year` as 2026-27, this one if it is left out."""

    whom = fields.String(load_default="staff", validate=validate.OneOf(list(AUDIENCES)))
    language = fields.String(load_default="en", validate=validate.OneOf(list(i18n.LANGUAGES)))
    year = fields.String(load_default=None, validate=validate.Regexp(r"\d{4}-\d{2}\Z", error=NO_YEAR))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Attributes: of: the id of a project or meeting; 0 for papers of a year."""

    kind: str
    of: int
    whom: str
    language: str
    year: str


async def make_paper(request: web.Request, asked: Asked) -> Paper:
    """Raises NotFound: no such project or meeting."""
    today = school_day(request)
    async with database(request).reading() as session:
        writer = new_writer(asked.whom, asked.language, await known_names(request, session))
        writer.plain = await plain_words_in(session, asked.language) if writer.is_families else {}
        match asked.kind:
            case "project":
                return await project_paper(session, writer, project_id=asked.of, today=today)
            case "minutes":
                return await minutes_paper(session, writer, meeting_id=asked.of, today=today)
            case "board":
                return await board_paper(session, writer, school_year=asked.year, today=today)
            case "handover":
                return await handover_paper(session, writer, school_year=asked.year, today=today)
        zone = config(request).time_zone
        is_whole = asked.kind == "whole-plan"
        return await plan_paper(session, writer, school_year=asked.year, is_whole=is_whole, today=today, time_zone=zone)


def new_writer(whom: str, language: str, names: KnownNames) -> Writer:
    assert whom in AUDIENCES
    catalogue = i18n.translations(language)
    return Writer(audience=whom, language=language, catalogue=catalogue, names=names)  # type: ignore[arg-type]


def year_asked(given: str | None, today: date) -> str:
    return given or school_year(today)
