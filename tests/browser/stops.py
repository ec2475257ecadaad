"""Every page of a node, and where to see it: who opens which address in the state that the stage leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from nic_node.demo.cast import COORDINATOR, LEADS, REVIEWERS, Cast, School, email_of
from tests.browser.stage import Stage

NOBODY, LEAD, REVIEWER = "nobody", "lead", "reviewer"
Address = Callable[[Cast, Stage], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A page to look at.

    Attributes:
        node: whose node.
        who: who opens it there.
        also: addresses of the same page in other states, such as an empty one.
    """

    address: Address
    node: str = "harbor"
    who: str = LEAD
    also: tuple[Address, ...] = ()

    def school(self, cast: Cast) -> School:
        return cast.host if self.node == COORDINATOR else cast.schools[self.node]

    def email(self) -> str:
        return email_of(REVIEWERS[self.node] if self.who == REVIEWER else LEADS[self.node])


def at(path: str) -> Address:
    return lambda cast, stage: path


def of_network(end: str) -> Stop:
    return Stop(node=COORDINATOR, address=lambda cast, stage: f"/network/{cast.network['id']}/{end}")


def of_practice(cast: Cast, stage: Stage) -> str:
    return "/learn/practices/" + quote(cast.schools["harbor"].record, safe="/:")


def of_result(cast: Cast, stage: Stage) -> str:
    return "/learn/practices/" + quote(cast.schools["mill"].record, safe="/:")


STOPS: dict[str, Stop] = {
    "app.api_docs": Stop(address=at("/api/docs"), who=NOBODY),
    "app.help": Stop(address=at("/help")),
    "accounts.sign_in": Stop(address=at("/sign-in"), who=NOBODY),
    "accounts.invitation": Stop(
        address=lambda cast, stage: stage.invitation, who=NOBODY
    ),
    "accounts.reset": Stop(address=lambda cast, stage: stage.reset, who=NOBODY),
    "accounts.account": Stop(address=at("/account")),
    "accounts.people": Stop(address=at("/people")),
    "accounts.person": Stop(address=at("/people/2")),
    "accounts.audit": Stop(address=at("/audit")),
    "today.home": Stop(address=at("/")),
    "today.show": Stop(address=at("/today")),
    "profile.show": Stop(address=at("/profile")),
    "plan.show": Stop(address=at("/plan")),
    "plan.edit": Stop(address=at("/plan/edit")),
    "plan.new_goal": Stop(address=at("/plan/goals/new")),
    "plan.goal": Stop(address=lambda cast, stage: f"/plan/goals/{stage.goal}"),
    "projects.index": Stop(address=at("/projects")),
    "projects.new": Stop(address=at("/projects/new")),
    "projects.show": Stop(
        address=lambda cast, stage: f"/projects/{stage.running}",
        also=(lambda cast, stage: f"/projects/{cast.schools['harbor'].project}",),
    ),
    "projects.edit": Stop(address=lambda cast, stage: f"/projects/{stage.running}/edit"),
    "projects.steps": Stop(address=lambda cast, stage: f"/projects/{stage.running}/steps"),
    "projects.close": Stop(address=lambda cast, stage: f"/projects/{stage.running}/close"),
    "projects.midway": Stop(address=lambda cast, stage: f"/projects/{stage.running}/midway"),
    "measures.index": Stop(address=at("/measures")),
    "measures.new": Stop(address=at("/measures/new")),
    "measures.show": Stop(
        address=lambda cast, stage: f"/measures/{stage.measure}",
        also=(lambda cast, stage: f"/measures/{cast.schools['harbor'].measures['outcome']}",),
    ),
    "measures.edit": Stop(address=lambda cast, stage: f"/measures/{stage.measure}/edit"),
    "measures.add": Stop(address=lambda cast, stage: f"/measures/{stage.measure}/add"),
    "measures.observation": Stop(
        address=lambda cast, stage: f"/measures/{stage.measure}/observations/{stage.observation}"
    ),
    "measures.upload": Stop(address=lambda cast, stage: f"/measures/{stage.measure}/import"),
    "measures.preview": Stop(address=lambda cast, stage: f"/measures/{stage.measure}/imports/{stage.waiting_import}"),
    "cycles.new": Stop(address=lambda cast, stage: f"/cycles/new?project={stage.running}"),
    "cycles.show": Stop(address=lambda cast, stage: f"/cycles/{stage.cycle}"),
    "learn.index": Stop(address=at("/learn?like=1"), node="cedar", also=(at("/learn?q=zebra"),)),
    "learn.show": Stop(address=of_practice, node="mill", also=(of_result,)),
    "share.index": Stop(address=at("/share")),
    "share.roster": Stop(address=at("/share/roster")),
    "share.show": Stop(
        address=lambda cast, stage: f"/share/{stage.draft}",
        also=(lambda cast, stage: f"/share/{cast.schools['harbor'].draft}",),
    ),
    "share.review": Stop(address=lambda cast, stage: f"/share/{stage.draft}/review", who=REVIEWER),
    "share.reword": Stop(
        address=lambda cast, stage: f"/share/{stage.draft}/reword?path={quote(stage.text_to_reword)}", who=REVIEWER
    ),
    "network.join": Stop(address=at("/network/join")),
    "membership.show": Stop(
        node="lakeshore", address=lambda cast, stage: f"/network/memberships/{cast.schools['lakeshore'].membership}"
    ),
    "log.show": Stop(address=at("/log")),
    "network.index": Stop(address=at("/network")),
    "network.found": Stop(address=at("/network/found")),
    "network.invitation": Stop(
        node=COORDINATOR, who=NOBODY, address=lambda cast, stage: f"/net/{cast.network['slug']}/join"
    ),
    "network.applications": of_network("applications"),
    "network.members": of_network("members"),
    "network.member": Stop(
        node=COORDINATOR,
        address=lambda cast, stage: f"/network/{cast.network['id']}/members/{stage.applicant}",
    ),
    "network.invite": of_network("invite"),
    "network.policy": of_network("policy"),
    "network.epochs": of_network("epochs"),
    "network.log": of_network("log"),
}

OPENED_ELSEWHERE = {
    "accounts.setup": "test_school_job.py looks at it on a node that nobody has set up",
    "measures.csv": "a file to download, not a page; test_school_job.py downloads it",
}
