"""What a search and a start take, from a page or a program."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import fields, validate

from nic_node.commons.rank import DEFAULT_SORT, SORTS
from nic_node.commons.research.read import RESEARCH
from nic_node.commons.search import PAGE_SIZE, Search
from nic_node.commons.shelf import OURS, SEARCH_FACETS, THEIRS
from nic_node.i18n import N_
from nic_node.web.api import BIGGEST_ID, ApiSchema
from nic_node.web.forms import FormSchema
from schemas.fields import record_id_field
from schemas.vocab import (
    CONTEXT,
    COST_BANDS,
    DECISIONS,
    GRADE_BANDS,
    IDEAS,
    PROBLEMS,
    RUNGS,
    STAFF_TIME_BANDS,
    SUBJECTS,
)

LONGEST_QUERY = 400
MOST_PAGES = 100_000
MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class Named:
    """A value that no record states of itself: whose practices, or that they are research."""

    label: str


FACET_VALUES: Mapping[str, Mapping[str, Any]] = {
    "rung": {**RUNGS, RESEARCH: Named(N_("Research shelf"))},
    "idea": IDEAS,
    "problem": PROBLEMS,
    "grade-band": GRADE_BANDS,
    "locale": CONTEXT["locale"].bands,
    "subject": SUBJECTS,
    "staff-time-band": STAFF_TIME_BANDS,
    "cost-band": COST_BANDS,
    "decision": DECISIONS,
    "library": {OURS: Named(N_("Our networks")), THEIRS: Named(N_("Other networks, read only"))},
}


def _facet(name: str) -> fields.List[str]:
    known = fields.String(validate=validate.OneOf(list(FACET_VALUES[name])))
    return fields.List(known, data_key=name, load_default=list, validate=validate.Length(max=len(FACET_VALUES[name])))


def _compared_field() -> fields.List[str]:
    return fields.List(
        record_id_field(),
        required=True,
        validate=validate.Length(max=MOST_COMPARED),
        metadata={"description": "Two to four record ids of practices."},
    )


class _SearchFields:
    """The parts that a page's address and the API share."""

    q = fields.String(load_default="", validate=validate.Length(max=LONGEST_QUERY))
    like = fields.Boolean(load_default=False)
    sort = fields.String(load_default=DEFAULT_SORT, validate=validate.OneOf(list(SORTS)))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=MOST_PAGES))
    upto = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=0, max=BIGGEST_ID))
    rung = _facet("rung")
    idea = _facet("idea")
    problem = _facet("problem")
    grade_band = _facet("grade-band")
    locale = _facet("locale")
    subject = _facet("subject")
    staff_time_band = _facet("staff-time-band")
    cost_band = _facet("cost-band")
    decision = _facet("decision")
    library = _facet("library")


class SearchForm(_SearchFields, FormSchema):
    """The query of /learn; `with` are practices that are to be compared."""

    LISTS = (*SEARCH_FACETS, "with")
    tray = fields.List(
        record_id_field(), data_key="with", load_default=list, validate=validate.Length(max=MOST_COMPARED)
    )


@cache
def search_form() -> SearchForm:
    """One for all requests: making a form of so many lists takes longer than reading most addresses."""
    return SearchForm()


class CompareForm(FormSchema):
    """The query of /learn/compare."""

    LISTS = ("record",)
    record = _compared_field()


class CompareQuerySchema(ApiSchema):
    """The query of GET /practices/compare."""

    record = _compared_field()


class SearchQuerySchema(_SearchFields, ApiSchema):
    """The query of GET /practices/search; facets may repeat."""

    limit = fields.Integer(load_default=PAGE_SIZE, validate=validate.Range(min=1, max=50))


class StartForm(FormSchema):
    """A practice by its record, or a recommendation of research by its id."""

    record = record_id_field(load_default=None)
    entry = fields.String(load_default="", validate=validate.Length(max=80))


def search_of(data: dict[str, object]) -> Search:
    """What was asked for, from either schema's values."""
    chosen = {facet: values for facet in SEARCH_FACETS if (values := data[facet.replace("-", "_")])}
    return Search(
        words=str(data["q"]),
        chosen=chosen,  # type: ignore[arg-type]  # the schema made lists of texts of them
        like=bool(data["like"]),
        sort=str(data["sort"]),
        page=int(str(data["page"])),
        upto=None if data["upto"] is None else int(str(data["upto"])),
    )
