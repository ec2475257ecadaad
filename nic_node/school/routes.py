"""Every address of the school's own work."""

from pathlib import Path

from nic_node.school.actions import routes as actions
from nic_node.school.advice import routes as advice
from nic_node.school.assessment import routes as assessment
from nic_node.school.bin import routes as bin_
from nic_node.school.causes import routes as causes
from nic_node.school.coaching import routes as coaching
from nic_node.school.communication import routes as communication
from nic_node.school.communities import routes as communities
from nic_node.school.cycles import routes as cycles
from nic_node.school.discussion import routes as discussion
from nic_node.school.drivers import routes as drivers
from nic_node.school.handover import routes as handover
from nic_node.school.measures import routes as measures
from nic_node.school.meetings import routes as meetings
from nic_node.school.notices import routes as notices
from nic_node.school.obstacles import routes as obstacles
from nic_node.school.papers import routes as papers
from nic_node.school.plan import routes as plan
from nic_node.school.profile import routes as profile
from nic_node.school.projects import routes as projects
from nic_node.school.pulse import routes as pulse
from nic_node.school.reflection import routes as reflection
from nic_node.school.returns import routes as returns
from nic_node.school.sample import routes as sample
from nic_node.school.search import routes as search
from nic_node.school.team import routes as team
from nic_node.school.visits import routes as visits
from nic_node.web.routes import Api, Route

ROOMS = {
    "profile": profile,
    "plan": plan,
    "projects": projects,
    "obstacles": obstacles,
    "measures": measures,
    "cycles": cycles,
    "meetings": meetings,
    "actions": actions,
    "team": team,
    "assessment": assessment,
    "visits": visits,
    "communities": communities,
    "coaching": coaching,
    "pulse": pulse,
    "reflection": reflection,
    "returns": returns,
    "sample": sample,
    "handover": handover,
    "advice": advice,
    "communication": communication,
    "causes": causes,
    "drivers": drivers,
    "search": search,
    "bin": bin_,
    "discussion": discussion,
    "notices": notices,
    "papers": papers,
}
TEMPLATES: dict[str, Path] = {name: room.TEMPLATES for name, room in ROOMS.items()}


def page_routes() -> list[Route]:
    return [route for room in ROOMS.values() for route in room.page_routes()]


def api_routes() -> list[Api]:
    return [operation for room in ROOMS.values() for operation in room.api_routes()]
