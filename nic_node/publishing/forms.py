"""Forms of the Share pages."""

from marshmallow import fields, validate

from nic_node.i18n import N_
from nic_node.publishing.drafts import LONGEST_NOTE, LONGEST_TEXT
from nic_node.web.forms import FormSchema


class VersionForm(FormSchema):
    version = fields.Integer(required=True)


class DecideForm(FormSchema):
    """`choice` is '<finding key>:<choice>', or 'all:accept' for everything that was replaced or left out."""

    finding = fields.String(load_default="")
    choice = fields.String(required=True, validate=validate.Length(max=60))


class ApproveForm(FormSchema):
    sha256 = fields.String(required=True, validate=validate.Length(equal=64))
    names_anyone = fields.String(
        required=True,
        validate=validate.OneOf(["yes", "no"]),
        error_messages={"required": N_("Answer the question.")},
    )
    confirmation = fields.String(load_default="", validate=validate.Length(max=200))


class ReturnForm(VersionForm):
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))


class RewordForm(VersionForm):
    path = fields.String(required=True, validate=validate.Length(max=200))
    text = fields.String(load_default="", validate=validate.Length(max=LONGEST_TEXT))


class LeftOutForm(VersionForm):
    path = fields.String(required=True, validate=validate.Length(max=200))
    stays = fields.String(required=True, validate=validate.OneOf(["yes", "no"]))


class RosterForm(FormSchema):
    text = fields.String(load_default="")


class StartForm(FormSchema):
    network = fields.String(load_default=None, allow_none=True)
