"""What stands around every page: the school's name and year, and the doors that this person may open."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from aiohttp import web
from sqlalchemy import ColumnElement, exists, func, select

from nic_node.accounts.tables import Person
from nic_node.db.engine import Database
from nic_node.district.read import has_schools
from nic_node.i18n import N_
from nic_node.membership.tables import MembershipRow
from nic_node.school.plan.tables import Goal
from nic_node.school.profile.name import school_year, year_in_words
from nic_node.school.profile.tables import SchoolProfile
from nic_node.school.today import school_day
from nic_node.web.context import database, now
from nic_node.web.language import language_of
from nic_node.web.templating import path_of
from nic_node.web.visitor import Visitor, visitor

SCHOOL_DOORS = (
    # label, short label, route, permission, icon, on the phone's tab bar
    (N_("Today"), N_("Today"), "today.show", "school.read", "today", True),
    (N_("Plan"), N_("Plan"), "plan.show", "plan.read", "plan", False),
    (N_("Projects"), N_("Projects"), "projects.index", "projects.read", "projects", True),
    (N_("Measures"), N_("Measures"), "measures.index", "measures.read", "measures", True),
    (N_("Meetings"), N_("Meetings"), "meetings.index", "meetings.read", "convenings", True),
    (N_("Learn from others"), N_("Learn"), "learn.index", "practices.read", "learn", True),
    (N_("Share"), N_("Share"), "share.index", "share.read", "share", False),
    (N_("Network"), N_("Network"), "network.index", "network.read", "network", False),
    (N_("Our schools"), N_("Schools"), "schools.index", "schools.read", "people", False),
    (N_("All rooms"), N_("Rooms"), "app.rooms", "school.read", "more", False),
)
SEARCH = "school.read"
FIRST_TERM = timedelta(days=120)
"""So long four doors are enough; the others open as soon as there is something behind them."""
OPENS_WITH_GOALS = ("plan.show",)
OPENS_WITH_NETWORK = ("learn.index", "share.index", "network.index")
OPENS_WITH_SCHOOLS = ("schools.index",)
"""The room of a district: only where a school has named this node."""
ROOMS = (
    # label, what it is for, route, permission; in groups
    (
        N_("Every week"),
        (
            (
                N_("Meetings"),
                N_("An agenda made from your work, decisions, minutes."),
                "meetings.index",
                "meetings.read",
            ),
            (
                N_("Learning communities"),
                N_("Inquire together; ideas become cycles and projects."),
                "communities.index",
                "communities.read",
            ),
            (N_("Action items"), N_("Who does what next, by when."), "actions.index", "actions.read"),
            (
                N_("Obstacles to remove"),
                N_("What only the district can take out of the way."),
                "obstacles.index",
                "obstacles.read",
            ),
        ),
    ),
    (
        N_("The school and its people"),
        (
            (N_("Plan"), N_("Vision, one big goal, and three at a time."), "plan.show", "plan.read"),
            (N_("School profile"), N_("Size, grades and context; it stays here."), "profile.show", "school.read"),
            (N_("Leadership team"), N_("Who speaks for whom, norms, calendar."), "team.show", "team.read"),
            (N_("Coaching"), N_("For a coach and an educator, and nobody else."), "coaching.index", "coaching.own"),
            (N_("Pulse"), N_("A few questions, answered without a name."), "pulse.index", "pulse.read"),
            (
                N_("Self-assessment"),
                N_("Where you stand, and where you differ about it."),
                "assessment.index",
                "assessment.read",
            ),
        ),
    ),
    (
        N_("Other schools"),
        (
            (N_("Learn from others"), N_("What worked in schools like yours."), "learn.index", "practices.read"),
            (N_("Share"), N_("What you found, without your name."), "share.index", "share.read"),
            (N_("Network"), N_("Memberships, and joining one."), "network.index", "network.read"),
            (
                N_("What the district sees"),
                N_("Plan, projects and obstacles: as you choose, off by one press."),
                "district.show",
                "district.read",
            ),
        ),
    ),
    (
        N_("Looking back, and telling"),
        (
            (
                N_("Reflection"),
                N_("Every 45 days: what works, what comes off the table."),
                "reflection.index",
                "reflection.read",
            ),
            (N_("Return"), N_("One table for the board: what it took, what it moved."), "returns.show", "return.read"),
            (N_("Handover"), N_("One page for whoever comes next."), "handover.show", "handover.read"),
            (N_("Messages"), N_("Decisions and progress in plain words."), "communication.index", "communication.read"),
            (
                N_("Papers"),
                N_("To print: plan, reports, minutes, in English or Spanish."),
                "papers.index",
                "school.read",
            ),
        ),
    ),
)
ACCOUNT_LINKS = (
    (N_("Your account"), "accounts.account", "school.read"),
    (N_("How to reach you"), "today.reach", "school.read"),
    (N_("Notices"), "notices.show", "school.read"),
    (N_("Bin"), "bin.show", "bin.read"),
    (N_("People and roles"), "accounts.people", "people.read"),
    (N_("School records"), "share.records", "people.manage"),
    (N_("E-mail"), "accounts.mails", "mail.manage"),
    (N_("The school's profile"), "profile.show", "school.read"),
    (N_("What changed, and who did it"), "accounts.audit", "audit.read"),
    (N_("What left, and who let it"), "privacy.show", "privacy.read"),
    (N_("Mirror and log"), "log.show", "log.read"),
    (N_("Status of this node"), "operations.status", "node.operate"),
    (N_("Keys of this node"), "membership.keys", "node.operate"),
)


def shell_facts() -> Mapping[str, ColumnElement[Any]]:
    """What is read along with each visitor, so that the shell asks nothing more."""
    return {
        "school_name": select(SchoolProfile.name).limit(1).scalar_subquery(),
        "set_up": select(func.min(Person.created_at)).correlate(None).scalar_subquery(),
        "has_goals": exists().where(Goal.id.is_not(None)),
        "has_network": exists().where(MembershipRow.id.is_not(None)),
        "has_schools": has_schools(),
    }


async def describe_shell(request: web.Request) -> Mapping[str, Any]:
    who = visitor(request)
    facts = who.beside if who else await _facts_for_strangers(database(request))
    closed = _closed_doors(facts, now(request)) if who else ()
    url = partial(path_of, request.app)
    doors = _doors(request, who, closed)
    here = next((door["url"] for door in doors if door["current"]), None)
    year = year_in_words(school_year(school_day(request)))
    return {
        # All that the parts of the shell are drawn from, so that they are drawn once.
        "shell_key": (
            language_of(request),
            facts["school_name"],
            year,
            (who.name, who.permissions) if who else None,
            closed,
            here,
        ),
        "school_name": facts["school_name"] or "",
        "school_year": year,
        "home_url": url("today.show"),
        "help_url": url("app.help"),
        "search_url": url("search.show" if who and "school.read" in who.permissions else "learn.index"),
        "doors": doors,
        "account_links": [
            {"label": label, "url": url(route)}
            for label, route, permit in ACCOUNT_LINKS
            if who and permit in who.permissions
        ],
        "sign_out_url": url("accounts.sign_out"),
    }


def rooms_of(request: web.Request) -> list[dict[str, Any]]:
    """Every room that this person may enter, in groups."""
    who = visitor(request)
    permissions = who.permissions if who else frozenset()
    groups = [
        {
            "label": label,
            "rooms": [
                {"label": name, "says": says, "url": str(request.app.router[route].url_for())}
                for name, says, route, permit in rooms
                if permit in permissions
            ],
        }
        for label, rooms in ROOMS
    ]
    return [group for group in groups if group["rooms"]]


async def _facts_for_strangers(held: Database) -> Mapping[str, Any]:
    rows = await held.read_rows(select(SchoolProfile.name), {})
    return {"school_name": rows[0].name if rows else ""}


def _closed_doors(facts: Mapping[str, Any], moment: datetime) -> Collection[str]:
    """Routes of doors that a school in its first term does not need yet, nor one that is no district in any."""
    closed = () if facts["has_schools"] else OPENS_WITH_SCHOOLS
    if facts["set_up"] is None or moment - facts["set_up"] > FIRST_TERM:
        return closed
    closed = closed if facts["has_goals"] else (*closed, *OPENS_WITH_GOALS)
    return closed if facts["has_network"] else (*closed, *OPENS_WITH_NETWORK)


def _doors(request: web.Request, who: Visitor | None, closed: Collection[str]) -> list[dict[str, Any]]:
    if who is None:
        return []
    doors = []
    for label, short, route, permit, icon, tab in SCHOOL_DOORS:
        coordinates = route == "network.index" and "network.coordinate" in who.permissions
        if not coordinates and (permit not in who.permissions or route in closed):
            continue
        url = path_of(request.app, route)
        # A phone has room for four: where there is a library it takes the place of meetings.
        on_tab = tab and (route != "meetings.index" or "learn.index" in closed)
        doors.append(
            {"label": label, "short": short, "url": url, "icon": icon, "tab": on_tab, "current": _is_in(request, url)}
        )
    return doors


def _is_in(request: web.Request, url: str) -> bool:
    return request.path == url or (url != "/" and request.path.startswith(url + "/"))
