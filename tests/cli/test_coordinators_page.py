"""docs/coordinators.md: its commands, run in its order, do what it says."""

import asyncio
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nic_node.accounts.tables import Person
from nic_node.app.node import open_node
from nic_node.config import read_config
from nic_node.membership.local import LocalNode
from nic_node.network.apply import take_application
from nic_node.network.coordinators import add_coordinator, coordinator_actor
from nic_node.network.invite import create_invitation
from nic_node.network.read import networks
from nic_node.network.tables import Member
from nic_node.network.transitions import Move, move_member
from schemas.membership import read_invitation
from tests.cli.calls import Answer, nic
from tests.stores.network_stage import school as applicant

PAGE = Path(__file__).parents[2] / "docs" / "coordinators.md"
COMMAND = re.compile(r"^ *nic (.+)$", re.MULTILINE)
FOUND = ("network", "found", "north", "--name", "North", "--purpose", "Attendance")


def commands() -> list[list[str]]:
    return [shlex.split(line) for line in COMMAND.findall(PAGE.read_text())]


async def add_people(node: LocalNode) -> None:
    """Root found the network; Ada and Ben coordinate it with them; Cy has an account."""
    now = datetime.now(UTC)
    async with node.database.writing() as session:
        for name in ("ada", "ben", "cy"):
            email = f"{name}@district.example"
            session.add(Person(name=name, email=email, email_key=email, created_at=now, updated_at=now, joined_at=now))
    async with node.database.writing() as session:
        (run,) = await networks(session)
        root = await coordinator_actor(session, run.id)
        for name in ("ada", "ben"):
            email = f"{name}@district.example"
            await add_coordinator(session, actor=root, network_id=run.id, email=email, now=now)


async def decide_as_ben(node: LocalNode) -> None:
    """Five schools joined by Ada's word; then somebody signs in as Ben."""
    async with node.database.writing() as session:
        (run,) = await networks(session)
        ada = await coordinator_actor(session, run.id, "ada@district.example")
        ben = await coordinator_actor(session, run.id, "ben@district.example")
        made = await create_invitation(
            session, node=node, network_id=run.id, actor=ben, days=14, uses=9, now=node.clock()
        )
    token = read_invitation(made.link)["token"]
    for number, (to_state, by) in enumerate(
        [("approved", ada), ("approved", ada), ("approved", ada), ("approved", ben), ("rejected", ben)]
    ):
        school = applicant(number)
        async with node.database.writing() as session:
            application = school.application(run, token, node.clock())
            member = await take_application(session, node, network_id=run.id, token=application, now=node.clock())
            reason = "checks-passed" if to_state == "approved" else "conduct"
            await move_member(session, node, member, Move(to_state=to_state, reason=reason, actor=by), now=node.clock())
    async with node.database.writing() as session:
        for member_id, to_state in ((1, "suspended"), (2, "revoked")):
            member = await session.get_one(Member, member_id)
            move = Move(to_state=to_state, reason="conduct", actor=ben)
            await move_member(session, node, member, move, now=node.clock())


def prepared(folder: Path, *steps: object) -> None:
    async def run() -> None:
        async with open_node(read_config(folder, {})) as node:
            for step in steps:
                await step(node.local)

    asyncio.run(run())


def states(folder: Path) -> dict[int, str]:
    return {one["member"]: one["state"] for one in nic("network", "members", "--json", data=folder).document["members"]}


@pytest.fixture
def district(school: Path) -> Path:
    assert nic("user", "list", "--json", data=school).code == 0
    assert nic(*FOUND, data=school).code == 0
    prepared(school, add_people, decide_as_ben)
    return school


def run_page(folder: Path, root: str) -> list[Answer]:
    answers = []
    for command in commands():
        words = [word.replace("root@district.example", root) for word in command]
        answers.append(nic(*words, data=folder))
    return answers


def test_the_commands_of_the_page_do_what_it_says(
    district: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state.csv").write_text("id,name,level\n0042,Alder Creek Middle School,middle\n")
    monkeypatch.chdir(tmp_path)
    (person,) = [
        one
        for one in nic("user", "list", "--json", data=district).document["people"]
        if "administrator" in one["roles"]
    ]
    root = person["email"]
    assert states(district) == {1: "suspended", 2: "revoked", 3: "approved", 4: "approved", 5: "rejected"}
    removed = nic("network", "coordinators", "--remove", root, "--as", "ada@district.example", data=district)
    assert removed.code == 0

    answers = run_page(district, root)

    assert [answer.err for answer in answers if answer.code] == []
    assert states(district) == {1: "approved", 2: "approved", 3: "approved", 4: "applied", 5: "applied"}
    (cy,) = [
        one
        for one in nic("network", "coordinators", "--json", data=district).document["coordinators"]
        if one["decides"]
    ]
    assert cy["email"] == "cy@district.example"
    done = nic("network", "decisions", "--by", "ada@district.example", "--json", data=district).document["decisions"]
    assert {one["reason"] for one in done} == {"checks-passed", "decision-reversed"}


def test_what_is_refused(district: Path) -> None:
    def said(*words: str) -> str:
        answer = nic("network", *words, data=district)
        assert answer.code == 1
        return answer.err

    assert "still decides" in said("reverse", "--by", "ben@district.example", "--as", "ada@district.example")
    assert "own decisions" in said("reverse", "--by", "ada@district.example", "--as", "ada@district.example")
    assert "nobody needs to step in" in said("coordinators", "--restore", "cy@district.example")
    assert "does not coordinate" in said("coordinators", "--remove", "cy@district.example")
