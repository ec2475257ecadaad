"""What can be removed as a whole: with what goes along, and what keeps it here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from nic_node.db.base import Base
from nic_node.i18n import N_
from nic_node.school.actions.tables import ActionItem
from nic_node.school.advice.tables import AdviceNote, FollowUp
from nic_node.school.assessment.tables import AssessedPractice, Assessment, PracticeRating
from nic_node.school.causes.tables import Cause, ConsensusCheck, CurrentProcess, Talk
from nic_node.school.communication.tables import Message
from nic_node.school.communities.tables import (
    Community,
    CommunityArtefact,
    CommunityMember,
    CommunitySession,
    CommunityTrial,
)
from nic_node.school.cycles.tables import Cycle
from nic_node.school.discussion.tables import Attachment, Comment
from nic_node.school.drivers.tables import Driver, DriverVersion
from nic_node.school.meetings.tables import Meeting, MeetingDecision, MeetingItem, MeetingPerson
from nic_node.school.obstacles.tables import Obstacle
from nic_node.school.plan.tables import Goal, GoalSupport
from nic_node.school.projects.tables import Project, ProjectStep
from nic_node.school.reflection.tables import Reflection, StoppedThing
from nic_node.school.returns.tables import ProjectBudget, ProjectInput
from nic_node.school.team.tables import Term
from nic_node.school.visits.tables import LookFor, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Removable:
    """One kind of row.

    Attributes:
        permit: who may remove it and put it back. parts: tables whose rows go along.
        back: the route to go to then; with the id in `back_id`, if that is given.
    """

    label: str
    table: type[Any]
    title: InstrumentedAttribute[Any]
    permit: str
    back: str
    back_id: InstrumentedAttribute[Any] | None = None
    parts: frozenset[type[Base]] = field(default_factory=frozenset)


REMOVABLE: dict[str, Removable] = {
    "goal": Removable(
        label=N_("Goal"),
        table=Goal,
        title=Goal.title,
        permit="plan.write",
        back="plan.show",
        parts=frozenset({GoalSupport, Obstacle}),
    ),
    "support": Removable(
        label=N_("Support of a goal"),
        table=GoalSupport,
        title=GoalSupport.what,
        permit="plan.write",
        back="plan.goal",
        back_id=GoalSupport.goal_id,
    ),
    "project": Removable(
        label=N_("Project"),
        table=Project,
        title=Project.title,
        permit="projects.write",
        back="projects.index",
        parts=frozenset(
            {
                ProjectStep,
                AdviceNote,
                FollowUp,
                ProjectBudget,
                LookFor,
                Cause,
                CurrentProcess,
                ConsensusCheck,
                Driver,
                DriverVersion,
                Obstacle,
            }
        ),
    ),
    "obstacle": Removable(
        label=N_("Obstacle"),
        table=Obstacle,
        title=Obstacle.what,
        permit="obstacles.write",
        back="obstacles.index",
    ),
    "cause": Removable(
        label=N_("Cause"),
        table=Cause,
        title=Cause.text,
        permit="projects.write",
        back="causes.show",
        back_id=Cause.project_id,
    ),
    "talk": Removable(
        label=N_("Talk"),
        table=Talk,
        title=Talk.with_whom,
        permit="talks.read",
        back="causes.show",
        back_id=Talk.project_id,
    ),
    "driver": Removable(
        label=N_("Driver"),
        table=Driver,
        title=Driver.text,
        permit="projects.write",
        back="drivers.show",
        back_id=Driver.project_id,
    ),
    "cycle": Removable(
        label=N_("Cycle"),
        table=Cycle,
        title=Cycle.question,
        permit="cycles.write",
        back="projects.show",
        back_id=Cycle.project_id,
    ),
    "meeting": Removable(
        label=N_("Meeting"),
        table=Meeting,
        title=Meeting.title,
        permit="meetings.write",
        back="meetings.index",
        parts=frozenset({MeetingItem, MeetingDecision, MeetingPerson}),
    ),
    "action": Removable(
        label=N_("Action item"), table=ActionItem, title=ActionItem.text, permit="actions.write", back="actions.index"
    ),
    "community": Removable(
        label=N_("Learning community"),
        table=Community,
        title=Community.name,
        permit="communities.write",
        back="communities.index",
        parts=frozenset({CommunityMember, CommunitySession, CommunityArtefact, CommunityTrial}),
    ),
    "session": Removable(
        label=N_("Session"),
        table=CommunitySession,
        title=CommunitySession.notes,
        back_id=CommunitySession.community_id,
        permit="communities.write",
        back="communities.show",
    ),
    "artefact": Removable(
        label=N_("Something made"),
        table=CommunityArtefact,
        title=CommunityArtefact.title,
        back_id=CommunityArtefact.community_id,
        permit="communities.write",
        back="communities.show",
    ),
    "idea": Removable(
        label=N_("Idea"),
        table=CommunityTrial,
        title=CommunityTrial.idea,
        back_id=CommunityTrial.community_id,
        permit="communities.write",
        back="communities.show",
    ),
    "assessment": Removable(
        label=N_("Self-assessment"),
        table=Assessment,
        title=Assessment.title,
        permit="assessment.write",
        back="assessment.index",
        parts=frozenset({AssessedPractice, PracticeRating}),
    ),
    "reflection": Removable(
        label=N_("Reflection"),
        table=Reflection,
        title=Reflection.works,
        permit="reflection.write",
        back="reflection.index",
    ),
    "message": Removable(
        label=N_("Message"),
        table=Message,
        title=Message.title,
        permit="communication.write",
        back="communication.index",
    ),
    "term": Removable(
        label=N_("Term"),
        table=Term,
        title=Term.title,
        permit="team.write",
        back="team.show",
        parts=frozenset({Term}),
    ),
    "comment": Removable(
        label=N_("Comment"), table=Comment, title=Comment.text, permit="discussion.write", back="today.show"
    ),
    "attachment": Removable(
        label=N_("File"), table=Attachment, title=Attachment.name, permit="discussion.write", back="today.show"
    ),
}

PUT_BACK_ONLY = {
    # removed by a form of their own room; kind: label, permission
    "measure": (N_("Measure"), "measures.write"),
    "observation": (N_("Number"), "measures.write"),
    "mark": (N_("Limits of the chart"), "measures.write"),
    "step": (N_("Steps of a project"), "projects.write"),
    "day-off": (N_("Days off"), "team.write"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOff:
    """What its own room keeps, marked as removed. `event` begins the audit log's words; `back` names the restore."""

    label: str
    table: type[Any]
    title: InstrumentedAttribute[Any]
    permit: str
    event: str
    back: str


TAKEN_OFF: Sequence[TakenOff] = (
    TakenOff(
        label=N_("Item of an agenda"),
        table=MeetingItem,
        title=MeetingItem.text,
        permit="meetings.write",
        event="item",
        back="meetings.item_act",
    ),
    TakenOff(
        label=N_("Decision"),
        table=MeetingDecision,
        title=MeetingDecision.text,
        permit="meetings.write",
        event="decision",
        back="meetings.decision",
    ),
    TakenOff(
        label=N_("Classroom visit"),
        table=Visit,
        title=Visit.place,
        permit="visits.write",
        event="visit",
        back="visits.act",
    ),
    TakenOff(
        label=N_("Hours and money"),
        table=ProjectInput,
        title=ProjectInput.what,
        permit="projects.write",
        event="input",
        back="returns.input_act",
    ),
    TakenOff(
        label=N_("Of the stop-list"),
        table=StoppedThing,
        title=StoppedThing.text,
        permit="reflection.write",
        event="stop",
        back="reflection.stop_act",
    ),
)
