"""Publishing as JSON: the same verbs as the Share pages."""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import actor_of
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.membership.local import local_node
from nic_node.membership.read import memberships
from nic_node.mirror.acks import erasures_of
from nic_node.publishing.api_schemas import (
    DraftSchema,
    DraftVersionSchema,
    FindingDecisionsSchema,
    LeftOutSchema,
    PreviewSchema,
    ReleaseApprovalSchema,
    ReleaseLogSchema,
    ReturnSchema,
    RewordSchema,
    RosterSchema,
    RosterTextSchema,
    SharingListSchema,
    StandingsSchema,
    StartSchema,
    WithdrawSchema,
)
from nic_node.publishing.correct import start_correction
from nic_node.publishing.decide import approve, decide, take_back
from nic_node.publishing.drafts import (
    NO_DRAFT,
    draft_of,
    drop_draft,
    leave_out,
    renew_snapshot,
    reword,
    send_back,
    send_to_review,
    start_draft,
)
from nic_node.publishing.oneroster import read_names
from nic_node.publishing.pages import verify_may_reword
from nic_node.publishing.places import place_of_release
from nic_node.publishing.preview import preview, preview_project
from nic_node.publishing.read import all_sharing, shareable_projects, sharing_of_draft
from nic_node.publishing.release_log import find_break, release_log
from nic_node.publishing.roster import RosterEntry, keep_roster, read_roster, roster_age
from nic_node.publishing.standing import standing_in
from nic_node.publishing.withdraw import withdraw
from nic_node.school.today import school_day
from nic_node.web.context import database, now, wake_worker
from nic_node.web.routes import Api, Call

READ, DRAFT, REVIEW = "share.read", "share.draft", "share.review"
ROSTER_BYTES = 2 * 1024 * 1024


def api_routes() -> list[Api]:
    return [*_reading(), *_drafting(), *_reviewing()]


def _reading() -> list[Api]:
    return [
        _operation("GET", "", "list", list_sharing, READ, "What is drafted and shared", answer=SharingListSchema()),
        _operation(
            "GET", "/projects/{id}/preview", "preview", show_preview, READ, "What would leave", answer=PreviewSchema()
        ),
        _operation("GET", "/drafts/{id}", "draft", show_draft, READ, "A draft"),
        _operation("GET", "/roster", "roster", show_roster, READ, "How old the roster is", answer=RosterSchema()),
        _operation("GET", "/epochs", "epochs", show_standing, READ, "Standing in the terms", answer=StandingsSchema()),
        _operation("GET", "/log", "log", show_log, READ, "The release log", answer=ReleaseLogSchema()),
    ]


def _drafting() -> list[Api]:
    roster = {"body": RosterTextSchema(), "answer": RosterSchema(), "max_bytes": ROSTER_BYTES}
    return [
        _operation("POST", "/drafts", "start", start, DRAFT, "Draft", body=StartSchema(), status=201),
        _operation("POST", "/drafts/{id}/texts", "reword", take_reword, READ, "Reword", body=RewordSchema()),
        _operation("POST", "/drafts/{id}/left-out", "leave_out", hold_back, READ, "Keep here", body=LeftOutSchema()),
        _operation("POST", "/drafts/{id}/review", "send", send, DRAFT, "Ask for review"),
        _operation(
            "POST", "/drafts/{id}/facts", "renew", renew, DRAFT, "Take the facts anew", body=DraftVersionSchema()
        ),
        _operation(
            "POST", "/drafts/{id}/drop", "drop", drop, DRAFT, "Give a draft up", body=DraftVersionSchema(), answer=None
        ),
        _operation(
            "POST", "/drafts/{id}/withdrawal", "withdraw", take_withdrawal, DRAFT, "Withdraw it", body=WithdrawSchema()
        ),
        _operation("POST", "/drafts/{id}/correction", "correct", correct, DRAFT, "Correct what was shared"),
        _operation("PUT", "/roster", "fill_roster", take_roster, DRAFT, "Fill the roster", **roster),
    ]


def _reviewing() -> list[Api]:
    return [
        _operation("POST", "/drafts/{id}/return", "send_back", give_back, REVIEW, "Send back", body=ReturnSchema()),
        _operation(
            "POST", "/drafts/{id}/decisions", "decide", take_decisions, REVIEW, "Decide", body=FindingDecisionsSchema()
        ),
        _operation(
            "POST", "/drafts/{id}/approval", "approve", take_approval, REVIEW, "Approve", body=ReleaseApprovalSchema()
        ),
        _operation("DELETE", "/drafts/{id}/approval", "undo", undo, REVIEW, "Take the approval back"),
    ]


def _operation(method: str, path: str, name: str, handler: Any, permit: str, summary: str, **rest: Any) -> Api:
    """An operation of this room; it answers with the draft unless it says otherwise."""
    return Api(
        method=method,
        path=f"/publishing{path}",
        name=f"api.publishing.{name}",
        handler=handler,
        permit=permit,
        tag="publishing",
        summary=summary,
        **{"answer": DraftSchema(), **rest},
    )


async def list_sharing(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        return {"items": await all_sharing(session), "shareable": await shareable_projects(session)}


async def show_preview(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        draft = await preview_project(session, local_node(call.request), call.path_id(), now(call.request))
    return draft.document()


async def start(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        row = await start_draft(
            session,
            local_node(call.request),
            actor=actor_of(call.request),
            project_id=call.body["project_id"],
            network=call.body["network"],
            now=now(call.request),
        )
        return await _document(session, call, row.id)


async def show_draft(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        return await _document(session, call, call.path_id())


async def take_reword(call: Call) -> dict[str, Any]:
    verify_may_reword(call.request)
    async with database(call.request).writing() as session:
        await reword(session, local_node(call.request), **_of(call), **call.body)
        return await _document(session, call, call.path_id())


async def hold_back(call: Call) -> dict[str, Any]:
    verify_may_reword(call.request)
    async with database(call.request).writing() as session:
        await leave_out(session, local_node(call.request), **_of(call), **call.body)
        return await _document(session, call, call.path_id())


async def renew(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        await renew_snapshot(session, local_node(call.request), **_of(call), **call.body)
        return await _document(session, call, call.path_id())


async def take_withdrawal(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        await withdraw(session, local_node(call.request), **_of(call), **call.body)
        answer = await _document(session, call, call.path_id())
    wake_worker(call.request)
    return answer


async def correct(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        await start_correction(session, local_node(call.request), **_of(call))
        return await _document(session, call, call.path_id())


async def drop(call: Call) -> None:
    async with database(call.request).writing() as session:
        await drop_draft(session, **_of(call), **call.body)


async def send(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        await send_to_review(session, local_node(call.request), **_of(call))
        return await _document(session, call, call.path_id())


async def give_back(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        await send_back(session, **_of(call), **call.body)
        return await _document(session, call, call.path_id())


async def take_decisions(call: Call) -> dict[str, Any]:
    decisions = {one["finding"]: one["choice"] for one in call.body["decisions"]}
    async with database(call.request).writing() as session:
        await decide(session, local_node(call.request), decisions=decisions, **_of(call))
        return await _document(session, call, call.path_id())


async def take_approval(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        await approve(session, local_node(call.request), **_of(call), **call.body)
        answer = await _document(session, call, call.path_id())
    wake_worker(call.request)
    return answer


async def undo(call: Call) -> dict[str, Any]:
    async with database(call.request).writing() as session:
        await take_back(session, **_of(call))
        return await _document(session, call, call.path_id())


def _of(call: Call) -> dict[str, Any]:
    return {"actor": actor_of(call.request), "draft_id": call.path_id(), "now": now(call.request)}


async def _document(session: AsyncSession, call: Call, draft_id: int) -> dict[str, Any]:
    node = local_node(call.request)
    row = await draft_of(session, draft_id)
    shown = await preview(session, node, row, now(call.request))
    sharing = await sharing_of_draft(session, draft_id)
    if sharing is None:
        raise NotFound(NO_DRAFT)
    place = await place_of_release(session, node, sharing.release_id) if sharing.release_id else None
    told = {name: getattr(sharing, name) for name in type(sharing).__slots__}
    return told | {
        "version": row.version,
        "sha256": shown.sha256,
        "blocked": shown.draft.blocked,
        "rung": shown.draft.rung,
        "direction": shown.draft.direction,
        "record": shown.draft.record,
        "open": shown.open_items,
        "record_id": place.record_id if place else None,
        "epoch": place.epoch if place else None,
        "witnessed": place.is_witnessed if place else None,
        "erased": await erasures_of(session, place.record_id) if place else None,
        "findings": [
            {
                "choice": item.decided,
                "choices": [{"value": value, "label": label} for value, label in item.choices],
                "title": str(item.title),
                "why": str(item.why),
                "open": item.open,
                **{
                    name: getattr(item, name)
                    for name in ("key", "number", "stage", "code", "severity", "paths", "before", "after")
                },
            }
            for item in shown.items
        ],
    }


async def show_roster(call: Call) -> Any:
    async with database(call.request).reading() as session:
        return await roster_age(session, today=school_day(call.request))


async def take_roster(call: Call) -> Any:
    entries = await asyncio.to_thread(_names_in, call.body)
    async with database(call.request).writing() as session:
        return await keep_roster(
            session,
            operator_key=local_node(call.request).operator_key,
            actor=actor_of(call.request),
            entries=entries,
            today=school_day(call.request),
            now=now(call.request),
        )


def _names_in(body: Mapping[str, Any]) -> list[RosterEntry]:
    if not body["zip"]:
        return read_roster(body["text"])
    try:
        return read_names(base64.b64decode(body["zip"], validate=True))
    except binascii.Error as error:
        raise InvalidInput({"zip": [N_("Write the zip in base64.")]}) from error


async def show_standing(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        found = await memberships(session)
        return {"items": [await standing_in(session, one, now(call.request)) for one in found]}


async def show_log(call: Call) -> dict[str, Any]:
    async with database(call.request).reading() as session:
        lines = await release_log(session)
    return {"items": lines, "broken_at": find_break(lines)}
