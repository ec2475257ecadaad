"""What the operations about coordinators, and about what each decided, take and answer."""

from marshmallow import fields, validate

from nic_node.web.api import ApiSchema


class CoordinatorSchema(ApiSchema):
    """`active`: the account is open; a closed one decides nothing."""

    id = fields.Integer()
    name = fields.String()
    email = fields.String()
    active = fields.Boolean()


class CoordinatorsSchema(ApiSchema):
    items = fields.List(fields.Nested(CoordinatorSchema))


class NewCoordinatorSchema(ApiSchema):
    email = fields.String(required=True, validate=validate.Length(3, 254))


class DecisionsQuery(ApiSchema):
    """Whose decisions, from which moment on and before which."""

    by = fields.Integer(load_default=None)
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)


class DecisionSchema(ApiSchema):
    """`is_newest`: nothing was decided about this school since."""

    id = fields.Integer()
    member_id = fields.Integer()
    school = fields.String()
    at = fields.DateTime()
    by_id = fields.Integer()
    by = fields.String()
    from_state = fields.String(allow_none=True, data_key="from")
    to_state = fields.String(data_key="to")
    reason = fields.String()
    note = fields.String()
    version = fields.Integer()
    is_newest = fields.Boolean()


class AppealVoiceSchema(ApiSchema):
    """What a coordinator said to an appeal; `state`: open, granted or declined."""

    member_id = fields.Integer()
    school = fields.String()
    at = fields.DateTime()
    by_id = fields.Integer()
    by = fields.String()
    grants = fields.Boolean()
    note = fields.String()
    state = fields.String()


class ApprovalSchema(ApiSchema):
    """A yes that did not decide alone; `state`: the school's today."""

    member_id = fields.Integer()
    school = fields.String()
    at = fields.DateTime()
    by_id = fields.Integer()
    by = fields.String()
    note = fields.String()
    state = fields.String()


class NamingSchema(ApiSchema):
    """Who was put on the list of coordinators or taken off; `decides`: whether they do today."""

    at = fields.DateTime()
    by_id = fields.Integer(allow_none=True)
    by = fields.String()
    act = fields.String(metadata={"description": "added or removed"})
    person_id = fields.Integer()
    person = fields.String()
    decides = fields.Boolean()


class DecisionsSchema(ApiSchema):
    items = fields.List(fields.Nested(DecisionSchema))
    voices = fields.List(fields.Nested(AppealVoiceSchema))
    approvals = fields.List(fields.Nested(ApprovalSchema))
    namings = fields.List(fields.Nested(NamingSchema))


class ReversalSchema(ApiSchema):
    """Take back what this person, who decides no more, decided in the span."""

    by = fields.Integer(required=True)
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)


class ReversedSchema(ApiSchema):
    """Ids of members; `left`: somebody else has decided about them since, and nothing was changed.

    `voices`: their appeal is open, and lost this person's voice.
    """

    undone = fields.List(fields.Integer())
    left = fields.List(fields.Integer())
    voices = fields.List(fields.Integer())
    invitations = fields.List(fields.Integer())
