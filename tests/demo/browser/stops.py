"""Every page of a node, and where to see it: who opens which address in the state that the stage leaves."""

from urllib.parse import quote

from nic_node.demo.cast import COORDINATOR
from tests.demo.browser.room_stops import ROOM_STOPS
from tests.demo.browser.stop import NOBODY, REVIEWER, Seen, Stop


def of_network(end: str) -> Stop:
    return Stop(node=COORDINATOR, address=lambda seen: f"/network/{seen.cast.network['id']}/{end}")


def of_membership(end: str) -> Stop:
    return Stop(
        node="lakeshore",
        address=lambda seen: f"/network/memberships/{seen.cast.schools['lakeshore'].membership}{end}",
    )


def public_of_network(end: str) -> Stop:
    return Stop(node=COORDINATOR, who=NOBODY, address=lambda seen: f"/net/{seen.cast.network['slug']}{end}")


def of_practice(seen: Seen) -> str:
    return "/learn/practices/" + quote(seen.cast.schools["harbor"].record, safe="/:")


def of_result(seen: Seen) -> str:
    return "/learn/practices/" + quote(seen.cast.schools["mill"].record, safe="/:")


STOPS: dict[str, Stop] = {
    **ROOM_STOPS,
    "app.api_docs": Stop(address="/api/docs", who=NOBODY),
    "app.help": Stop(address="/help"),
    "accounts.sign_in": Stop(address="/sign-in", who=NOBODY),
    "accounts.invitation": Stop(address=lambda seen: seen.stage.invitation, who=NOBODY),
    "accounts.reset": Stop(address=lambda seen: seen.stage.reset, who=NOBODY),
    "accounts.account": Stop(address="/account"),
    "accounts.people": Stop(address="/people"),
    "accounts.person": Stop(address="/people/2"),
    "accounts.audit": Stop(address="/audit"),
    "accounts.mails": Stop(address="/mail"),
    "accounts.mail": Stop(address="/mail/1"),
    "today.home": Stop(address="/"),
    "today.show": Stop(address="/today"),
    "profile.show": Stop(address="/profile"),
    "plan.show": Stop(address="/plan"),
    "plan.edit": Stop(address="/plan/edit"),
    "plan.new_goal": Stop(address="/plan/goals/new"),
    "plan.goal": Stop(address=lambda seen: f"/plan/goals/{seen.stage.goal}"),
    "plan.support": Stop(address=lambda seen: f"/plan/supports/{seen.stage.support}"),
    "projects.index": Stop(address="/projects"),
    "projects.new": Stop(address="/projects/new"),
    "projects.show": Stop(
        address=lambda seen: f"/projects/{seen.stage.running}",
        also=(lambda seen: f"/projects/{seen.cast.schools['harbor'].project}",),
    ),
    "projects.edit": Stop(address=lambda seen: f"/projects/{seen.stage.running}/edit"),
    "projects.steps": Stop(address=lambda seen: f"/projects/{seen.stage.running}/steps"),
    "projects.close": Stop(address=lambda seen: f"/projects/{seen.stage.running}/close"),
    "projects.extend": Stop(address=lambda seen: f"/projects/{seen.stage.running}/extend"),
    "projects.midway": Stop(address=lambda seen: f"/projects/{seen.stage.running}/midway"),
    "measures.index": Stop(address="/measures"),
    "measures.wall": Stop(address=lambda seen: f"/measures/wall?project={seen.stage.running}"),
    "measures.new": Stop(address="/measures/new"),
    "measures.show": Stop(
        address=lambda seen: f"/measures/{seen.stage.measure}",
        also=(
            lambda seen: f"/measures/{seen.cast.schools['harbor'].measures['outcome']}",
            lambda seen: f"/measures/{seen.stage.measure}?chart=i&rules=ihi",
        ),
    ),
    "measures.edit": Stop(address=lambda seen: f"/measures/{seen.stage.measure}/edit"),
    "measures.links": Stop(address=lambda seen: f"/measures/{seen.stage.measure}/links"),
    "measures.by_link": Stop(address=lambda seen: f"/number/{seen.stage.rooms['measure_link']}", who=NOBODY),
    "measures.limits": Stop(address=lambda seen: f"/measures/{seen.stage.measure}/limits?day=2026-10-19"),
    "measures.add": Stop(address=lambda seen: f"/measures/{seen.stage.measure}/add"),
    "measures.observation": Stop(
        address=lambda seen: f"/measures/{seen.stage.measure}/observations/{seen.stage.observation}"
    ),
    "measures.upload": Stop(address=lambda seen: f"/measures/{seen.stage.measure}/import"),
    "measures.preview": Stop(
        address=lambda seen: f"/measures/{seen.stage.measure}/imports/{seen.stage.waiting_import}"
    ),
    "cycles.new": Stop(address=lambda seen: f"/cycles/new?project={seen.stage.running}"),
    "cycles.show": Stop(address=lambda seen: f"/cycles/{seen.stage.cycle}"),
    "learn.index": Stop(address="/learn?like=1", node="cedar", also=("/learn?q=zebra",)),
    "learn.entry": Stop(address="/learn/research/early-signs", node="cedar"),
    "learn.likeness": Stop(address="/learn/likeness", node="cedar"),
    "learn.theory": Stop(address="/learn/theory", node="cedar"),
    "learn.saved": Stop(address="/learn/saved", node="cedar"),
    "learn.show": Stop(address=of_practice, node="mill", also=(of_result,)),
    "learn.questions": Stop(
        address="/learn/questions",
        also=(lambda seen: f"/learn/questions?about={quote(seen.cast.schools['harbor'].record)}",),
    ),
    "learn.question": Stop(
        address=lambda seen: "/learn/questions/" + quote(seen.cast.question, safe="/:"), node="cedar"
    ),
    "share.ask": Stop(
        address=lambda seen: f"/share/questions/new?about={quote(seen.cast.schools['harbor'].record)}",
        node="mill",
        also=("/share/questions/new?words=breakfast",),
    ),
    "share.answer": Stop(address=lambda seen: f"/share/answers/new?question={quote(seen.cast.question)}"),
    "share.words": Stop(address=lambda seen: f"/share/{seen.stage.note}/words"),
    "share.index": Stop(address="/share"),
    "share.roster": Stop(address="/share/roster"),
    "share.records": Stop(address="/school-records"),
    "share.relays": Stop(address="/share/relays"),
    "share.withdrawals": Stop(address="/share/withdrawals"),
    "share.show": Stop(
        address=lambda seen: f"/share/{seen.stage.draft}",
        also=(lambda seen: f"/share/{seen.cast.schools['harbor'].draft}",),
    ),
    "share.flag": Stop(
        address=lambda seen: of_practice(seen).replace("/learn/practices/", "/share/flags/"), node="mill"
    ),
    "share.directory": Stop(address="/share/directory"),
    "share.incidents": Stop(address="/share/incidents"),
    "share.open_incident": Stop(address=lambda seen: f"/share/{seen.cast.schools['harbor'].draft}/incident"),
    "privacy.show": Stop(address="/privacy"),
    "privacy.release": Stop(address="/privacy/releases/1"),
    "share.withdraw": Stop(address=lambda seen: f"/share/{seen.cast.schools['harbor'].draft}/withdraw"),
    "share.review": Stop(address=lambda seen: f"/share/{seen.stage.draft}/review", who=REVIEWER),
    "share.reword": Stop(
        address=lambda seen: f"/share/{seen.stage.draft}/reword?path={quote(seen.stage.text_to_reword)}", who=REVIEWER
    ),
    "network.join": Stop(address="/network/join"),
    "membership.show": of_membership(""),
    "membership.renewal": of_membership("/renewal"),
    "share.leave": of_membership("/leaving"),
    "network.own_rules": of_membership("/rules"),
    "membership.across": Stop(address="/network/others"),
    "log.show": Stop(address="/log"),
    "network.theory": of_network("theory"),
    "network.syntheses": of_network("syntheses"),
    "network.public_syntheses": public_of_network("/syntheses"),
    "network.index": Stop(address="/network"),
    "network.found": Stop(address="/network/found"),
    "network.invitation": public_of_network("/join"),
    "network.terms": public_of_network(""),
    "network.policy_version": public_of_network("/policy/1"),
    "network.charter_version": public_of_network("/charter/1"),
    "network.directory": of_network("directory"),
    "network.applications": of_network("applications"),
    "network.members": of_network("members"),
    "network.member": Stop(
        node=COORDINATOR,
        address=lambda seen: f"/network/{seen.cast.network['id']}/members/{seen.stage.applicant}",
    ),
    "network.coordinators": of_network("coordinators"),
    "network.due": of_network("due"),
    "network.invite": of_network("invite"),
    "network.invitees": of_network("invitees"),
    "network.invitees_add": of_network("invitees/add"),
    "network.mails": of_network("mail"),
    "network.mail": of_network("mail/1"),
    "network.policy": of_network("policy"),
    "network.above": of_network("above"),
    "operations.status": Stop(address="/node"),
    "membership.keys": Stop(address="/node/keys"),
    "network.keys": of_network("keys"),
    "network.epochs": of_network("epochs"),
    "network.log": of_network("log"),
    "network.moderation": of_network("moderation"),
}

OPENED_ELSEWHERE = {
    "log.fork": "a network whose log forks is no place for the other pages; test_error_pages.py looks at it",
    "membership.appeal": "opens to a revoked school alone; it is the page of membership.renewal with a field more",
    "network.above_renewal": "opens to a network below another one alone; it looks as membership.renewal does",
    "network.above_appeal": "opens to a network that was revoked above alone; it looks as membership.renewal does",
    "accounts.setup": "test_whole_job.py looks at it on a node that nobody has set up",
    "network.directory_preview": "test_every_page.py sends a file to look at",
    "learn.compare": "takes two practices, and the story has one; tests/unit/commons/test_learn_page.py reads it",
    "share.incident": "would take back what later pages show; tests/unit/publishing looks at it",
    "district.show": "test_district.py looks at it, before and after a district is named",
    "schools.index": "opens at a district alone; test_district.py looks at it",
    "schools.show": "opens at a district alone; test_district.py looks at it",
    "measures.csv": "a file to download, not a page; test_whole_job.py downloads it",
    "pulse.slips_csv": "a file to download, not a page; tests/unit/school/test_room_pages.py reads it",
}
