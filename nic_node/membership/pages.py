"""Joining a network, and how the membership stands."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from marshmallow import fields, validate

from nic_node.accounts.actor import actor_of
from nic_node.accounts.forms import EmptyForm
from nic_node.errors import Conflict, InvalidInput
from nic_node.i18n import N_, moment
from nic_node.membership.documents import document_of
from nic_node.membership.follow import check_membership
from nic_node.membership.introduce import read_profile
from nic_node.membership.join import Acceptance, apply
from nic_node.membership.local import local_node
from nic_node.membership.look_up import Offer, look_up
from nic_node.membership.policy_words import policy_terms
from nic_node.membership.read import HELD, REFUSED, Membership, is_writing_allowed, membership_in, membership_of
from nic_node.membership.repin import repin, verify_new
from nic_node.membership.tell import confirm, withdraw_application
from nic_node.membership.terms import NewTerms, accept_terms, new_terms
from nic_node.membership.words import STATE_WORDS, move_words
from nic_node.web import flash
from nic_node.web.context import config, database, now
from nic_node.web.forms import Form, FormSchema, blank_form, read_form
from nic_node.web.language import language_of
from nic_node.web.routes import FORM_BYTES
from nic_node.web.templating import render, see_other
from schemas.states import APPLIED, APPROVED

CONTACT_FIELDS = ("name", "email", "role", "phone")
PROFILE_LABELS = (
    ("name", N_("School")),
    ("district", N_("District")),
    ("directory_id", N_("Directory id")),
    ("level", N_("Level")),
    ("enrolment", N_("Students")),
    ("locale", N_("Locale code")),
    ("lunch_percent", N_("Free or reduced lunch, %")),
    ("english_learners_percent", N_("English learners, %")),
    ("disabilities_percent", N_("With disabilities, %")),
)
REPINNED = N_("Done. This node holds to the new key, and follows the log that the network keeps now.")
TIMES = ("at", "earliest", "opens", "asked")
AGREE = N_("Read charter and policy, then tick that the school accepts them.")


class JoinForm(FormSchema):
    """First the link alone; then the link again, with what was accepted and whom to call."""

    invitation = fields.String(
        required=True,
        validate=validate.Length(max=6_000),
        error_messages={"required": N_("Paste the invitation link that the coordinator gave you.")},
    )
    step = fields.String(load_default="look", validate=validate.OneOf(("look", "apply", "repin")))
    policy_sha256 = fields.String(load_default="")
    charter_sha256 = fields.String(load_default="")
    accepted = fields.String(load_default="")
    contact_name = fields.String(load_default="", validate=validate.Length(max=120))
    contact_email = fields.String(load_default="", validate=validate.Length(max=254))
    contact_role = fields.String(load_default="", validate=validate.Length(max=80))
    contact_phone = fields.String(load_default="", validate=validate.Length(max=40))


class TermsForm(FormSchema):
    policy_sha256 = fields.String(required=True)
    charter_sha256 = fields.String(required=True)


class CodeForm(FormSchema):
    code = fields.String(required=True, error_messages={"required": N_("Type the code that you were given.")})


async def show_join(request: web.Request) -> web.Response:
    return await render(request, "membership/join.html", {"form": blank_form()})


async def take_join(request: web.Request) -> web.Response:
    form = await read_form(request, JoinForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        return await render(request, "membership/join.html", {"form": form}, status=422)
    node = local_node(request)
    try:
        offer = await look_up(node, form.data["invitation"], now=now(request))
    except InvalidInput as error:
        form.refuse(error)
        return await render(request, "membership/join.html", {"form": form}, status=422)
    async with database(request).reading() as session:
        held = await membership_in(session, offer.network)
    if held is not None and held.state in HELD:
        return await _repin(request, form, offer, held)
    if form.data["step"] != "apply":
        return await _offer_page(request, form, offer)
    return await _apply(request, form, offer)


async def _repin(request: web.Request, form: Form, offer: Offer, held: Membership) -> web.Response:
    """A member's link: nothing is applied for, and a new key is held to only when a person says so."""
    values = {"form": form, "offer": offer, "membership": held}
    try:
        if form.data["step"] == "repin":
            await repin(local_node(request), actor=actor_of(request), offer=offer, now=now(request))
            await check_membership(local_node(request), held.id)
            return flash.say(see_other(request, "membership.show", id=held.id), REPINNED)
        verify_new(held, offer)
    except Conflict as error:
        form.errors["invitation"] = [error.sentence]
        return await render(request, "membership/join.html", values, status=409)
    return await render(request, "membership/repin.html", values)


async def _apply(request: web.Request, form: Form, offer: Offer) -> web.Response:
    if not form.data["accepted"]:
        form.errors["accepted"] = [AGREE]
        return await _offer_page(request, form, offer, status=422)
    acceptance = Acceptance(
        policy_sha256=form.data["policy_sha256"],
        charter_sha256=form.data["charter_sha256"],
        contact={name: form.data[f"contact_{name}"] for name in CONTACT_FIELDS},
    )
    try:
        membership_id = await apply(
            local_node(request), actor=actor_of(request), offer=offer, acceptance=acceptance, now=now(request)
        )
    except InvalidInput as error:
        form.refuse(error)
        return await _offer_page(request, form, offer, status=422)
    except Conflict as error:
        form.errors[""] = [error.sentence]
        return await _offer_page(request, form, offer, status=409)
    response = see_other(request, "membership.show", id=membership_id)
    return flash.say(response, N_("The application is on its way to the network."))


async def _offer_page(request: web.Request, form: Form, offer: Offer, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        try:
            profile, missing = await read_profile(session), ""
        except InvalidInput as error:
            profile, missing = {}, error.sentence
    values = {
        "form": form,
        "offer": offer,
        "policy_terms": policy_terms(offer.policy),
        "profile": profile,
        "shown_profile": [(label, profile[name]) for name, label in PROFILE_LABELS if name in profile],
        "missing": missing,
    }
    return await render(request, "membership/offer.html", values, status=status)


async def show_membership(request: web.Request) -> web.Response:
    return await _membership_page(request, blank_form())


async def take_code(request: web.Request) -> web.Response:
    form = await read_form(request, CodeForm(), max_bytes=FORM_BYTES)
    if form.ok:
        try:
            await confirm(
                local_node(request),
                actor=actor_of(request),
                membership_id=_membership_id(request),
                code=form.data["code"],
                now=now(request),
            )
            response = see_other(request, "membership.show", id=_membership_id(request))
            return flash.say(response, N_("The code is right. The coordinators see it now."))
        except InvalidInput as error:
            form.refuse(error)
    return await _membership_page(request, form, status=422)


async def take_terms(request: web.Request) -> web.Response:
    """The school accepts the charter and policy that it read."""
    form = await read_form(request, TermsForm(), max_bytes=FORM_BYTES)
    if not form.ok:
        raise InvalidInput(form.errors)
    response = see_other(request, "membership.show", id=_membership_id(request))
    try:
        async with database(request).writing() as session:
            await accept_terms(
                session,
                actor=actor_of(request),
                membership_id=_membership_id(request),
                now=now(request),
                **form.data,
            )
    except Conflict as error:
        return flash.say(response, error.sentence, kind="error")
    return flash.say(response, N_("Accepted. The network hears of it with your next renewal."))


async def take_check(request: web.Request) -> web.Response:
    """Ask the network now; what goes wrong stands on the page."""
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    await check_membership(local_node(request), _membership_id(request), by_hand=True)
    return see_other(request, "membership.show", id=_membership_id(request))


async def take_leave(request: web.Request) -> web.Response:
    await read_form(request, EmptyForm(), max_bytes=FORM_BYTES)
    membership_id = _membership_id(request)
    response = see_other(request, "membership.show", id=membership_id)
    try:
        await withdraw_application(
            local_node(request), actor=actor_of(request), membership_id=membership_id, now=now(request)
        )
    except (Conflict, InvalidInput) as error:
        return flash.say(response, error.sentence, kind="error")
    await check_membership(local_node(request), membership_id)
    return flash.say(response, N_("Done. The network knows."))


def _membership_id(request: web.Request) -> int:
    return int(request.match_info["id"])


async def _membership_page(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    async with database(request).reading() as session:
        membership = await membership_of(session, _membership_id(request))
        policy = await document_of(session, membership.policy_accepted)
        charter = await document_of(session, membership.charter_accepted)
    values: dict[str, Any] = {
        "membership": membership,
        "form": form,
        "policy": policy,
        "policy_terms": policy_terms(policy) if policy else [],
        "standing": _standing(request, membership),
        "charter": charter,
        "words": STATE_WORDS[membership.state],
        "moves": [move_words(move) for move in reversed(membership.moves)],
        "terms": await _new_terms(request, membership),
        "waits": membership.state == APPLIED,
        "is_held": membership.state in HELD,
        "is_refused": membership.state == REFUSED,
        "renewal": _renewal(request, membership),
        "appeal": _appeal(membership),
        "appeals_seen": [_moments(one) for one in membership.appeals_seen] if membership.state in HELD else [],
    }
    return await render(request, "membership/show.html", values, status=status)


def _standing(request: web.Request, membership: Membership) -> list[tuple[str, str]]:
    """Facts about the membership: (label, value) in words."""
    language, zone = language_of(request), config(request).time_zone
    moments = [
        (N_("Member until"), membership.expires),
        (N_("The network’s word holds until"), membership.chain_expires_at),
        (N_("Last confirmed"), membership.checked_at),
    ]
    facts = [(N_("Address"), membership.network)]
    facts += [(label, moment(value, language, zone)) for label, value in moments if value is not None]
    if membership.state in HELD:
        writes = is_writing_allowed(membership, now(request))
        facts.append((N_("Sharing"), N_("allowed") if writes else N_("stopped until the network is heard again")))
    return facts


async def _new_terms(request: web.Request, membership: Membership) -> NewTerms | None:
    async with database(request).reading() as session:
        return await new_terms(session, membership)


def _renewal(request: web.Request, membership: Membership) -> dict[str, Any] | None:
    """When the next term may be asked for, and when it was; None before it is near."""
    if membership.renewal is None or membership.state != APPROVED:
        return None
    told = _moments(membership.renewal)
    return told if told["opens"] <= now(request) else None


def _appeal(membership: Membership) -> dict[str, Any] | None:
    return _moments(membership.appeal) if membership.appeal is not None else None


def _moments(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the network told, with its times as such; None where it told none."""
    times = {name: datetime.fromtimestamp(told[name], UTC) if name in told else None for name in TIMES}
    return {**told, **times}
