"""The shapes of publishing's JSON."""

from marshmallow import fields, validate

from nic_node.web.api import ApiSchema


class FindingSchema(ApiSchema):
    """As `nic practice preview` prints it."""

    stage = fields.String()
    code = fields.String()
    severity = fields.String()
    path = fields.String()
    span = fields.List(fields.Integer(), allow_none=True)
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)
    source = fields.String(allow_none=True)


class PreviewSchema(ApiSchema):
    record = fields.Dict()
    findings = fields.List(fields.Nested(FindingSchema))
    blocked = fields.Boolean()
    rung = fields.String()


class ChoiceSchema(ApiSchema):
    value = fields.String()
    label = fields.String()


class DecidableSchema(ApiSchema):
    """One decision: `key` is what it is sent under."""

    key = fields.String()
    number = fields.Integer()
    stage = fields.String()
    code = fields.String()
    severity = fields.String()
    paths = fields.List(fields.String())
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)
    title = fields.String()
    why = fields.String()
    choices = fields.List(fields.Nested(ChoiceSchema))
    choice = fields.String(allow_none=True)
    open = fields.Boolean()


class SharingSchema(ApiSchema):
    id = fields.Integer(attribute="draft_id")
    kind = fields.String(metadata={"description": "project, question or answer."})
    project_id = fields.Integer(allow_none=True)
    target = fields.String(allow_none=True, metadata={"description": "What a question or an answer is about."})
    title = fields.String()
    state = fields.String()
    network = fields.String(allow_none=True)
    author = fields.String()
    reviewer = fields.String()
    problem = fields.String()
    updated_at = fields.AwareDateTime()
    version = fields.Integer()
    number = fields.Integer(metadata={"description": "Which version of the record this is or will be, from 1."})
    shared = fields.String(metadata={"description": "State of what is out while a correction is prepared, else ''."})
    withdrawal = fields.String(metadata={"description": "waiting, taken, refused, gone; '' if it was not withdrawn."})
    withdrawal_problem = fields.String(
        metadata={"description": "Why it is not taken or not in the log yet, and what to do; refused: ask again."}
    )
    withdrawal_is_open = fields.Boolean(metadata={"description": "It goes in the open; else in slots."})
    earlier_problem = fields.String(metadata={"description": "Why the version before this one still stands, or ''."})


class ErasuresSchema(ApiSchema):
    """How many of today's members promised that they erased what was taken back. A promise is not a proof."""

    promised = fields.Integer()
    members = fields.Integer()
    missing = fields.Integer()
    as_of = fields.AwareDateTime()


class DraftSchema(SharingSchema):
    """A draft with what would leave; `record_id` once it stands in the log, for this school's eyes only."""

    sha256 = fields.String(allow_none=True)
    blocked = fields.Boolean()
    rung = fields.String(allow_none=True)
    direction = fields.String(allow_none=True)
    record = fields.Dict()
    findings = fields.List(fields.Nested(DecidableSchema))
    open = fields.Integer()
    record_id = fields.String(allow_none=True)
    epoch = fields.Integer(allow_none=True)
    witnessed = fields.Boolean(allow_none=True)
    erased = fields.Nested(ErasuresSchema(), allow_none=True)


class ShareableSchema(ApiSchema):
    id = fields.Integer()
    title = fields.String()
    closed_on = fields.Date(allow_none=True)
    decision = fields.String(allow_none=True)


class SharingListSchema(ApiSchema):
    items = fields.List(fields.Nested(SharingSchema))
    shareable = fields.List(fields.Nested(ShareableSchema))


class StartSchema(ApiSchema):
    project_id = fields.Integer(strict=True, required=True)
    network = fields.String(load_default=None, allow_none=True)


class DraftVersionSchema(ApiSchema):
    version = fields.Integer(strict=True, required=True)


class WithdrawSchema(ApiSchema):
    """`at_once`: in the open, so that the network sees which address sent it; else in one of the next slots.

    What was to go in a slot may be hurried: asked for once more, at once.
    """

    at_once = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class RewordSchema(DraftVersionSchema):
    path = fields.String(required=True, validate=validate.Length(max=200))
    text = fields.String(required=True)


class LeftOutSchema(DraftVersionSchema):
    """`path` of a finding whose choices hold 'leave-out' or 'put-back'; `stays`: it is kept in the school."""

    path = fields.String(required=True, validate=validate.Length(max=200))
    stays = fields.Boolean(load_default=True, truthy={True}, falsy={False})


class ReturnSchema(DraftVersionSchema):
    note = fields.String(load_default="")


class FindingDecisionSchema(ApiSchema):
    finding = fields.String(required=True, validate=validate.Length(equal=16))
    choice = fields.String(required=True)


class FindingDecisionsSchema(ApiSchema):
    decisions = fields.List(
        fields.Nested(FindingDecisionSchema), required=True, validate=validate.Length(min=1, max=200)
    )


class ReleaseApprovalSchema(ApiSchema):
    sha256 = fields.String(required=True, validate=validate.Length(equal=64))
    names_anyone = fields.Boolean(required=True, truthy={True}, falsy={False})
    confirmation = fields.String(required=True)


class RosterTextSchema(ApiSchema):
    text = fields.String(load_default="", metadata={"description": "A name a line, or CSV with a header."})
    zip = fields.String(load_default="", metadata={"description": "A OneRoster zip in base64, in place of `text`."})


class RosterSchema(ApiSchema):
    entries = fields.Integer()
    as_of = fields.Date(allow_none=True)
    stale = fields.Boolean()


class StandingSchema(ApiSchema):
    """Where this school stands in a network's newest term."""

    network = fields.String()
    name = fields.String()
    ready = fields.Boolean()
    epoch = fields.Integer(allow_none=True)
    phase = fields.String(allow_none=True)
    state = fields.String(allow_none=True)
    problem = fields.String()
    issued = fields.Integer()
    registered = fields.Integer()
    members = fields.Integer()
    waiting = fields.Integer(metadata={"description": "members without a credential of a term that is open now"})
    least = fields.Integer(metadata={"description": "how many must wait for a supplementary term, or take part in one"})
    queued = fields.Integer()
    unaccounted = fields.Integer()
    alarm = fields.Boolean()


class StandingsSchema(ApiSchema):
    items = fields.List(fields.Nested(StandingSchema))


class LogLineSchema(ApiSchema):
    id = fields.Integer()
    at = fields.AwareDateTime()
    draft_id = fields.Integer()
    stage = fields.String()
    code = fields.String()
    counts = fields.Dict()
    policy_sha256 = fields.String(allow_none=True)
    person_id = fields.Integer(allow_none=True)
    decision = fields.String(allow_none=True)
    record_sha256 = fields.String(allow_none=True)
    hash = fields.String()


class ReleaseLogSchema(ApiSchema):
    items = fields.List(fields.Nested(LogLineSchema))
    broken_at = fields.Integer(allow_none=True)
