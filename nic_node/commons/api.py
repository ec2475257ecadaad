"""Practices as JSON: list, search, show, evidence, start."""

from typing import Any

from marshmallow import fields

from nic_node import i18n
from nic_node.accounts.actor import actor_of
from nic_node.commons.adopt import adopt_practice
from nic_node.commons.compare import compare
from nic_node.commons.documents import (
    compared_document,
    evidence_document,
    found_document,
    record_document,
    view_document,
)
from nic_node.commons.evidence import evidence_of
from nic_node.commons.forms import CompareQuerySchema, SearchQuerySchema, search_of
from nic_node.commons.practice import practice_view, readable_record
from nic_node.commons.search import search_practices
from nic_node.commons.shelf import SHELF
from nic_node.mirror.read import list_living, mirrored_logs
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema, PageQuery
from nic_node.web.context import config, database, now
from nic_node.web.routes import Api, Call
from schemas.fields import record_id_field

READ, ADOPT = "practices.read", "practices.adopt"
Interval = fields.List(fields.Float(), allow_none=True)


class RecordQuery(ApiSchema):
    record = record_id_field(required=True, metadata={"description": "A record id: the log's origin, '#', an index."})


class PracticeLineSchema(ApiSchema):
    """A record in a list."""

    record = fields.String()
    kind = fields.String()
    network = fields.String()
    index = fields.Integer()
    epoch = fields.Integer()
    is_final = fields.Boolean()
    title = fields.String()
    summary = fields.String()
    rung = fields.String()
    direction = fields.String(allow_none=True)
    decision = fields.String()


class PracticeListSchema(ApiSchema):
    items = fields.List(fields.Nested(PracticeLineSchema()))
    next = fields.Integer(allow_none=True)


class SimilarityPartSchema(ApiSchema):
    attribute = fields.String()
    weight = fields.Float()
    distance = fields.Float()
    words = fields.String()


class SimilaritySchema(ApiSchema):
    """How like this school theirs is: distance 0 to 1, null where nothing is known of both; its parts in words."""

    comparable = fields.Boolean()
    distance = fields.Float(allow_none=True)
    alike = fields.String()
    different = fields.String()
    parts = fields.List(fields.Nested(SimilarityPartSchema()))


class PoolSchema(ApiSchema):
    """REML; ci by Hartung and Knapp with a factor of at least 1; pi is where the next result will likely lie."""

    k = fields.Integer()
    estimate = fields.Float()
    ci = Interval
    pi = Interval
    tau2 = fields.Float(allow_none=True)
    i2 = fields.Float(allow_none=True)


class DirectionsSchema(ApiSchema):
    better = fields.Integer()
    no_clear_change = fields.Integer(data_key="no-clear-change", attribute="no-clear-change")
    worse = fields.Integer()
    cannot_tell = fields.Integer(data_key="cannot-tell", attribute="cannot-tell")
    untold = fields.Integer()


class HitSchema(PracticeLineSchema):
    similarity = fields.Nested(SimilaritySchema())
    directions = fields.Nested(DirectionsSchema())
    pool = fields.Nested(PoolSchema(), allow_none=True)
    tried = fields.Integer()
    started = fields.Integer(allow_none=True, metadata={"description": "The newest project here that copied it."})


class ComparedPracticeSchema(HitSchema):
    payload = fields.Dict()
    context_words = fields.String()
    adopted = fields.Integer()
    adapted = fields.Integer()
    abandoned = fields.Integer()


class ComparedSchema(ApiSchema):
    items = fields.List(fields.Nested(ComparedPracticeSchema()))


class UnderstoodSchema(ApiSchema):
    """What was looked for: words that name a kind of school ('rural', 'grade 9') are filters."""

    q = fields.String()
    like = fields.Boolean()
    chosen = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    notes = fields.List(fields.String())


class SearchFoundSchema(ApiSchema):
    items = fields.List(fields.Nested(HitSchema()))
    total = fields.Integer()
    practices = fields.Integer(metadata={"description": "All practices that were searched."})
    page = fields.Integer()
    pages = fields.Integer()
    upto = fields.Integer(allow_none=True, metadata={"description": "Give it back with further pages."})
    facets = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.Integer()))
    relax = fields.Dict(keys=fields.String(), values=fields.Integer())
    understood = fields.Nested(UnderstoodSchema())
    instead = fields.String(allow_none=True, metadata={"description": "The words as they may have been meant."})


class RecordInclusionSchema(ApiSchema):
    index = fields.Integer()
    size = fields.Integer()
    root = fields.String()
    is_final = fields.Boolean()
    is_witnessed = fields.Boolean()


class LineageSchema(ApiSchema):
    origin = fields.String(allow_none=True)
    replications = fields.List(fields.String())
    origin_gone = fields.String(allow_none=True)
    of_earlier_version = fields.Boolean()


class RecordVersionSchema(ApiSchema):
    """One version: `changed` are numbers, how-to, words, decision, context; `epoch` was open when it came."""

    record = fields.String()
    state = fields.String()
    reason = fields.String(allow_none=True)
    changed = fields.List(fields.String(), allow_none=True)
    epoch = fields.Integer(allow_none=True)


class ForecastSchema(ApiSchema):
    """How it would go in this school: the 90 % prediction interval of the effect (positive is better).

    `shares` is where the school's newest share (`share_now`) would land, as fractions; `times` by what its rate would
    be multiplied. `interval` is null where fewer than `needed` results of comparable schools carry it.
    """

    level = fields.Float()
    interval = fields.List(fields.Float(), allow_none=True)
    share_now = fields.Float(allow_none=True)
    shares = fields.List(fields.Float(), allow_none=True)
    times = fields.List(fields.Float(), allow_none=True)
    comparable = fields.Integer()
    results = fields.Integer()
    weighing = fields.Float(allow_none=True)
    needed = fields.Integer()


class PracticeSchema(PracticeLineSchema):
    pseudonym = fields.String()
    payload = fields.Dict()
    context = fields.Dict()
    context_words = fields.String()
    similarity = fields.Nested(SimilaritySchema())
    inclusion = fields.Nested(RecordInclusionSchema(), allow_none=True)
    alarm = fields.String(allow_none=True)
    lineage = fields.Nested(LineageSchema())
    versions = fields.List(fields.Nested(RecordVersionSchema()))
    started = fields.List(fields.Integer())
    forecast = fields.Nested(ForecastSchema(), allow_none=True)


class LedgerRowSchema(ApiSchema):
    context = fields.String()
    tried = fields.Integer()
    adopt = fields.Integer()
    adapt = fields.Integer()
    abandon = fields.Integer()


class EffectSchema(ApiSchema):
    """Positive is always 'got better'."""

    estimate = fields.Float()
    se = fields.Float()
    ci = Interval


class ResultSchema(ApiSchema):
    record = fields.String()
    context = fields.String()
    decision = fields.String()
    rung = fields.String()
    direction = fields.String(allow_none=True)
    effect = fields.Nested(EffectSchema(), allow_none=True)
    left_out = fields.String(allow_none=True)


class OutcomeSchema(ApiSchema):
    measure = fields.String()
    window = fields.String()
    better = fields.String()


class ClassPoolSchema(ApiSchema):
    attribute = fields.String()
    band = fields.String()
    k = fields.Integer()
    estimate = fields.Float()
    ci = Interval


class AlongSchema(ApiSchema):
    """How the effect changes with 10 points more of an attribute."""

    attribute = fields.String()
    k = fields.Integer()
    change = fields.Float()
    ci = Interval


class ForWhomSchema(ApiSchema):
    """The pooled effect without each result; pools of kinds of school with three results; regressions from ten on."""

    without_each = fields.List(fields.Float())
    classes = fields.List(fields.Nested(ClassPoolSchema()))
    along = fields.List(fields.Nested(AlongSchema()))


class EvidenceSchema(ApiSchema):
    record = fields.String()
    tried = fields.Integer()
    adopted = fields.Integer()
    adapted = fields.Integer()
    abandoned = fields.Integer()
    replications = fields.Integer()
    directions = fields.Nested(DirectionsSchema())
    ledger = fields.List(fields.Nested(LedgerRowSchema()))
    outcome = fields.Nested(OutcomeSchema(), allow_none=True)
    pool = fields.Nested(PoolSchema(), allow_none=True)
    for_whom = fields.Nested(ForWhomSchema())
    why_none = fields.String(allow_none=True)
    results = fields.List(fields.Nested(ResultSchema()))


class AdoptSchema(ApiSchema):
    record = record_id_field(required=True)
    starts_on = fields.Date(load_default=None, allow_none=True)


class AdoptedSchema(ApiSchema):
    project_id = fields.Integer()
    title = fields.String()
    origin_record = fields.String()


def api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/practices",
            name="api.practices.list",
            handler=list_practices,
            permit=READ,
            tag="practices",
            summary="The practices of the libraries that may be read, the newest first.",
            query=PageQuery(),
            answer=PracticeListSchema(),
        ),
        Api(
            method="GET",
            path="/practices/search",
            name="api.practices.search",
            handler=find_practices,
            permit=READ,
            tag="search",
            summary="Search by words, filters and likeness, with the reasons of each match.",
            query=SearchQuerySchema(),
            answer=SearchFoundSchema(),
        ),
        Api(
            method="GET",
            path="/practices/compare",
            name="api.practices.compare",
            handler=compare_practices,
            permit=READ,
            tag="practices",
            summary="Two to four practices beside each other: what each takes, its results together, who decided what.",
            query=CompareQuerySchema(),
            answer=ComparedSchema(),
        ),
        Api(
            method="GET",
            path="/practices/record",
            name="api.practices.show",
            handler=read_practice,
            permit=READ,
            tag="practices",
            summary="A practice or replication: what it says, how like ours its school is, its place in the log.",
            query=RecordQuery(),
            answer=PracticeSchema(),
        ),
        Api(
            method="GET",
            path="/practices/evidence",
            name="api.practices.evidence",
            handler=read_evidence,
            permit=READ,
            tag="evidence",
            summary="The ledger of a practice and its pooled effect, computed from what is printed.",
            query=RecordQuery(),
            answer=EvidenceSchema(),
        ),
        Api(
            method="POST",
            path="/practices/adopt",
            name="api.practices.adopt",
            handler=post_adopt,
            permit=ADOPT,
            tag="practices",
            summary="Start a practice here: a project that carries its origin. 409 while one from it runs.",
            body=AdoptSchema(),
            answer=AdoptedSchema(),
            status=201,
        ),
    ]


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
        found = await search_practices(session, shelf, search_of(call.query), now=now(call.request), limit=limit)
    return found_document(found, _catalogue(call))


async def compare_practices(call: Call) -> Any:
    shelf = call.request.config_dict[SHELF]
    async with database(call.request).reading() as session:
        hits = await compare(session, shelf, call.query["record"], now=now(call.request))
    return {"items": [compared_document(hit, _catalogue(call)) for hit in hits]}


async def read_practice(call: Call) -> Any:
    async with database(call.request).reading() as session:
        view = await practice_view(session, call.query["record"], now=now(call.request))
    return view_document(view, _catalogue(call))


async def read_evidence(call: Call) -> Any:
    async with database(call.request).reading() as session:
        record, _ = await readable_record(session, call.query["record"], now=now(call.request))
        evidence = await evidence_of(session, record)
    return evidence_document(evidence, _catalogue(call))


async def post_adopt(call: Call) -> Any:
    async with database(call.request).writing() as session:
        project = await adopt_practice(
            session,
            actor=actor_of(call.request),
            record_id=call.body["record"],
            starts_on=call.body["starts_on"] or school_day(call.request),
            now=now(call.request),
        )
    return {"project_id": project.id, "title": project.title, "origin_record": project.origin_record}


def _catalogue(call: Call) -> Any:
    return i18n.translations(config(call.request).language)
