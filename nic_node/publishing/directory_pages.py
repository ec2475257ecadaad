"""Importing a public school directory: page, API."""

import asyncio
from dataclasses import asdict
from typing import Any

from aiohttp import web
from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.publishing.directory import DIRECTORY_MAX_BYTES, DIRECTORY_TEXT_MAX_BYTES, directory_view, keep_directory
from nic_node.school.profile.directory_profiles import DirectoryProfiles, read_directory_profiles
from nic_node.web import flash
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.routes import Api, Call, Route, page
from nic_node.web.templating import render, see_other

READ, DRAFT = "share.read", "share.draft"


class DirectoryForm(FormSchema):
    """The file comes beside it."""


def directory_pages() -> list[Route]:
    return [
        page("GET", "/share/directory", "share.directory", show_directory, READ),
        page("POST", "/share/directory", "share.directory", take_directory, DRAFT, DIRECTORY_MAX_BYTES),
    ]


async def show_directory(request: web.Request) -> web.Response:
    return await _page(request, blank_form())


async def _page(
    request: web.Request, form: Form, *, status: int = 200, read: DirectoryProfiles | None = None
) -> web.Response:
    async with database(request).reading() as session:
        values = {"form": form, "directory": await directory_view(session), "read": read}
    return await render(request, "publishing/directory.html", values, status=status)


async def take_directory(request: web.Request) -> web.Response:
    form = await read_form(request, DirectoryForm(), max_bytes=DIRECTORY_MAX_BYTES)
    upload = form.files.get("file")
    if upload is None or not upload.content:
        form.errors["file"] = [N_("Choose a file.")]
        return await _page(request, form, status=422)
    try:
        profiles = await asyncio.to_thread(read_directory_profiles, upload.content)
        async with database(request).writing() as session:
            given: dict[str, Any] = {"name": upload.name, "profiles": profiles, "now": now(request)}
            await keep_directory(session, actor=actor_of(request), **given)
    except InvalidInput as error:
        form.refuse(error)
        return await _page(request, form, status=422)
    if profiles.refused:
        return await _page(request, form, read=profiles)
    said = N_("The directory is in. Drafts show how many of its schools they could be of.")
    return flash.say(see_other(request, "share.directory"), said)


class OwnDirectorySchema(ApiSchema):
    """The public directory that drafts are counted against. `known`: attribute -> of how many schools."""

    name = fields.String()
    schools = fields.Integer()
    known = fields.Dict(keys=fields.String(), values=fields.Integer())
    imported_at = fields.AwareDateTime(allow_none=True)


class RefusedCellSchema(ApiSchema):
    """A cell that was not taken: what it would have said is not known."""

    line = fields.Integer(metadata={"description": "Of the file; its header is line 1."})
    attribute = fields.String()
    cell = fields.String()
    why = fields.String()


class ImportedDirectorySchema(OwnDirectorySchema):
    """`refused`: how many cells were not taken; `told`: the first of them."""

    refused = fields.Integer()
    told = fields.List(fields.Nested(RefusedCellSchema))


class DirectoryTextSchema(ApiSchema):
    name = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "The CSV, with its header."})


def directory_api_routes() -> list[Api]:
    answer: dict[str, Any] = {"answer": OwnDirectorySchema(), "tag": "publishing", "path": "/publishing/directory"}
    return [
        Api(
            method="GET",
            name="api.publishing.directory",
            handler=show_own,
            permit=READ,
            summary="The school directory that drafts are counted against",
            **answer,
        ),
        Api(
            method="PUT",
            name="api.publishing.import_directory",
            handler=import_own,
            permit=DRAFT,
            summary="Import a public school directory",
            body=DirectoryTextSchema(),
            max_bytes=DIRECTORY_TEXT_MAX_BYTES,
            **(answer | {"answer": ImportedDirectorySchema()}),
        ),
    ]


async def show_own(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await directory_view(session) or {"name": "", "schools": 0, "known": {}, "imported_at": None}


async def import_own(call: Call) -> Any:
    profiles = await asyncio.to_thread(read_directory_profiles, call.body["text"].encode())
    async with database(call.request).writing() as session:
        given: dict[str, Any] = {"name": call.body["name"], "profiles": profiles, "now": now(call.request)}
        view = await keep_directory(session, actor=actor_of(call.request), **given)
    return asdict(view) | {"refused": profiles.refused, "told": profiles.told}
