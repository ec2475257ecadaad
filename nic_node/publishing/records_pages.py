"""Bring a OneRoster zip: names into the sealed roster at once, the rest into a preview, and what is wanted is kept."""

import asyncio
import base64
import binascii
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.accounts.permissions import COACH, ILT_MEMBER, PRINCIPAL, READER, ROLES, TEACHER
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.publishing.roster import RosterEntry, keep_roster
from nic_node.publishing.roster_pages import ROSTER_BYTES
from nic_node.publishing.school_records import (
    Break,
    KeptRecords,
    SchoolRecords,
    StaffMember,
    compare_records,
    keep_school_records,
    read_school_records,
)
from nic_node.school.team.terms import KINDS, BroughtTerm
from nic_node.school.today import school_day
from nic_node.web import flash
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.forms import UNREADABLE, Form, FormSchema, FormTooLarge, blank_form, read_form
from nic_node.web.routes import KIB, Api, Call, Route, page
from nic_node.web.templating import render, see_other

KEPT = N_("Wait to be invited: {invited}. Into the calendar: terms {terms}, breaks {breaks}.")
MANAGE = "people.manage"
TERM_PARTS = ("source", "title", "kind", "school_year", "starts_on", "ends_on", "parent")
KEEP_BYTES = 512 * KIB
ROLES_OFFERED = (PRINCIPAL, ILT_MEMBER, COACH, TEACHER, READER)
TOO_LARGE = N_("This zip is larger than 20 MB. Export orgs, academic sessions, roles and users of your school alone.")


class ZipForm(FormSchema):
    school = fields.String(load_default="", validate=validate.Length(max=200))
    file = fields.String(load_default="")


class KeepForm(FormSchema):
    """`invite`, `off` and `term` hold the numbers of the rows that are wanted, from 0."""

    LISTS = ("name", "email", "role", "first", "last", *TERM_PARTS, "invite", "off", "term")

    identifier = fields.String(load_default="")
    district = fields.String(load_default="")
    name = fields.List(fields.String(), load_default=list)
    email = fields.List(fields.String(), load_default=list)
    role = fields.List(fields.String(validate=validate.OneOf(ROLES_OFFERED)), load_default=list)
    first = fields.List(fields.Date(), load_default=list)
    last = fields.List(fields.Date(), load_default=list)
    source = fields.List(fields.String(), load_default=list)
    title = fields.List(fields.String(), load_default=list)
    kind = fields.List(fields.String(), load_default=list)
    school_year = fields.List(fields.String(validate=validate.Length(max=7)), load_default=list)
    starts_on = fields.List(fields.Date(), load_default=list)
    ends_on = fields.List(fields.Date(), load_default=list)
    parent = fields.List(fields.String(), load_default=list)
    term = fields.List(fields.Integer(), load_default=list)
    invite = fields.List(fields.Integer(), load_default=list)
    off = fields.List(fields.Integer(), load_default=list)


class RecordsZipSchema(ApiSchema):
    zip = fields.String(required=True, metadata={"description": "A OneRoster zip (1.1 or 1.2), in base64."})
    school = fields.String(load_default="", metadata={"description": "Name or identifier, where it holds several."})
    keep = fields.Boolean(load_default=False, metadata={"description": "false: only look, nothing is kept."})


class StaffMemberSchema(ApiSchema):
    name = fields.String()
    email = fields.String()
    role = fields.String()
    is_here = fields.Boolean()


class BreakSchema(ApiSchema):
    first = fields.Date()
    last = fields.Date()
    is_here = fields.Boolean()


class TermSchema(ApiSchema):
    source = fields.String()
    title = fields.String()
    kind = fields.String()
    school_year = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date(metadata={"description": "The last day."})
    parent = fields.String(metadata={"description": "The term that it is part of, by its source."})
    state = fields.String(metadata={"description": "new, changed or here"})


class SchoolRecordsSchema(ApiSchema):
    school = fields.String()
    identifier = fields.String()
    district = fields.String()
    terms = fields.List(fields.Nested(TermSchema))
    breaks = fields.List(fields.Nested(BreakSchema), metadata={"description": "Days without school between terms."})
    staff = fields.List(fields.Nested(StaffMemberSchema))
    unreachable = fields.Integer(metadata={"description": "Staff without an e-mail address."})
    students = fields.Integer(metadata={"description": "Rows that were counted and dropped."})
    invited = fields.Integer(allow_none=True)


def records_pages() -> list[Route]:
    at = "/school-records"
    return [
        page("GET", at, "share.records", show_records, MANAGE),
        page("POST", at, "share.records", take_zip, MANAGE, ROSTER_BYTES),
        page("POST", f"{at}/keep", "share.keep_records", take_records, MANAGE, KEEP_BYTES),
    ]


def records_api_routes() -> list[Api]:
    return [
        Api(
            method="POST",
            path="/publishing/school-records",
            name="api.publishing.school_records",
            handler=post_records,
            permit=MANAGE,
            tag="publishing",
            summary="Staff, terms, breaks and roster names out of a OneRoster zip; students are counted and dropped.",
            body=RecordsZipSchema(),
            answer=SchoolRecordsSchema(),
            max_bytes=ROSTER_BYTES,
        )
    ]


async def show_records(request: web.Request) -> web.Response:
    return await _page(request, blank_form(), None)


async def take_zip(request: web.Request) -> web.Response:
    try:
        form = await read_form(request, ZipForm(), max_bytes=ROSTER_BYTES)
    except FormTooLarge:
        form = blank_form()
        form.errors["file"] = [TOO_LARGE]
        return await _page(request, form, None, status=web.HTTPRequestEntityTooLarge.status_code)
    upload = form.files.get("file")
    try:
        content = upload.content if upload is not None else b""
        records, names = await asyncio.to_thread(
            read_school_records, content, form.values.get("school", ""), school_day(request)
        )
        await _keep_names(request, names)
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, None, status=422)
    async with database(request).reading() as session:
        compared = await compare_records(session, records)
    return await _page(request, form, compared, names=len(names))


async def take_records(request: web.Request) -> web.Response:
    form = await read_form(request, KeepForm(), max_bytes=KEEP_BYTES)
    data = form.data
    if not form.ok or not _is_whole(data):
        form.errors = {"": [UNREADABLE]}
        return await _page(request, form, None, status=422)
    people = list(zip(data["name"], data["email"], data["role"], strict=True))
    days = list(zip(data["first"], data["last"], strict=True))
    try:
        kept = await _keep(
            request,
            {"identifier": data["identifier"], "district": data["district"]},
            [
                StaffMember(name=name, email=email, role=role)
                for at, (name, email, role) in enumerate(people)
                if at in data["invite"]
            ],
            [Break(first=first, last=last) for at, (first, last) in enumerate(days) if at in data["off"]],
            [
                BroughtTerm(**dict(zip(TERM_PARTS, parts, strict=True)))
                for at, parts in enumerate(zip(*(data[name] for name in TERM_PARTS), strict=True))
                if at in data["term"]
            ],
        )
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, None, status=422)
    return flash.say(see_other(request, "accounts.people"), KEPT, **asdict(kept))


async def post_records(call: Call) -> Any:
    request, body = call.request, call.body
    try:
        content = base64.b64decode(body["zip"], validate=True)
    except binascii.Error as error:
        raise InvalidInput({"zip": [N_("Write the zip in base64.")]}) from error
    records, names = await asyncio.to_thread(read_school_records, content, body["school"], school_day(request))
    async with database(request).reading() as session:
        compared = await compare_records(session, records)
    invited = None
    if body["keep"]:
        await _keep_names(request, names)
        school = {"identifier": records.identifier, "district": records.district}
        invited = (await _keep(request, school, compared.staff, compared.breaks, compared.terms)).invited
    return {**asdict(compared), "invited": invited}


async def _keep(
    request: web.Request,
    school: dict[str, str],
    staff: Sequence[StaffMember],
    breaks: Sequence[Break],
    terms: Sequence[BroughtTerm],
) -> KeptRecords:
    async with database(request).writing() as session:
        return await keep_school_records(
            session,
            actor=actor_of(request),
            school=school,
            staff=staff,
            breaks=breaks,
            terms=terms,
            today=school_day(request),
            now=now(request),
        )


async def _keep_names(request: web.Request, names: list[RosterEntry]) -> None:
    async with database(request).writing() as session:
        await keep_roster(
            session,
            operator_key=local_node(request).operator_key,
            actor=actor_of(request),
            entries=names,
            today=school_day(request),
            now=now(request),
        )


def _is_whole(data: dict[str, Any]) -> bool:
    alike = (("name", "email", "role"), ("first", "last"), TERM_PARTS)
    return all(len({len(data[name]) for name in names}) == 1 for names in alike)


async def _page(
    request: web.Request, form: Form, records: SchoolRecords | None, *, names: int = 0, status: int = 200
) -> web.Response:
    roles = [(role, ROLES[role].label) for role in ROLES_OFFERED]
    values: dict[str, Any] = {"form": form, "it": records, "names": names, "roles": roles, "date": date}
    values |= {"parts": TERM_PARTS, "kinds": KINDS}
    return await render(request, "publishing/records.html", values, status=status)
