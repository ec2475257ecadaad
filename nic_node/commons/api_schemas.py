"""What the API of practices answers and takes."""

from marshmallow import fields, validate

from nic_node.web.api import ApiSchema
from schemas.fields import record_id_field

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
    fewer = fields.Dict(keys=fields.String(), values=fields.Integer())
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


class ChangedSchema(ApiSchema):
    what = fields.String()
    why = fields.String()


class ResultSchema(ApiSchema):
    """One result; of a replication also which steps of the practice were kept (their indexes), and what was changed."""

    record = fields.String()
    context = fields.String()
    decision = fields.String()
    rung = fields.String()
    direction = fields.String(allow_none=True)
    effect = fields.Nested(EffectSchema(), allow_none=True)
    left_out = fields.String(allow_none=True)
    kept = fields.List(fields.Integer(), allow_none=True)
    changed = fields.List(fields.Nested(ChangedSchema()))


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
    """A practice by its record, or a recommendation of research by its id."""

    record = record_id_field(load_default=None, allow_none=True)
    research = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 80))
    starts_on = fields.Date(load_default=None, allow_none=True)


class AdoptedSchema(ApiSchema):
    project_id = fields.Integer()
    title = fields.String()
    origin_record = fields.String(allow_none=True)


class EntrySchema(ApiSchema):
    """What a practice guide recommends, in the project's own words: no member's result."""

    id = fields.String()
    title = fields.String()
    payload = fields.Dict(metadata={"description": "In the shape of a practice's."})
    guide = fields.String()
    year = fields.Integer()
    recommendation = fields.String()
    level = fields.String(metadata={"description": "strong, moderate or minimal, as the guide states it."})


class EntriesSchema(ApiSchema):
    items = fields.List(fields.Nested(EntrySchema()))
