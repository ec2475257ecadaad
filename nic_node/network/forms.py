"""The forms of a network's pages."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from nic_node.i18n import N_
from nic_node.membership.policy_words import duration
from nic_node.network.find import ORDERS
from nic_node.network.together import Pick
from nic_node.web.api import BIGGEST_ID
from nic_node.web.forms import FormSchema
from nic_node.web.routes import FORM_BYTES
from schemas.entity import TRUST_MARK_ROLES
from schemas.policy import PROGRAMMES_MAX
from schemas.vocab import CONTEXT, MEMBERSHIP_REASONS

NUMBER: Final[dict[str, Any]] = {"invalid": N_("Write a whole number."), "required": N_("Write a whole number.")}
POLICY_NUMBERS: Final = (
    "context_k",
    "min_issued",
    "approvals_required",
    "membership_days",
    "slot_seconds",
    "issue_seconds",
    "register_slots",
    "active_seconds",
    "cell_minimum",
)
"""What the form asks for; the rest keeps its default or what it was."""
DURATIONS: Final = frozenset({"slot_seconds", "issue_seconds", "active_seconds"})
DURATION: Final = N_("Write a number and a unit, such as 14 days or 24 hours.")
LONGEST_LINE: Final = 80
POLICY_BYTES: Final = 4 * FORM_BYTES  # a thousand programmes
LINES: Final = N_("Write one a line, each of at most 80 characters, and at most 1,000 of them.")
ATTRIBUTES: Final = N_("Write one a line, each once: Level, Locale, Enrollment and so on, as they stand today.")
YES_NO: Final = ("yes", "no")
CHARTER_FIELDS: Final = ("purpose", "aim", "conduct", "contact")


class Lines(fields.Field[list[str]]):
    """A name a line -> the names, each once."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        lines = dict.fromkeys(" ".join(line.split()) for line in str(value).splitlines() if line.strip())
        if len(lines) > PROGRAMMES_MAX or any(len(line) > LONGEST_LINE for line in lines):
            raise ValidationError(LINES)
        return list(lines)


class Attributes(Lines):
    """An attribute of context a line, by its label or id, the one that matters most first -> ids."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        by_word = {word.lower(): name for name, entry in CONTEXT.items() for word in (name, entry.label)}
        found = [by_word.get(line.lower()) for line in super()._deserialize(value, attr, data, **kwargs)]
        if None in found or len(set(found)) != len(found):
            raise ValidationError(ATTRIBUTES)
        return [name for name in found if name]


class Duration(fields.Field[int]):
    """'18 weeks', '14 days', '24 hours' or a plain number of seconds -> seconds."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        found = _DURATION.fullmatch(str(value).strip().lower().replace(",", ""))
        if found is None:
            raise ValidationError(DURATION)
        return int(found["number"]) * _UNITS[found["unit"] or "second"]


_UNITS: Final = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 7 * 86_400}
_DURATION: Final = re.compile(rf"(?P<number>\d{{1,9}})\s*(?:(?P<unit>{'|'.join(_UNITS)})s?)?")


class PolicyFields(FormSchema):
    """Charter and policy as both pages show them; an empty number is the default."""

    name = fields.String(load_default="", validate=validate.Length(max=120, error=N_("Use at most 120 characters.")))
    purpose = fields.String(load_default="", validate=validate.Length(max=4_000))
    aim = fields.String(load_default="", validate=validate.Length(max=1_000))
    conduct = fields.String(load_default="", validate=validate.Length(max=4_000))
    contact = fields.String(load_default="", validate=validate.Length(max=400))
    context_k = fields.Integer(load_default=None, error_messages=NUMBER)
    min_issued = fields.Integer(load_default=None, error_messages=NUMBER)
    approvals_required = fields.Integer(load_default=None, error_messages=NUMBER)
    membership_days = fields.Integer(load_default=None, error_messages=NUMBER)
    slot_seconds = Duration(load_default=None)
    issue_seconds = Duration(load_default=None)
    register_slots = fields.Integer(load_default=None, error_messages=NUMBER)
    active_seconds = Duration(load_default=None)
    reads_across = fields.String(load_default=None, validate=validate.OneOf(YES_NO))
    cell_minimum = fields.Integer(load_default=None, error_messages=NUMBER)
    context_ranking = Attributes(load_default=None)
    programmes = Lines(load_default=None)
    programmes_shown = fields.String(load_default="")


class FoundForm(PolicyFields):
    schools = fields.Integer(load_default=None, validate=validate.Range(min=1, max=200_000), error_messages=NUMBER)
    slug = fields.String(load_default="", validate=validate.Length(max=64))


class PolicyForm(PolicyFields):
    step = fields.String(load_default="save", validate=validate.OneOf(("look", "save")))
    version = fields.Integer(required=True, error_messages=NUMBER)


class SchoolsQuery(FormSchema):
    schools = fields.Integer(load_default=None, validate=validate.Range(min=1, max=200_000), error_messages=NUMBER)


class InviteForm(FormSchema):
    days = fields.Integer(required=True, error_messages=NUMBER)
    uses = fields.Integer(required=True, error_messages=NUMBER)
    note = fields.String(load_default="")


class ApproveForm(FormSchema):
    version = fields.Integer(required=True, error_messages=NUMBER)
    note = fields.String(load_default="", validate=validate.Length(max=1_000))


class DecideForm(FormSchema):
    to = fields.String(required=True)
    reason = fields.String(
        required=True,
        validate=validate.OneOf(list(MEMBERSHIP_REASONS), error=N_("Choose one of the reasons in the list.")),
        error_messages={"required": N_("Choose a reason: the school reads it.")},
    )
    note = fields.String(
        load_default="", validate=validate.Length(max=1_000, error=N_("Use at most 1,000 characters."))
    )
    version = fields.Integer(required=True, error_messages=NUMBER)


class RolesForm(FormSchema):
    LISTS = ("roles",)
    roles = fields.List(
        fields.String(validate=validate.OneOf(TRUST_MARK_ROLES, error=N_("Choose among the roles in the list."))),
        load_default=list,
    )
    version = fields.Integer(required=True, error_messages=NUMBER)


class SettleForm(FormSchema):
    check = fields.String(required=True)
    note = fields.String(load_default="")


class TogetherForm(FormSchema):
    """Each school as 'id:version', of the row that was shown."""

    LISTS = ("ready",)
    ready = fields.List(fields.String(validate=validate.Regexp(r"[1-9]\d{0,15}:\d{1,9}\Z")), required=True)


class MembersQuery(FormSchema):
    q = fields.String(load_default="", validate=validate.Length(max=100))
    state = fields.String(load_default=None)
    order = fields.String(load_default="oldest", validate=validate.OneOf(list(ORDERS)))
    after = fields.Integer(load_default=None, validate=validate.Range(min=0, max=BIGGEST_ID))
    before = fields.Integer(load_default=None, validate=validate.Range(min=0, max=BIGGEST_ID))


class SeenMember(fields.String):
    """'{member id}:{version}' -> (member id, version)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        member_id, _, version = text.partition(":")
        if not (member_id.isdecimal() and version.isdecimal() and len(text) < 40):
            raise ValidationError(N_("Choose one of the schools in the list."))
        return int(member_id), int(version)


class RenewForm(FormSchema):
    """Members as the page showed them."""

    LISTS = ("members",)
    members = fields.List(SeenMember(), load_default=list)


class DeclineForm(FormSchema):
    version = fields.Integer(required=True, error_messages=NUMBER)
    note = fields.String(load_default="", validate=validate.Length(max=1_000))


class AppealForm(FormSchema):
    version = fields.Integer(required=True, error_messages=NUMBER)
    say = fields.String(required=True, validate=validate.OneOf(("grant", "decline")))
    note = fields.String(load_default="", validate=validate.Length(max=1_000))


class CoordinatorForm(FormSchema):
    email = fields.String(
        load_default="", validate=validate.Length(min=3, max=254, error=N_("Type the address of somebody here."))
    )


class DecisionsQuery(FormSchema):
    """Whose decisions, and from which day to which, both included; days are the school's."""

    by = fields.Integer(load_default=None, validate=validate.Range(min=1, max=2**53 - 1), error_messages=NUMBER)
    since = fields.Date(load_default=None, error_messages={"invalid": N_("Choose a day.")})
    until = fields.Date(load_default=None, error_messages={"invalid": N_("Choose a day.")})


class ReversalForm(DecisionsQuery):
    by = fields.Integer(required=True, error_messages=NUMBER)
    sure = fields.String(load_default="")


def picks_of(ready: Sequence[str]) -> list[Pick]:
    """What TogetherForm took."""
    pairs = [one.split(":") for one in ready]
    return [Pick(member_id=int(member_id), version=int(version)) for member_id, version in pairs]


def policy_values(data: dict[str, Any]) -> dict[str, Any]:
    """What was typed and chosen."""
    said: dict[str, Any] = {name: data[name] for name in POLICY_NUMBERS if data[name] is not None}
    said |= {"context_ranking": data["context_ranking"]} if data["context_ranking"] else {}
    # An emptied list arrives as no list at all: that the page showed one tells them apart.
    if data["programmes"] is not None or data["programmes_shown"]:
        said["programmes"] = data["programmes"] or []
    return said | ({"reads_across": data["reads_across"] == "yes"} if data["reads_across"] else {})


def shown_policy(policy: Mapping[str, Any]) -> dict[str, Any]:
    """The policy as the form shows it."""
    shown = {name: duration(policy[name]) if name in DURATIONS else policy[name] for name in POLICY_NUMBERS}
    shown["context_ranking"] = "\n".join(CONTEXT[name].label for name in policy["context_ranking"])
    shown["programmes"] = "\n".join(policy["programmes"])
    return shown | {"reads_across": "yes" if policy.get("reads_across") else "no"}
