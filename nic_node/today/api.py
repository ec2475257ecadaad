"""Today as JSON."""

from typing import Any

from marshmallow import fields

from nic_node.accounts.actor import actor_of, own_id
from nic_node.membership.ending import ending_terms
from nic_node.membership.local import local_node
from nic_node.mirror.forks.read import open_forks
from nic_node.publishing.questions.asked import answered_to_us, asked_of_us
from nic_node.publishing.relays.ways import all_ways
from nic_node.school.actions.api import ActionSchema
from nic_node.school.today import school_day
from nic_node.today.gather import gather
from nic_node.today.reach import choose_mail, end_feed, make_feed, reach_of
from nic_node.today.reach_pages import feed_address
from nic_node.web.api import ApiSchema
from nic_node.web.context import database, now
from nic_node.web.routes import Api, Call, api_of
from nic_node.web.visitor import visitor

SHARE = "share.read"


class ActSchema(ApiSchema):
    goal = fields.String(allow_none=True)
    project_id = fields.Integer(allow_none=True)
    project = fields.String(allow_none=True)
    step = fields.String(allow_none=True, metadata={"description": "This week's act; null for none."})
    due = fields.Date(allow_none=True)
    owner = fields.String()
    action_id = fields.Integer(allow_none=True)
    done = fields.Integer()
    steps = fields.Integer()
    day = fields.Integer(allow_none=True)


class LateSchema(ApiSchema):
    project_id = fields.Integer(allow_none=True)
    project = fields.String(allow_none=True)
    action_id = fields.Integer(allow_none=True)
    what = fields.String(allow_none=True)
    owner = fields.String()
    days = fields.Integer(metadata={"description": "School days since it was due."})


class SignalSchema(ApiSchema):
    measure_id = fields.Integer()
    measure = fields.String()
    latest = fields.String()


class EndingTermSchema(ApiSchema):
    membership_id = fields.Integer()
    name = fields.String()
    expires = fields.AwareDateTime()
    is_asked = fields.Boolean(metadata={"description": "Another term was asked for."})


class StuckWaySchema(ApiSchema):
    membership_id = fields.Integer()
    name = fields.String()
    failing_since = fields.AwareDateTime(metadata={"description": "No relay takes envelopes since then."})


class ForkTodaySchema(ApiSchema):
    id = fields.Integer(metadata={"description": "Of /logs/forks."})
    name = fields.String(metadata={"description": "Of the network whose log showed two histories."})
    seen_at = fields.AwareDateTime()


class AskedTodaySchema(ApiSchema):
    record = fields.String(attribute="record_id")
    title = fields.String(metadata={"description": "Of the practice that a school asks about."})
    text = fields.String()


class AnsweredTodaySchema(ApiSchema):
    record = fields.String(attribute="record_id")
    text = fields.String(metadata={"description": "Of our question."})
    answers = fields.Integer()


class OwnStepSchema(ApiSchema):
    note_id = fields.Integer()
    cycle_id = fields.Integer()
    text = fields.String()
    due = fields.Date(allow_none=True)


class TimeForSchema(ApiSchema):
    says = fields.String()
    about = fields.String()


class MailChoiceSchema(ApiSchema):
    mail = fields.String(required=True, metadata={"description": "daily, weekly, or '' for none"})


class ReachSchema(MailChoiceSchema):
    feed = fields.String(metadata={"description": "The address for one's calendar; '' while there is none."})


class TodaySchema(ApiSchema):
    date = fields.Date()
    acts = fields.List(fields.Nested(ActSchema))
    late = fields.List(fields.Nested(LateSchema))
    mine = fields.List(fields.Nested(ActionSchema), metadata={"description": "One's own open action items."})
    asks = fields.List(fields.Nested(TimeForSchema), metadata={"description": "What it is time for."})
    coaching = fields.List(
        fields.Nested(OwnStepSchema), metadata={"description": "Next steps that only one's own pair sees."}
    )
    meeting_id = fields.Integer(allow_none=True, metadata={"description": "The next meeting, or the one that runs."})
    signals = fields.List(fields.Nested(SignalSchema))
    ending_terms = fields.List(fields.Nested(EndingTermSchema))
    stuck_ways = fields.List(fields.Nested(StuckWaySchema))
    forks = fields.List(fields.Nested(ForkTodaySchema))
    asked = fields.List(fields.Nested(AskedTodaySchema))
    answered = fields.List(fields.Nested(AnsweredTodaySchema))


def api_routes() -> list[Api]:
    own = {"read": "school.read", "write": "school.read"}
    operation = api_of("today", "/today/reach", answer=ReachSchema(), **own)
    return [
        Api(
            method="GET",
            path="/today",
            name="api.today.show",
            handler=read_today,
            permit="school.read",
            tag="today",
            summary="The next act of each goal, what is late, and which charts gave a signal.",
            answer=TodaySchema(),
        ),
        operation("GET", "", "reach", read_reach, "How one is reached."),
        operation("PUT", "", "choose-mail", put_mail, "By e-mail: daily, weekly, or not.", body=MailChoiceSchema()),
        operation("POST", "/feed", "make-feed", post_feed, "A new address for one's calendar."),
        operation("DELETE", "/feed", "end-feed", delete_feed, "No calendar reads it any more."),
    ]


async def read_today(call: Call) -> Any:
    today = school_day(call.request)
    who = visitor(call.request)
    assert who is not None
    may_share = SHARE in who.permissions
    async with database(call.request).reading() as session:
        found = await gather(
            session,
            local_node(call.request).operator_key,
            person_id=who.person_id,
            permissions=who.permissions,
            today=today,
        )
        ways = await all_ways(session, local_node(call.request), now(call.request)) if may_share else []
        asked = await asked_of_us(session, local_node(call.request), now=now(call.request)) if may_share else []
        answered = await answered_to_us(session, local_node(call.request), now=now(call.request)) if may_share else []
        seen = await open_forks(session) if "practices.read" in who.permissions else []
        ending = await ending_terms(session, now=now(call.request)) if "network.read" in who.permissions else []
    return {
        "date": today,
        "acts": [
            {
                "goal": act.goal.title if act.goal else None,
                "project_id": act.project.id if act.project else None,
                "project": act.project.title if act.project else None,
                "step": act.what or None,
                "due": act.due,
                "owner": act.owner,
                "action_id": act.action_id,
                "done": act.done,
                "steps": act.steps,
                "day": act.day,
            }
            for act in found.acts
        ],
        "late": [
            {
                "project_id": item.project.id if item.project else None,
                "project": item.project.title if item.project else None,
                "action_id": item.action_id,
                "what": item.what,
                "owner": item.owner,
                "days": item.days,
            }
            for item in found.late
        ],
        "mine": [line.item for line in found.mine],
        "coaching": found.coaching,
        "asks": [{"says": ask.said, "about": ask.about} for ask in found.asks],
        "meeting_id": found.meeting.view.meeting.id if found.meeting else None,
        "signals": [
            {"measure_id": item.measure.id, "measure": item.measure.name, "latest": item.latest}
            for item in found.signals
        ],
        "ending_terms": ending,
        "forks": seen,
        "stuck_ways": [way for way in ways if way.asks],
        "asked": [one for one in asked if one.is_open],
        "answered": [one for one in answered if one.is_news(now(call.request))],
    }


async def read_reach(call: Call) -> Any:
    async with database(call.request).reading() as session:
        row = await reach_of(session, own_id(call.request))
        return {"mail": row.mail if row else "", "feed": await feed_address(session, call.request)}


async def put_mail(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await choose_mail(session, actor=actor_of(request), now=now(request), **call.body)
    return await read_reach(call)


async def post_feed(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await make_feed(session, actor=actor_of(request), now=now(request))
    return await read_reach(call)


async def delete_feed(call: Call) -> Any:
    request = call.request
    async with database(request).writing() as session:
        await end_feed(session, actor=actor_of(request), now=now(request))
    return await read_reach(call)
