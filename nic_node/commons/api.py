"""Practices as JSON: list, search, compare, show, evidence, start."""

from typing import Any

from nic_node import i18n
from nic_node.accounts.actor import actor_of, person_id_of
from nic_node.commons.adopt import adopt_entry, adopt_practice
from nic_node.commons.api_schemas import (
    AdoptedSchema,
    AdoptSchema,
    ComparedSchema,
    EntriesSchema,
    EvidenceSchema,
    PracticeListSchema,
    PracticeSchema,
    RecordQuery,
    SearchFoundSchema,
)
from nic_node.commons.compare import compare
from nic_node.commons.documents import (
    compared_document,
    entry_document,
    evidence_document,
    found_document,
    record_document,
    view_document,
)
from nic_node.commons.evidence import evidence_of
from nic_node.commons.forms import CompareQuerySchema, SearchQuerySchema, search_of
from nic_node.commons.my_school import my_profile
from nic_node.commons.practice import practice_view, readable_record
from nic_node.commons.research.read import find_entries
from nic_node.commons.search import search_practices
from nic_node.commons.shelf import SHELF
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.mirror.read import list_living, mirrored_logs
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema, PageQuery
from nic_node.web.context import database, now
from nic_node.web.language import language_of
from nic_node.web.routes import Api, ApiHandler, Call, api_of

READ, ADOPT = "practices.read", "practices.adopt"
ONE_OF_TWO = N_("Name one thing to start: the record of a practice, or the id of a recommendation of research.")


def api_routes() -> list[Api]:
    operation = api_of("practices", "/practices", read=READ, write=ADOPT, answer=PracticeListSchema())
    return [
        operation("GET", "", "list", list_practices,
                  "The practices of the libraries that may be read, the newest first.",
                  query=PageQuery()),
        operation("GET", "/compare", "compare", compare_practices,
                  "Two to four practices beside each other: what each takes, its results together, who decided what.",
                  query=CompareQuerySchema(), answer=ComparedSchema()),
        operation("GET", "/record", "show", read_practice,
                  "A practice or replication: what it says, how like ours its school is, its place in the log.",
                  query=RecordQuery(), answer=PracticeSchema()),
        operation("POST", "/adopt", "adopt", post_adopt,
                  "Start a practice here: a project that carries its origin. 409 while one from it runs.",
                  body=AdoptSchema(), answer=AdoptedSchema(), status=201),
        operation("GET", "/research", "research", list_research,
                  "What research recommends: those that a search finds, the best proven first.",
                  query=SearchQuerySchema(), answer=EntriesSchema()),
        _api("/practices/search", "search", find_practices, "search",
             "Search by words, filters and likeness, with the reasons of each match.",
             SearchQuerySchema(), SearchFoundSchema()),
        _api("/practices/evidence", "evidence", read_evidence, "evidence",
             "The ledger of a practice and its pooled effect, computed from what is printed.",
             RecordQuery(), EvidenceSchema()),
    ]  # fmt: skip


def _api(path: str, name: str, handler: ApiHandler, tag: str, summary: str, query: ApiSchema, answer: ApiSchema) -> Api:
    """What belongs to another room of the document."""
    return Api(
        method="GET",
        path=path,
        name=f"api.practices.{name}",
        handler=handler,
        permit=READ,
        tag=tag,
        summary=summary,
        query=query,
        answer=answer,
    )


async def list_practices(call: Call) -> Any:
    """Paging: `next` is the id after which the next page begins."""
    limit = call.query["limit"]
    async with database(call.request).reading() as session:
        logs = [log.id for log in await mirrored_logs(session, now=now(call.request))]
        records = await list_living(session, log_ids=logs, before=call.query["after"], limit=limit)
    items = [record_document(record) for record in records]
    return {"items": items, "next": records[-1].id if len(records) == limit else None}


async def find_practices(call: Call) -> Any:
    limit = call.query["limit"]
    async with database(call.request).reading() as session:
        shelf = call.request.config_dict[SHELF]
        found = await search_practices(
            session,
            shelf,
            search_of(call.query),
            now=now(call.request),
            limit=limit,
            person_id=person_id_of(call.request),
        )
    return found_document(found, _catalogue(call))


async def compare_practices(call: Call) -> Any:
    shelf = call.request.config_dict[SHELF]
    async with database(call.request).reading() as session:
        hits = await compare(
            session, shelf, call.query["record"], now=now(call.request), person_id=person_id_of(call.request)
        )
    return {"items": [compared_document(hit, _catalogue(call)) for hit in hits]}


async def read_practice(call: Call) -> Any:
    async with database(call.request).reading() as session:
        view = await practice_view(
            session, call.query["record"], now=now(call.request), person_id=person_id_of(call.request)
        )
    return view_document(view, _catalogue(call))


async def read_evidence(call: Call) -> Any:
    async with database(call.request).reading() as session:
        record, _ = await readable_record(session, call.query["record"], now=now(call.request))
        evidence = await evidence_of(session, record)
    return evidence_document(evidence, _catalogue(call))


async def list_research(call: Call) -> Any:
    async with database(call.request).reading() as session:
        mine = await my_profile(session)
    return {"items": [entry_document(entry) for entry in find_entries(search_of(call.query), mine.grade_bands)]}


async def post_adopt(call: Call) -> Any:
    record, entry = call.body["record"], call.body["research"]
    if (record is None) == (entry is None):
        raise InvalidInput({"record": [ONE_OF_TWO]}, ONE_OF_TWO)
    actor, day = actor_of(call.request), call.body["starts_on"] or school_day(call.request)
    async with database(call.request).writing() as session:
        if entry is not None:
            project = await adopt_entry(session, actor=actor, entry_id=entry, starts_on=day, now=now(call.request))
        else:
            project = await adopt_practice(session, actor=actor, record_id=record, starts_on=day, now=now(call.request))
    return {"project_id": project.id, "title": project.title, "origin_record": project.origin_record}


def _catalogue(call: Call) -> Any:
    return i18n.translations(language_of(call.request))
