"""Who may do what: one table. A route names a permission; a person has those of all their roles."""

from collections.abc import Iterable
from dataclasses import dataclass

from nic_node.i18n import N_

ADMINISTRATOR = "administrator"
PRINCIPAL = "principal"
ILT_MEMBER = "ilt-member"
COACH = "coach"
TEACHER = "teacher"
REVIEWER = "reviewer"
PRIVACY_OFFICER = "privacy-officer"
READER = "reader"


@dataclass(frozen=True, slots=True)
class Role:
    id: str
    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Permission:
    name: str
    says: str
    roles: frozenset[str]


ROLES: dict[str, Role] = {
    role.id: role
    for role in (
        Role(ADMINISTRATOR, N_("Administrator"), N_("Accounts and this node")),
        Role(PRINCIPAL, N_("Principal"), N_("The plan, the projects, and what is shared")),
        Role(ILT_MEMBER, N_("Leadership team member"), N_("The plan, the projects, and drafts to share")),
        Role(COACH, N_("Coach"), N_("Projects, measures, cycles, and drafts to share")),
        Role(TEACHER, N_("Teacher"), N_("Measures and inquiry cycles")),
        Role(REVIEWER, N_("Reviewer"), N_("Checks what would leave the school before it does")),
        Role(
            PRIVACY_OFFICER,
            N_("Privacy officer"),
            N_("Reads what leaves, what left and who let it, incidents and the audit log; changes nothing"),
        ),
        Role(READER, N_("Reader"), N_("Reads the school's work; changes nothing")),
    )
}

EVERYBODY = frozenset(ROLES)
NOBODY: frozenset[str] = frozenset()


def _row(name: str, says: str, roles: Iterable[str]) -> Permission:
    return Permission(name, says, frozenset(roles))


PERMISSIONS: dict[str, Permission] = {
    permission.name: permission
    for permission in (
        _row("school.read", N_("See the school's profile"), EVERYBODY),
        _row("school.write", N_("Change the school's profile"), (ADMINISTRATOR, PRINCIPAL)),
        _row("plan.read", N_("See the plan"), EVERYBODY),
        _row("plan.write", N_("Change the plan"), (PRINCIPAL, ILT_MEMBER)),
        _row("projects.read", N_("See projects"), EVERYBODY),
        _row("projects.write", N_("Start, change and close projects"), (PRINCIPAL, ILT_MEMBER, COACH)),
        _row("obstacles.read", N_("See obstacles that only the district can remove"), EVERYBODY),
        _row("obstacles.write", N_("Write obstacles, and say that they are removed"), (PRINCIPAL, ILT_MEMBER, COACH)),
        _row("talks.read", N_("Keep and read what people told the team"), (PRINCIPAL, ILT_MEMBER, COACH)),
        _row("measures.read", N_("See measures"), EVERYBODY),
        _row("measures.write", N_("Enter and import measures"), (PRINCIPAL, ILT_MEMBER, COACH, TEACHER)),
        _row("cycles.read", N_("See inquiry cycles"), EVERYBODY),
        _row("cycles.write", N_("Record inquiry cycles"), (PRINCIPAL, ILT_MEMBER, COACH, TEACHER)),
        _row("visits.read", N_("See what classroom visits saw"), EVERYBODY),
        _row("visits.write", N_("Record classroom visits"), (PRINCIPAL, ILT_MEMBER, COACH, TEACHER)),
        _row("communities.read", N_("See learning communities"), EVERYBODY),
        _row("communities.write", N_("Take part in learning communities"), (PRINCIPAL, ILT_MEMBER, COACH, TEACHER)),
        _row(
            "coaching.own",
            N_("Coach or be coached; nobody reads a pair's coaching but the pair"),
            (PRINCIPAL, ILT_MEMBER, COACH, TEACHER),
        ),
        _row("coaching.count", N_("See how many educators are coached, from three on"), (PRINCIPAL, ILT_MEMBER)),
        _row("pulse.read", N_("Answer staff surveys, and see what may be told of results"), EVERYBODY),
        _row("pulse.write", N_("Open and close pulse surveys"), (PRINCIPAL, ILT_MEMBER)),
        _row("reflection.read", N_("See reflections and the stop-list"), EVERYBODY),
        _row("reflection.write", N_("Write reflections, keep the stop-list"), (PRINCIPAL, ILT_MEMBER, COACH)),
        _row("return.read", N_("See what projects took and moved"), EVERYBODY),
        _row("return.write", N_("Count who stayed"), (ADMINISTRATOR, PRINCIPAL)),
        _row("handover.read", N_("Read the handover"), (ADMINISTRATOR, PRINCIPAL, ILT_MEMBER, COACH)),
        _row("handover.write", N_("Write the handover"), (PRINCIPAL, ILT_MEMBER)),
        _row("communication.read", N_("Read messages"), EVERYBODY),
        _row("communication.write", N_("Write and send messages"), (PRINCIPAL, ILT_MEMBER)),
        _row("meetings.read", N_("See meetings and their minutes"), EVERYBODY),
        _row("meetings.write", N_("Plan and hold meetings, and send minutes"), (PRINCIPAL, ILT_MEMBER, COACH)),
        _row("discussion.read", N_("Read comments and files beside the work"), EVERYBODY),
        _row("discussion.write", N_("Comment and attach files"), (PRINCIPAL, ILT_MEMBER, COACH, TEACHER)),
        _row(
            "bin.read",
            N_("See what was removed within 30 days, and put back what one may remove"),
            (PRINCIPAL, ILT_MEMBER, COACH, TEACHER),
        ),
        _row("team.read", N_("See the leadership team and the school's calendar"), EVERYBODY),
        _row("team.write", N_("Put the leadership team together, keep norms and calendar"), (PRINCIPAL, ILT_MEMBER)),
        _row("assessment.read", N_("See self-assessments"), EVERYBODY),
        _row("assessment.write", N_("Begin a self-assessment and rate"), (PRINCIPAL, ILT_MEMBER, COACH)),
        _row("actions.read", N_("See action items"), EVERYBODY),
        _row("actions.write", N_("Add and settle action items"), (PRINCIPAL, ILT_MEMBER, COACH, TEACHER)),
        _row(
            "share.read",
            N_("See what is drafted, reviewed and shared"),
            (PRINCIPAL, ILT_MEMBER, COACH, REVIEWER, PRIVACY_OFFICER),
        ),
        _row("share.draft", N_("Draft, send and withdraw what is shared"), (PRINCIPAL, ILT_MEMBER, COACH)),
        _row("share.review", N_("Review a draft and sign or refuse it"), (PRINCIPAL, REVIEWER)),
        _row("district.read", N_("See what the district sees"), (ADMINISTRATOR, PRINCIPAL, PRIVACY_OFFICER)),
        _row("district.share", N_("Name the district and choose what it sees"), (ADMINISTRATOR, PRINCIPAL)),
        _row("schools.read", N_("At a district: see what schools share"), (ADMINISTRATOR, PRINCIPAL, ILT_MEMBER)),
        _row("schools.write", N_("At a district: answer its schools"), (ADMINISTRATOR, PRINCIPAL, ILT_MEMBER)),
        _row(
            "privacy.read",
            N_("See everything that left, who approved it and why, the log of decisions, and pages that are kept"),
            (PRINCIPAL, PRIVACY_OFFICER),
        ),
        _row("practices.read", N_("Search and read what other schools shared"), EVERYBODY),
        _row("practices.adopt", N_("Start another school's practice here"), (PRINCIPAL, ILT_MEMBER, COACH)),
        _row("node.operate", N_("Look after this node: its status and its keys"), (ADMINISTRATOR,)),
        _row("people.read", N_("See people and their roles"), (ADMINISTRATOR, PRINCIPAL, PRIVACY_OFFICER)),
        _row("people.manage", N_("Invite people and change their roles"), (ADMINISTRATOR,)),
        _row("mail.manage", N_("Read outgoing e-mail and send it again"), (ADMINISTRATOR,)),
        _row("audit.read", N_("Read the audit log"), (ADMINISTRATOR, PRINCIPAL, PRIVACY_OFFICER)),
        _row(
            "log.read",
            N_("See the network's log and what was refused"),
            (ADMINISTRATOR, PRINCIPAL, REVIEWER, PRIVACY_OFFICER),
        ),
        _row(
            "network.read",
            N_("See the school's memberships"),
            (ADMINISTRATOR, PRINCIPAL, ILT_MEMBER, REVIEWER, PRIVACY_OFFICER),
        ),
        _row("network.join", N_("Apply to a network and leave it"), (ADMINISTRATOR, PRINCIPAL)),
        _row("network.found", N_("Found a network on this node"), (ADMINISTRATOR,)),
        # A coordinator belongs to a network, not to the school: `accounts.who` is told of this one.
        _row("network.coordinate", N_("Coordinate a network"), NOBODY),
    )
}


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """What these roles allow together."""
    held = frozenset(roles)
    return frozenset(name for name, permission in PERMISSIONS.items() if permission.roles & held)
