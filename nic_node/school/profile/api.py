"""The profile as JSON."""

import asyncio
from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of
from nic_node.school.profile.describe import describe_school, profile_of_school
from nic_node.school.profile.directory import MAX_DIRECTORY_TEXT_BYTES, read_directory_row
from nic_node.school.today import school_day
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call


class ProfileValuesSchema(ApiSchema):
    """Shares are percent; locale is an NCES code; level and stage are vocabulary ids."""

    name = fields.String()
    district = fields.String(allow_none=True)
    directory_id = fields.String(allow_none=True)
    website = fields.String(allow_none=True)
    level = fields.String(allow_none=True)
    low_grade = fields.String(allow_none=True)
    high_grade = fields.String(allow_none=True)
    enrolment = fields.Integer(strict=True, allow_none=True)
    locale = fields.Integer(strict=True, allow_none=True)
    lunch_percent = fields.Float(allow_none=True)
    english_learners_percent = fields.Float(allow_none=True)
    disabilities_percent = fields.Float(allow_none=True)
    title_one = fields.Boolean(allow_none=True)
    asian_percent = fields.Float(allow_none=True)
    black_percent = fields.Float(allow_none=True)
    hispanic_percent = fields.Float(allow_none=True)
    native_percent = fields.Float(allow_none=True)
    pacific_percent = fields.Float(allow_none=True)
    several_percent = fields.Float(allow_none=True)
    white_percent = fields.Float(allow_none=True)
    stage = fields.String(allow_none=True)
    stage_reasons = fields.String()
    version = fields.Integer(strict=True, required=True)


class DirectoryFileSchema(ApiSchema):
    """A directory as CSV, in the layout of the Common Core of Data or a plain one."""

    text = fields.String(required=True)
    directory_id = fields.String(required=True)


def api_routes() -> list[Api]:
    return [
        Api(
            method="GET",
            path="/profile",
            name="api.profile.show",
            handler=read_profile,
            permit="school.read",
            tag="profile",
            summary="The school's exact profile; it never leaves the node.",
            answer=ProfileValuesSchema(),
        ),
        Api(
            method="PATCH",
            path="/profile",
            name="api.profile.describe",
            handler=patch_profile,
            permit="school.write",
            tag="profile",
            summary="Change the profile; a stale version is 409.",
            body=ProfileValuesSchema(),
            answer=ProfileValuesSchema(),
        ),
        Api(
            method="POST",
            path="/profile/directory",
            name="api.profile.directory",
            handler=find_in_directory,
            permit="school.write",
            tag="profile",
            summary="What a public school directory says of the school; nothing is changed.",
            body=DirectoryFileSchema(),
            answer=ProfileValuesSchema(),
            max_bytes=MAX_DIRECTORY_TEXT_BYTES,
        ),
    ]


async def find_in_directory(call: Call) -> Any:
    found = await asyncio.to_thread(read_directory_row, call.body["text"].encode(), call.body["directory_id"])
    async with database(call.request).reading() as session:
        profile = await profile_of_school(session)
    return {"directory_id": call.body["directory_id"], **found, "version": profile.version}


async def read_profile(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await profile_of_school(session)


async def patch_profile(call: Call) -> Any:
    values = dict(call.body)
    version = values.pop("version")
    async with database(call.request).writing() as session:
        return await describe_school(
            session,
            actor=actor_of(call.request),
            values=values,
            version=version,
            today=school_day(call.request),
            now=now(call.request),
        )
