"""Who may do what: the table, and that every door of a node keeps to it."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from nic_node.accounts.permissions import PERMISSIONS, ROLES, permissions_of
from nic_node.app.routes import all_operations, all_pages
from nic_node.config import read_config
from nic_node.web import context
from nic_node.web.api import PREFIX
from nic_node.web.application import build_application
from nic_node.web.csrf import COOKIE, HEADER
from nic_node.web.routes import Api, Call, Route
from nic_node.web.visitor import PEER, PUBLIC, SIGNED_IN, Visitor

# administrator, principal, ilt-member, coach, teacher, reviewer, privacy-officer, reader
COLUMNS = ("administrator", "principal", "ilt-member", "coach", "teacher", "reviewer", "privacy-officer", "reader")
TABLE = """
                     adm  pri  ilt  coa  tea  rev  off  rea
school.read          yes  yes  yes  yes  yes  yes  yes  yes
school.write         yes  yes   -    -    -    -    -    -
plan.read            yes  yes  yes  yes  yes  yes  yes  yes
plan.write            -   yes  yes   -    -    -    -    -
projects.read        yes  yes  yes  yes  yes  yes  yes  yes
projects.write        -   yes  yes  yes   -    -    -    -
obstacles.read       yes  yes  yes  yes  yes  yes  yes  yes
obstacles.write       -   yes  yes  yes   -    -    -    -
talks.read            -   yes  yes  yes   -    -    -    -
measures.read        yes  yes  yes  yes  yes  yes  yes  yes
measures.write        -   yes  yes  yes  yes   -    -    -
cycles.read          yes  yes  yes  yes  yes  yes  yes  yes
cycles.write          -   yes  yes  yes  yes   -    -    -
visits.read          yes  yes  yes  yes  yes  yes  yes  yes
visits.write          -   yes  yes  yes  yes   -    -    -
communities.read     yes  yes  yes  yes  yes  yes  yes  yes
communities.write     -   yes  yes  yes  yes   -    -    -
coaching.own          -   yes  yes  yes  yes   -    -    -
coaching.count        -   yes  yes   -    -    -    -    -
pulse.read           yes  yes  yes  yes  yes  yes  yes  yes
pulse.write           -   yes  yes   -    -    -    -    -
reflection.read      yes  yes  yes  yes  yes  yes  yes  yes
reflection.write      -   yes  yes  yes   -    -    -    -
return.read          yes  yes  yes  yes  yes  yes  yes  yes
return.write         yes  yes   -    -    -    -    -    -
handover.read        yes  yes  yes  yes   -    -    -    -
handover.write        -   yes  yes   -    -    -    -    -
communication.read   yes  yes  yes  yes  yes  yes  yes  yes
communication.write   -   yes  yes   -    -    -    -    -
meetings.read        yes  yes  yes  yes  yes  yes  yes  yes
meetings.write        -   yes  yes  yes   -    -    -    -
discussion.read      yes  yes  yes  yes  yes  yes  yes  yes
discussion.write      -   yes  yes  yes  yes   -    -    -
bin.read              -   yes  yes  yes  yes   -    -    -
team.read            yes  yes  yes  yes  yes  yes  yes  yes
team.write            -   yes  yes   -    -    -    -    -
assessment.read      yes  yes  yes  yes  yes  yes  yes  yes
assessment.write      -   yes  yes  yes   -    -    -    -
actions.read         yes  yes  yes  yes  yes  yes  yes  yes
actions.write         -   yes  yes  yes  yes   -    -    -
share.read            -   yes  yes  yes   -   yes  yes   -
share.draft           -   yes  yes  yes   -    -    -    -
share.review          -   yes   -    -    -   yes   -    -
district.read        yes  yes   -    -    -    -   yes   -
district.share       yes  yes   -    -    -    -    -    -
schools.read         yes  yes  yes   -    -    -    -    -
schools.write        yes  yes  yes   -    -    -    -    -
privacy.read          -   yes   -    -    -    -   yes   -
practices.read       yes  yes  yes  yes  yes  yes  yes  yes
practices.adopt       -   yes  yes  yes   -    -    -    -
node.operate         yes   -    -    -    -    -    -    -
people.read          yes  yes   -    -    -    -   yes   -
people.manage        yes   -    -    -    -    -    -    -
mail.manage          yes   -    -    -    -    -    -    -
audit.read           yes  yes   -    -    -    -   yes   -
log.read             yes  yes   -    -    -   yes  yes   -
network.read         yes  yes  yes   -    -   yes  yes   -
network.join         yes  yes   -    -    -    -    -    -
network.found        yes   -    -    -    -    -    -    -
network.coordinate    -    -    -    -    -    -    -    -
"""
ALLOWED = {
    name: {role for role, says in zip(COLUMNS, marks, strict=True) if says == "yes"}
    for name, *marks in (line.split() for line in TABLE.strip().splitlines()[1:])
}

OPEN_TO_ALL = {
    "accounts.sign_in",
    "accounts.sign_out",
    "accounts.setup",
    "accounts.invitation",
    "accounts.reset",
    "pulse.answer",
    "measures.by_link",
    "today.off",
}
"""Forms that somebody sends who is not signed in."""

ROLE = "X-Test-Role"
STRANGER = "nobody"
COORDINATOR, OF_COORDINATORS = "coordinator", "network.coordinate"
"""Belongs to a network, not to the school: no role of the table, and one permission."""
Door = Route | Api


def doors() -> list[Door]:
    return [*all_pages(), *all_operations()]


def test_the_table_is_the_one_written_here() -> None:
    assert {name: set(permission.roles) for name, permission in PERMISSIONS.items()} == ALLOWED
    assert set(ROLES) == set(COLUMNS)


@pytest.mark.parametrize("role", COLUMNS)
def test_a_role_has_its_column(role: str) -> None:
    assert permissions_of([role]) == {name for name, roles in ALLOWED.items() if role in roles}


def test_roles_add_up() -> None:
    assert permissions_of(["reader", "reviewer"]) == permissions_of(["reader"]) | permissions_of(["reviewer"])
    assert permissions_of([]) == permissions_of(["emperor"]) == frozenset()


def test_every_door_names_a_permission_of_the_table() -> None:
    known = {PUBLIC, SIGNED_IN, PEER, *PERMISSIONS}
    assert [f"{door.method} {door.path}: {door.permit}" for door in doors() if door.permit not in known] == []


def test_only_nodes_call_what_is_between_nodes() -> None:
    for door in doors():
        between_nodes = isinstance(door, Route) and door.kind == "peer"
        assert (door.permit == PEER) <= between_nodes, door.path


def test_a_stranger_changes_nothing_but_by_these_forms() -> None:
    open_forms = {door.name for door in doors() if door.permit == PUBLIC and door.method not in ("GET", "HEAD")}
    assert open_forms - {door.name for door in all_pages() if door.kind == "peer"} == OPEN_TO_ALL


def test_every_permission_opens_a_door() -> None:
    assert set(PERMISSIONS) - {door.permit for door in doors()} == set()


async def answer_page(request: web.Request) -> web.Response:
    return web.Response(text="in")


async def answer_call(call: Call) -> None:
    return None


async def load_role(request: web.Request) -> Visitor | None:
    role = request.headers[ROLE]
    if role == STRANGER:
        return None
    held = frozenset({role})
    permissions = frozenset({OF_COORDINATORS}) if role == COORDINATOR else permissions_of(held)
    return Visitor(person_id=1, name="Ada Field", roles=held, permissions=permissions, session_id=1)


async def empty_shell(request: web.Request) -> dict[str, object]:
    return {}


@pytest.fixture(scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """Every door of a node, with nothing behind it."""

    def services(app: web.Application) -> None:
        app[context.SHELL] = empty_shell
        app[context.LOAD_VISITOR] = load_role

    templates = next((Path(context.__file__).parent / "templates").rglob("base.html")).parent
    app = build_application(
        read_config(tmp_path_factory.mktemp("node"), {}),
        pages=[replace(door, handler=answer_page) for door in all_pages()],
        operations=[
            replace(door, handler=answer_call, body=None, query=None, answer=None) for door in all_operations()
        ],
        rooms={"web": templates},
        services=services,
    )
    async with TestClient(TestServer(app), cookies={COOKIE: "token"}) as client:
        yield client


PARAMETER = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^}]*\})+))?\}")
SAMPLES = ("1", "done", "choose", "remove", "open", "make", "000", "0" * 64, "0/000", "a")


def sample(parameter: re.Match[str]) -> str:
    """Something that fits a place in a path."""
    return next(text for text in SAMPLES if re.fullmatch(parameter[2] or "[^/]+", text))


async def status(client: TestClient[web.Request, web.Application], door: Door, role: str) -> int:
    path = PARAMETER.sub(sample, door.path if isinstance(door, Route) else PREFIX + door.path)
    headers = {ROLE: role, HEADER: "token", "Accept": "text/html"}
    async with client.request(door.method, path, headers=headers, allow_redirects=False) as response:
        return response.status


def by_network(permit: str) -> set[str]:
    return {COORDINATOR} if permit == OF_COORDINATORS else set()


@pytest.mark.parametrize("role", [*COLUMNS, COORDINATOR, STRANGER])
async def test_each_role_passes_the_doors_of_its_column(
    hall: TestClient[web.Request, web.Application], role: str
) -> None:
    wrong = []
    for door in doors():
        if door.permit in (PUBLIC, PEER):
            expected = {200, 204}
        elif role == STRANGER:
            expected = {303, 401}
        elif door.permit == SIGNED_IN or role in ALLOWED[door.permit] | by_network(door.permit):
            expected = {200, 204}
        else:
            expected = {403}
        found = await status(hall, door, role)
        if found not in expected:
            wrong.append(f"{door.method} {door.path} ({door.permit}): {found}")
    assert wrong == []
