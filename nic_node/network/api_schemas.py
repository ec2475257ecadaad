"""What the network's JSON operations take and answer."""

from marshmallow import fields, validate

from nic_node.network.directory import Changes
from nic_node.network.directory_file import DirectoryFile
from nic_node.network.find import ORDERS
from nic_node.web.api import BIGGEST_ID, ApiSchema, PageQuery
from schemas.entity import TRUST_MARK_ROLES
from schemas.states import STATES


class NetworkSchema(ApiSchema):
    id = fields.Integer()
    slug = fields.String()
    entity = fields.String()
    name = fields.String()
    generation = fields.Integer()
    log_key = fields.String()
    charter_sha256 = fields.String()
    policy_sha256 = fields.String()
    created_at = fields.DateTime()
    version = fields.Integer()


class NetworksSchema(ApiSchema):
    items = fields.List(fields.Nested(NetworkSchema))


class CharterTextsSchema(ApiSchema):
    """Absent texts stay, or are left out of a new charter."""

    purpose = fields.String(validate=validate.Length(max=4_000))
    aim = fields.String(validate=validate.Length(max=1_000))
    theory = fields.String(validate=validate.Length(max=4_000))
    conduct = fields.String(validate=validate.Length(max=4_000))
    contact = fields.String(validate=validate.Length(max=400))


class PolicyNumbersSchema(ApiSchema):
    """Absent numbers are the federation's defaults, or stay. Floors are the federation's own."""

    approvals_required = fields.Integer(strict=True)
    membership_days = fields.Integer(strict=True)
    context_k = fields.Integer(strict=True)
    min_issued = fields.Integer(strict=True)
    slot_seconds = fields.Integer(strict=True)
    issue_seconds = fields.Integer(strict=True)
    register_slots = fields.Integer(strict=True)
    active_seconds = fields.Integer(strict=True)
    cell_minimum = fields.Integer(strict=True)
    retract_spread_seconds = fields.Integer(strict=True)
    versions_per_practice = fields.Integer(strict=True)
    version_gap_days = fields.Integer(strict=True)
    reads_across = fields.Boolean(
        metadata={"description": "Members of a network below this one may read the other networks below it."}
    )
    group_change_minimum = fields.Integer(strict=True)
    context_ranking = fields.List(fields.String())
    programmes = fields.List(fields.String())


class FoundingSchema(ApiSchema):
    slug = fields.String(required=True, validate=validate.Length(1, 64))
    name = fields.String(required=True, validate=validate.Length(1, 120))
    charter = fields.Nested(CharterTextsSchema, required=True)
    policy = fields.Nested(PolicyNumbersSchema, load_default=dict)


class ProposalQuery(ApiSchema):
    schools = fields.Integer(required=True, validate=validate.Range(1, 200_000))


class ProposalSchema(ApiSchema):
    schools = fields.Integer()
    min_issued = fields.Integer()
    context_k = fields.Integer()
    is_enough = fields.Boolean()
    most_classes = fields.Integer()
    warning = fields.String()
    costs = fields.List(fields.String())


class InvitationSchema(ApiSchema):
    """The link is in the answer that made it, and never again."""

    id = fields.Integer()
    link = fields.String()
    uses = fields.Integer()
    used = fields.Integer()
    note = fields.String()
    made_at = fields.DateTime()
    expires_at = fields.DateTime()
    revoked_at = fields.DateTime(allow_none=True)


class InvitationsSchema(ApiSchema):
    items = fields.List(fields.Nested(InvitationSchema))


class NewInvitationSchema(ApiSchema):
    days = fields.Integer(strict=True, load_default=14)
    uses = fields.Integer(strict=True, load_default=1)
    note = fields.String(load_default="", validate=validate.Length(max=200))


class CheckSchema(ApiSchema):
    name = fields.String()
    state = fields.String()
    text = fields.String()
    note = fields.String()


class MoveSchema(ApiSchema):
    number = fields.Integer()
    at = fields.DateTime()
    by = fields.String()
    from_state = fields.String(allow_none=True, data_key="from")
    to_state = fields.String(data_key="to")
    reason = fields.String()
    note = fields.String()


class MemberSchema(ApiSchema):
    id = fields.Integer()
    public_id = fields.String()
    entity = fields.String()
    name = fields.String()
    state = fields.String()
    jkt = fields.String()
    roles = fields.List(fields.String())
    applied_at = fields.DateTime()
    approved_at = fields.DateTime(allow_none=True)
    expires_at = fields.DateTime(allow_none=True)
    last_seen_at = fields.DateTime(allow_none=True)
    profile = fields.Dict()
    contact = fields.Dict()
    version = fields.Integer()


class RolesSchema(ApiSchema):
    """All the roles that a member has from now on; `if_version` is that of the row that was read."""

    roles = fields.List(fields.String(validate=validate.OneOf(TRUST_MARK_ROLES)), required=True)
    if_version = fields.Integer(required=True)


class ApplicationSchema(MemberSchema):
    """A school that waits, with its six checks; `passes` when all are in order."""

    checks = fields.List(fields.Nested(CheckSchema))
    passes = fields.Boolean()
    approvals = fields.Integer()


class ApplicationsSchema(ApiSchema):
    items = fields.List(fields.Nested(ApplicationSchema))


class RenewalsSchema(ApiSchema):
    """`asking`: members who ask for another term; `ending`: whose term ends within 60 days and who do not."""

    asking = fields.List(fields.Nested(MemberSchema))
    ending = fields.List(fields.Nested(MemberSchema))


class SeenMemberSchema(ApiSchema):
    id = fields.Integer(required=True)
    version = fields.Integer(strict=True, required=True)


class RenewSchema(ApiSchema):
    """All of these or none: a stale version is 409."""

    members = fields.List(fields.Nested(SeenMemberSchema), required=True, validate=validate.Length(1, 200))
    note = fields.String(load_default="", validate=validate.Length(max=1_000))


class RenewedSchema(ApiSchema):
    items = fields.List(fields.Nested(MemberSchema))


class AppealSchema(ApiSchema):
    """`voices` of the `needed` coordinators grant it; `earliest`: from when one alone may."""

    member_id = fields.Integer()
    entity = fields.String()
    name = fields.String()
    text = fields.String()
    received_at = fields.DateTime()
    state = fields.String()
    voices = fields.Integer()
    needed = fields.Integer()
    earliest = fields.DateTime(allow_none=True)
    version = fields.Integer()


class AppealsSchema(ApiSchema):
    items = fields.List(fields.Nested(AppealSchema))


class VoiceSchema(ApiSchema):
    """A no needs a note: the school reads it."""

    grants = fields.Boolean(required=True)
    note = fields.String(load_default="", validate=validate.Length(max=1_000))
    if_version = fields.Integer(strict=True, required=True)


class MemberWithMovesSchema(MemberSchema):
    moves = fields.List(fields.Nested(MoveSchema))


class MembersSchema(ApiSchema):
    items = fields.List(fields.Nested(MemberSchema))
    next = fields.Integer(allow_none=True)
    previous = fields.Integer(allow_none=True)
    total = fields.Integer()


class MembersQuery(PageQuery):
    """`before` goes back from the id that `previous` names; of both, `after` counts."""

    before = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=0, max=BIGGEST_ID))
    order = fields.String(load_default="oldest", validate=validate.OneOf(list(ORDERS)))
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    q = fields.String(load_default="", validate=validate.Length(max=100))


class ReopenSchema(ApiSchema):
    check = fields.String(required=True)


class SettleSchema(ReopenSchema):
    """`note`: what was found, for the other coordinators."""

    note = fields.String(load_default="", validate=validate.Length(max=200))


class PickSchema(ApiSchema):
    """`version` is of the application as it was shown."""

    member_id = fields.Integer(strict=True, required=True, validate=validate.Range(1, BIGGEST_ID))
    version = fields.Integer(strict=True, required=True)


class TogetherSchema(ApiSchema):
    schools = fields.List(fields.Nested(PickSchema), required=True, validate=validate.Length(1, 200))


class ApprovalOutcomeSchema(ApiSchema):
    """`problem` says why this one was not approved, and is empty when it was."""

    member_id = fields.Integer()
    name = fields.String()
    state = fields.String()
    problem = fields.String()


class ApprovalOutcomesSchema(ApiSchema):
    items = fields.List(fields.Nested(ApprovalOutcomeSchema))


class CodeSchema(ApiSchema):
    code = fields.String()


class MemberApprovalSchema(ApiSchema):
    version = fields.Integer(strict=True, required=True)
    note = fields.String(load_default="", validate=validate.Length(max=1_000))


class TransitionSchema(ApiSchema):
    """`if_version` is the version that the coordinator saw; a stale one is 409."""

    to_state = fields.String(required=True, data_key="to", validate=validate.OneOf(STATES))
    reason = fields.String(required=True)
    note = fields.String(load_default="", validate=validate.Length(max=1_000))
    if_version = fields.Integer(strict=True, required=True)


class DirectorySchema(ApiSchema):
    """A CSV file as text, with columns for id and name at least; with `preview` nothing is replaced."""

    csv = fields.String(required=True)
    preview = fields.Boolean(load_default=False)


class RowFaultSchema(ApiSchema):
    line = fields.Integer()
    says = fields.String()


class ImportedSchema(ApiSchema):
    """Against the directory of before: `gone` schools were in it and are not in the file; `faults`, the first 100."""

    schools = fields.Integer()
    new = fields.Integer()
    changed = fields.Integer()
    gone = fields.Integer()
    closed = fields.Integer()
    left_out = fields.Integer()
    faults = fields.List(fields.Nested(RowFaultSchema))


def imported(file: DirectoryFile, changes: Changes) -> dict[str, object]:
    """As the API and `nic network directory --json` answer."""
    return {
        "schools": len(file.rows),
        "new": changes.new,
        "changed": changes.changed,
        "gone": changes.gone,
        "closed": file.closed,
        "left_out": file.faulty,
        "faults": [{"line": fault.line, "says": fault.says} for fault in file.faults],
    }
