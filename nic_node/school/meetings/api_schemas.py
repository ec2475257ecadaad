"""What the API of meetings takes and answers."""

from marshmallow import fields

from nic_node.school.actions.api import ActionSchema
from nic_node.web.api import ApiSchema


class MeetingValuesSchema(ApiSchema):
    title = fields.String()
    held_on = fields.Date()
    begins_at = fields.String(metadata={"description": "Hours and minutes at the school, such as 15:15."})
    minutes = fields.Integer(strict=True)
    place = fields.String()
    purpose = fields.String()
    focus = fields.String(metadata={"description": "The problem of practice in focus."})
    norms = fields.String()
    facilitator_id = fields.Integer(strict=True, allow_none=True)
    recorder_id = fields.Integer(strict=True, allow_none=True)
    closing = fields.String(metadata={"description": "The closing reflection."})


class AgendaLineSchema(ApiSchema):
    text = fields.String(required=True)
    minutes = fields.Integer(strict=True, required=True)
    project_id = fields.Integer(strict=True, allow_none=True)
    topic = fields.String(
        allow_none=True, metadata={"description": "What it is about, through meetings; '' for what always comes."}
    )


class AgendaProposalSchema(ApiSchema):
    agenda = fields.List(fields.Nested(AgendaLineSchema))


class NewMeetingSchema(MeetingValuesSchema):
    agenda = fields.List(
        fields.Nested(AgendaLineSchema), metadata={"description": "The proposed agenda where it is missing."}
    )
    people = fields.List(fields.Integer(strict=True), metadata={"description": "Who is expected."})


class ChangedMeetingSchema(MeetingValuesSchema):
    version = fields.Integer(strict=True, required=True)


class ChangedItemSchema(ApiSchema):
    text = fields.String()
    minutes = fields.Integer(strict=True)
    notes = fields.String()
    waits_because = fields.String(metadata={"description": "Why nothing is decided although it comes again."})
    project_id = fields.Integer(strict=True, allow_none=True)
    version = fields.Integer(strict=True, required=True)


class MeetingItemSchema(ChangedItemSchema):
    id = fields.Integer()
    meeting_id = fields.Integer()
    position = fields.Integer()
    topic = fields.String()
    started_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    removed_at = fields.AwareDateTime(allow_none=True)
    times = fields.Integer(metadata={"description": "How often it has now been on an agenda undecided."})


class MoveItemSchema(ApiSchema):
    up = fields.Boolean(required=True)


class CarryItemSchema(ApiSchema):
    to_meeting_id = fields.Integer(strict=True, required=True)


class DecisionValuesSchema(ApiSchema):
    text = fields.String(required=True)
    item_id = fields.Integer(strict=True, allow_none=True, load_default=None)


class ChangedDecisionSchema(ApiSchema):
    text = fields.String(required=True)
    version = fields.Integer(strict=True, required=True)


class MeetingDecisionSchema(DecisionValuesSchema):
    id = fields.Integer()
    meeting_id = fields.Integer()
    version = fields.Integer()
    removed_at = fields.AwareDateTime(allow_none=True)


class AttendanceSchema(ApiSchema):
    expected = fields.List(fields.Integer(strict=True), required=True)
    came = fields.List(fields.Integer(strict=True), required=True)
    were = fields.List(
        fields.Integer(strict=True),
        load_default=None,
        allow_none=True,
        metadata={"description": "Who had come when it was read: what others ticked meanwhile then stays."},
    )


class AttendeeSchema(ApiSchema):
    person_id = fields.Integer()
    name = fields.String()
    came = fields.Boolean()


class MeetingLineSchema(ChangedMeetingSchema):
    id = fields.Integer()
    started_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    minutes_sent_at = fields.AwareDateTime(allow_none=True)


class MeetingSchema(MeetingLineSchema):
    items = fields.List(fields.Nested(MeetingItemSchema))
    decisions = fields.List(fields.Nested(MeetingDecisionSchema))
    actions = fields.List(fields.Nested(ActionSchema))
    people = fields.List(fields.Nested(AttendeeSchema))


class MeetingsSchema(ApiSchema):
    items = fields.List(fields.Nested(MeetingLineSchema))
    next = fields.Integer(allow_none=True)


class SendMinutesSchema(ApiSchema):
    to = fields.String(required=True, metadata={"description": "expected or everybody"})


class SentMinutesSchema(ApiSchema):
    sent = fields.Integer(metadata={"description": "How many people get them."})


class PastedSchema(ApiSchema):
    text = fields.String(required=True)


class PastedLineSchema(ApiSchema):
    kind = fields.String(required=True, metadata={"description": "decision, action, note or skip"})
    text = fields.String(required=True)


class PastedPreviewSchema(ApiSchema):
    lines = fields.List(fields.Nested(PastedLineSchema))


class KeepPastedSchema(ApiSchema):
    lines = fields.List(fields.Nested(PastedLineSchema), required=True)


class PastedKeptSchema(ApiSchema):
    decision = fields.Integer()
    action = fields.Integer()
    note = fields.Integer()
    skip = fields.Integer()
