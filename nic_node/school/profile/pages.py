"""The school's profile: shown, edited, and filled from a directory file."""

import asyncio
from typing import Any

from aiohttp import web
from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.errors import Conflict, InvalidInput, NicError
from nic_node.i18n import N_
from nic_node.school.editing import saved_meanwhile
from nic_node.school.profile.describe import (
    FIELDS,
    GRADES,
    ProfileView,
    describe_school,
    profile_of_school,
    profile_years,
    verify_profile,
)
from nic_node.school.profile.directory import MAX_DIRECTORY_BYTES, read_directory_row
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.vocab import LEVELS, STAGES
from schemas.vocab.context import CONTEXT

NUMBER: dict[str, Any] = {"invalid": N_("Write a number.")}
CONFLICT = web.HTTPConflict.status_code


RACE_LABELS = {
    "asian_percent": N_("Asian"),
    "black_percent": N_("Black or African American"),
    "hispanic_percent": N_("Hispanic or Latino"),
    "native_percent": N_("American Indian or Alaska Native"),
    "pacific_percent": N_("Native Hawaiian or Pacific Islander"),
    "several_percent": N_("Two or more races"),
    "white_percent": N_("White"),
}


LABELS = {
    "name": N_("Name"),
    "district": N_("District"),
    "directory_id": N_("Id in the school directory"),
    "website": N_("Website"),
    "level": N_("Level"),
    "enrolment": N_("Students enrolled"),
    "low_grade": N_("Lowest grade"),
    "high_grade": N_("Highest grade"),
    "locale": N_("Locale"),
    "lunch_percent": N_("Free or reduced-price lunch"),
    "english_learners_percent": N_("English learners"),
    "disabilities_percent": N_("Students with disabilities"),
    "title_one": N_("Title I school"),
    **RACE_LABELS,
    "stage": N_("Where the school stands"),
    "stage_reasons": N_("Why you see it so"),
}


class ProfileForm(FormSchema):
    """An absent field is emptied: the page shows every field."""

    name = fields.String(load_default="")
    district = fields.String(load_default=None)
    directory_id = fields.String(load_default=None)
    website = fields.Url(
        schemes={"http", "https"}, load_default=None, error_messages={"invalid": N_("Write a web address.")}
    )
    level = fields.String(load_default=None)
    low_grade = fields.String(load_default=None)
    high_grade = fields.String(load_default=None)
    enrolment = fields.Integer(load_default=None, error_messages=NUMBER)
    locale = fields.Integer(load_default=None, error_messages=NUMBER)
    lunch_percent = fields.Float(load_default=None, error_messages=NUMBER)
    english_learners_percent = fields.Float(load_default=None, error_messages=NUMBER)
    disabilities_percent = fields.Float(load_default=None, error_messages=NUMBER)
    title_one = fields.Boolean(load_default=None)
    asian_percent = fields.Float(load_default=None, error_messages=NUMBER)
    black_percent = fields.Float(load_default=None, error_messages=NUMBER)
    hispanic_percent = fields.Float(load_default=None, error_messages=NUMBER)
    native_percent = fields.Float(load_default=None, error_messages=NUMBER)
    pacific_percent = fields.Float(load_default=None, error_messages=NUMBER)
    several_percent = fields.Float(load_default=None, error_messages=NUMBER)
    white_percent = fields.Float(load_default=None, error_messages=NUMBER)
    stage = fields.String(load_default=None)
    stage_reasons = fields.String(load_default="")
    version = fields.Integer(required=True)


class DirectoryForm(FormSchema):
    directory_id = fields.String(required=True, error_messages={"required": N_("Write the school's id in this file.")})
    version = fields.Integer(required=True)


async def show_profile(request: web.Request) -> web.Response:
    profile = await _read(request)
    form = blank_form({name: getattr(profile, name) for name in (*FIELDS, "version")})
    return await _page(request, profile, form)


async def take_profile(request: web.Request) -> web.Response:
    form = await read_form(request, ProfileForm(), max_bytes=FORM_BYTES)
    if form.ok:
        values = dict(form.data)
        version = values.pop("version")
        try:
            async with database(request).writing() as session:
                await describe_school(
                    session,
                    actor=actor_of(request),
                    values=values,
                    version=version,
                    today=school_day(request),
                    now=now(request),
                )
            return flash.say(see_other(request, "profile.show"), N_("The profile is saved."))
        except InvalidInput as error:
            form.refuse(error)
        except Conflict as error:
            form.errors[""] = [error.sentence]
            profile = await _read(request)
            form.values["version"] = profile.version
            return await _page(request, profile, form, status=CONFLICT)
    return await _page(request, await _read(request), form, status=422)


async def take_directory(request: web.Request) -> web.Response:
    """Fill the form from a directory file; a person looks at it and saves."""
    upload = await read_form(request, DirectoryForm(), max_bytes=MAX_DIRECTORY_BYTES)
    profile = await _read(request)
    form = blank_form({name: getattr(profile, name) for name in (*FIELDS, "version")})
    form.errors = upload.errors
    if upload.ok and "file" not in upload.files:
        form.errors["file"] = [N_("Choose the directory file.")]
    if form.ok:
        try:
            content, directory_id = upload.files["file"].content, upload.data["directory_id"]
            found = await asyncio.to_thread(read_directory_row, content, directory_id)
            form.values |= {"directory_id": directory_id, **found}
            _say_what_is_wrong(form)
            return await _page(request, profile, form, filled=True)
        except InvalidInput as error:
            form.refuse(error)
        except NicError as error:
            form.errors["directory_id"] = [error.sentence]
    return await _page(request, profile, form, status=422)


def _say_what_is_wrong(form: Form) -> None:
    """What no school can have is told at once, not after a person has pressed Save."""
    try:
        verify_profile(form.values)
    except InvalidInput as error:
        form.refuse(error)


async def _read(request: web.Request) -> ProfileView:
    async with database(request).reading() as session:
        return await profile_of_school(session)


async def _page(
    request: web.Request, profile: ProfileView, form: Form, *, status: int = 200, filled: bool = False
) -> web.Response:
    async with database(request).reading() as session:
        years = await profile_years(session)
    choices: dict[str, list[tuple[Any, str]]] = {
        "level": [(entry.id, entry.label) for entry in LEVELS.values()],
        "stage": [(entry.id, entry.label) for entry in STAGES.values()],
        "locale": [
            (code, band.label) for band in CONTEXT["locale"].granularities[0] for code in sorted(band.members, key=str)
        ],
    }
    values: dict[str, Any] = {
        "theirs": saved_meanwhile(form.values, profile, LABELS, choices) if status == CONFLICT else [],
        "years": years,
        "races": RACE_LABELS,
        "profile": profile,
        "form": form,
        "filled": filled,
        "levels": choices["level"],
        "stages": choices["stage"],
        "grades": [(grade, grade) for grade in GRADES],
        "locales": choices["locale"],
    }
    return await render(request, "profile/show.html", values, status=status)
