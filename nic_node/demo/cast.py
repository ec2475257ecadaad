"""Who takes part in the demo: nodes, the people at them, and what is remembered between steps."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from nic_node.demo.calendar import DemoCalendar
from nic_node.demo.processes import NodeProcess, clean_environment
from nic_node.demo.schools import DemoSchool
from nic_node.demo.visitors import PASSWORD, StepFailed, Visitor

Found = TypeVar("Found")
PATIENCE_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 0.25
COORDINATOR = "coordinator"
MEMBERS = ("harbor", "cedar", "mill")
APPLICANT = "lakeshore"
LEADS = {
    COORDINATOR: "Ruth Soto",
    "harbor": "Maria Okafor",
    "cedar": "Dana Reyes",
    "mill": "Jin Park",
    "lakeshore": "Amy Brandt",
}
REVIEWERS = {"harbor": "Thomas Adeyemi", "cedar": "Lena Castellanos", "mill": "Ravi Lindgren"}


@dataclass(slots=True, kw_only=True)
class School:
    """A school in the demo: its node, its lead, the second person who reviews, and what it made.

    Attributes:
        approved: the record, to the letter, that the second person signed.
    """

    key: str
    node: NodeProcess
    lead: Visitor
    reviewer: Visitor | None = None
    about: DemoSchool | None = None
    membership: int = 0
    project: int = 0
    measures: dict[str, int] = field(default_factory=dict)
    draft: int = 0
    record: str = ""
    approved: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Cast:
    """Everything a step may need.

    Attributes:
        folder: each node's data lies in folder/<name>.
        network: {id, slug, entity, link} of the network, once it is founded.
        question: record id of the one that a school asked.
        slot_seconds: how often each member sends an envelope; more of them spare the machine, and all takes longer.
    """

    folder: Path
    calendar: DemoCalendar
    stack: AsyncExitStack
    schools: dict[str, School] = field(default_factory=dict)
    coordinator: School | None = None
    network: dict[str, Any] = field(default_factory=dict)
    question: str = ""
    slot_seconds: int = 1

    @property
    def host(self) -> School:
        assert self.coordinator is not None
        return self.coordinator

    @property
    def everybody(self) -> list[School]:
        return [self.host, *self.schools.values()]


async def eventually(what: str, look: Callable[[], Awaitable[Found | None]]) -> Found:
    """Look until there is something to see: nodes act by themselves, in their own time.

    Raises:
        StepFailed: it did not come.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = await look()
        if found:
            return found
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    raise StepFailed(f"Waited {PATIENCE_SECONDS:.0f} seconds for this, and it did not come: {what}.")


def expect(is_so: object, what: str) -> None:
    """Raises StepFailed unless it is so."""
    if not is_so:
        raise StepFailed(f"This should hold and does not: {what}.")


async def run_nic(node: NodeProcess, *words: str) -> Any:
    """Run a `nic` command on a node's data folder, as its operator would, and read its JSON."""
    command = [sys.executable, "-m", "nic_node.cli", *words, "--data", str(node.data), "--json"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=clean_environment()
    )
    out, err = await process.communicate()
    if process.returncode != 0:
        raise StepFailed(f"nic {' '.join(words)} ended with {process.returncode}: {err.decode().strip()[-400:]}")
    return json.loads(out)


def email_of(name: str) -> str:
    first, last = name.lower().split()
    return f"{first}.{last}@example.org"


async def set_up(school: School, school_name: str) -> None:
    """Open the one-time link, name the school, sign in, and make an access token."""
    name = LEADS[school.key]
    assert school.node.setup_url is not None
    path = school.node.setup_url.removeprefix(school.node.url)
    who = {"name": name, "email": email_of(name), "password": PASSWORD, "school_name": school_name}
    await school.lead.submit(path, who)
    await school.lead.make_token()


async def invite_reviewer(school: School) -> None:
    """A second person with the role 'reviewer', who accepts by link."""
    name = REVIEWERS[school.key]
    assert school.reviewer is not None
    invited = {"name": name, "email": email_of(name), "roles": ["reviewer"]}
    answer = await school.lead.call("POST", "/accounts/people", invited)
    path = "/invitation/" + answer["link"].rsplit("/", 1)[-1]
    await school.reviewer.submit(path, {"name": name, "password": PASSWORD})
    await school.reviewer.make_token()
