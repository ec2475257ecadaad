"""A node's and a network's keys in the words of their pages; forms and schemas that both share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from marshmallow import fields, validate

from nic_node.i18n import N_
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.rotate import LEAD, LONGEST_LEAD, ROTATED, KeyState, KeyView
from nic_node.web.api import ApiSchema
from nic_node.web.forms import FormSchema

PURPOSES: Final[Mapping[str, tuple[str, str]]] = {
    KeyPurpose.FEDERATION: (N_("Statements"), N_("signs who we are, and what we say of others")),
    KeyPurpose.HTTP: (N_("Requests"), N_("signs each call to another node")),
    KeyPurpose.LOG: (N_("Log"), N_("signs how far the log goes; named in its first entry")),
    KeyPurpose.LEAF: (N_("Entries"), N_("signs the network’s own entries; named in the first one")),
}
STATES: Final[Mapping[KeyState, tuple[str, str]]] = {
    KeyState.AHEAD: (N_("published, takes over soon"), "acc"),
    KeyState.USED: (N_("in use"), "good"),
    KeyState.ENDING: (N_("still verified"), ""),
    KeyState.RETIRED: (N_("retired"), "line"),
}
ROTATED_NAMES: Final = tuple(purpose.value for purpose in ROTATED)
SHORTEST_DAYS: Final = 1
DAYS: Final = validate.Range(SHORTEST_DAYS, LONGEST_LEAD.days, error=N_("Between 1 and 90 days."))
SAID: Final = N_("The new key is published. It takes over on its day by itself; there is nothing more to do.")


class RotateForm(FormSchema):
    """days: from now until the new key signs."""

    purpose = fields.String(
        required=True,
        validate=validate.OneOf(ROTATED_NAMES, error=N_("Choose which key.")),
        error_messages={"required": N_("Choose which key.")},
    )
    days = fields.Integer(load_default=LEAD.days, validate=DAYS, error_messages={"invalid": N_("Write a number.")})


class RotateSchema(ApiSchema):
    """`days`: from now until the new key signs; the old one verifies for a week more."""

    purpose = fields.String(required=True, validate=validate.OneOf([purpose.value for purpose in KeyPurpose]))
    days = fields.Integer(load_default=LEAD.days, strict=True, validate=DAYS)


class KeySchema(ApiSchema):
    """`state`: ahead, used, ending, retired. `kid` is the key's thumbprint (RFC 7638)."""

    purpose = fields.String(required=True)
    kid = fields.String(required=True)
    state = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    active_from = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True, allow_none=True)


class KeysSchema(ApiSchema):
    items = fields.List(fields.Nested(KeySchema), required=True)


def key_rows(keys: Sequence[KeyView], now: datetime) -> list[dict[str, Any]]:
    """What the table of keys shows, a row each."""
    rows = []
    for key in keys:
        name, says = PURPOSES.get(key.purpose, (key.purpose, ""))
        label, kind = STATES[key.state]
        due = key.is_due(now) and key.purpose in ROTATED_NAMES
        rows.append({"key": key, "name": name, "says": says, "label": label, "kind": kind, "is_due": due})
    return rows


def choices(keys: Sequence[KeyView]) -> list[tuple[str, str]]:
    """Which keys may be rotated now: those of which no newer one waits for its day."""
    ahead = {key.purpose for key in keys if key.state is KeyState.AHEAD}
    return [(name, PURPOSES[name][0]) for name in ROTATED_NAMES if name not in ahead]
