"""The forms of meetings."""

from typing import Any

from marshmallow import fields

from nic_node.i18n import N_
from nic_node.web.forms import FormSchema

DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
NUMBER: dict[str, Any] = {"invalid": N_("Write a whole number of minutes.")}
PASTE_BYTES = 128 * 1024
NOBODY = "0"
"""Stands among those who were ticked, so that a page on which nobody was says so."""


class MeetingForm(FormSchema):
    """`were`: who was ticked when the page was opened, NOBODY among them."""

    LISTS = ("people", "were")
    title = fields.String(load_default="")
    held_on = fields.Date(load_default=None, error_messages=DATE)
    begins_at = fields.String(load_default="")
    minutes = fields.Integer(load_default=None, error_messages=NUMBER)
    place = fields.String(load_default="")
    purpose = fields.String(load_default="")
    focus = fields.String(load_default="")
    norms = fields.String(load_default="")
    facilitator_id = fields.Integer(load_default=None)
    recorder_id = fields.Integer(load_default=None)
    people = fields.List(fields.Integer(), load_default=list)
    were = fields.List(fields.Integer(), load_default=None)
    agenda = fields.String(load_default="")
    version = fields.Integer(load_default=0)


class ItemForm(FormSchema):
    text = fields.String(load_default="")
    minutes = fields.Integer(load_default=None, error_messages=NUMBER)
    waits_because = fields.String(load_default="")
    version = fields.Integer(load_default=0)


class NotesForm(FormSchema):
    item_id = fields.Integer(required=True)
    notes = fields.String(load_default="")
    version = fields.Integer(load_default=0)


class ClosingForm(FormSchema):
    closing = fields.String(load_default="")
    version = fields.Integer(load_default=0)


class DecisionForm(FormSchema):
    item_id = fields.Integer(load_default=None)
    decision = fields.String(load_default="")


class MeetingActionForm(FormSchema):
    item_id = fields.Integer(load_default=None)
    decision_id = fields.Integer(load_default=None)
    project_id = fields.Integer(load_default=None)
    line = fields.String(load_default="")


class NewItemForm(FormSchema):
    agenda_line = fields.String(load_default="")


class AttendanceForm(FormSchema):
    """`were`: as in MeetingForm."""

    LISTS = ("came", "were")
    came = fields.List(fields.Integer(), load_default=list)
    were = fields.List(fields.Integer(), load_default=None)


class CarryForm(FormSchema):
    meeting_id = fields.Integer(load_default=None)


class SendForm(FormSchema):
    to = fields.String(load_default="")


class PasteForm(FormSchema):
    LISTS = ("kind", "words")
    text = fields.String(load_default="")
    kind = fields.List(fields.String(), load_default=list)
    words = fields.List(fields.String(), load_default=list)
