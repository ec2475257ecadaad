"""What the moderation page sends."""

from marshmallow import fields, validate

from nic_node.i18n import N_
from nic_node.web.forms import FormSchema
from schemas.vocab import MODERATION_REASONS

NO_REASON = N_("Choose a reason.")
FROM_ONE_ON = N_("Write a number from 1 on.")


def _reason() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(sorted(MODERATION_REASONS), error=NO_REASON),
        error_messages={"required": NO_REASON},
    )


class ModerationForm(FormSchema):
    record = fields.String(
        required=True,
        validate=validate.Length(max=340),
        error_messages={"required": N_("Write the id of the record.")},
    )
    reason = _reason()


class BlockForm(FormSchema):
    jkt = fields.String(
        required=True,
        validate=validate.Length(equal=43, error=N_("A pseudonym’s name has 43 letters and digits.")),
        error_messages={"required": N_("Write the pseudonym’s name.")},
    )
    from_index = fields.Integer(
        required=True,
        validate=validate.Range(min=1, max=10**15, error=FROM_ONE_ON),
        error_messages={"required": FROM_ONE_ON, "invalid": FROM_ONE_ON},
    )
    reason = _reason()
    record = fields.String(load_default="", validate=validate.Length(max=340))


class DismissalForm(FormSchema):
    record = fields.String(required=True, validate=validate.Length(max=340))


class VoiceForm(FormSchema):
    version = fields.Integer(required=True)
