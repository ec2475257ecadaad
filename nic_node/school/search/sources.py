"""What of the school's own work is searched: each text by the page that shows it and the permission that opens it.

Coaching and pulse are not among them: no search says a word of either. Nor are the talks of a project, which are for
the team only; and what others have seen of a practice stays covered until one has rated, as on its page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, CompoundSelect, Date, Select, bindparam, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from nic_node.i18n import N_
from nic_node.school.actions.tables import ActionItem
from nic_node.school.advice.tables import AdviceNote, FollowUp
from nic_node.school.assessment.tables import AssessedPractice, Assessment, PracticeRating
from nic_node.school.causes.tables import Cause, ConsensusCheck, CurrentProcess
from nic_node.school.communication.tables import Message
from nic_node.school.communities.tables import Community, CommunityArtefact, CommunitySession, CommunityTrial
from nic_node.school.cycles.tables import Cycle
from nic_node.school.discussion.tables import Attachment, Comment
from nic_node.school.drivers.tables import Driver
from nic_node.school.handover.tables import HandoverNote
from nic_node.school.measures.tables import Measure, MeasureMark, Observation
from nic_node.school.meetings.tables import Meeting, MeetingDecision, MeetingItem
from nic_node.school.obstacles.tables import Obstacle
from nic_node.school.plan.tables import Goal, GoalSupport, Plan
from nic_node.school.projects.tables import Project, ProjectStep
from nic_node.school.reflection.tables import Reflection, StoppedThing
from nic_node.school.subjects import SUBJECTS
from nic_node.school.visits.tables import LookFor, Visit

KINDS = {
    # id: label, permission
    "plan": (N_("Plan"), "plan.read"),
    "project": (N_("Projects"), "projects.read"),
    "cycle": (N_("Cycles"), "cycles.read"),
    "obstacle": (N_("Obstacles to remove"), "obstacles.read"),
    "measure": (N_("Measures"), "measures.read"),
    "meeting": (N_("Meetings"), "meetings.read"),
    "action": (N_("Action items"), "actions.read"),
    "community": (N_("Learning communities"), "communities.read"),
    "visit": (N_("Classroom visits"), "visits.read"),
    "reflection": (N_("Reflection"), "reflection.read"),
    "message": (N_("Messages"), "communication.read"),
    "assessment": (N_("Self-assessment"), "assessment.read"),
    "handover": (N_("Handover"), "handover.read"),
}

Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Rows of one table.

    Attributes:
        route: of the page that shows it; with `page_id` as its id, or without one.
        title: what a result is called; texts: what else is searched.
        day: orders results, the newest first. where: which rows are there at all.
    """

    kind: str
    route: str
    page_id: Column | None
    title: Column
    texts: Sequence[Column]
    day: Column
    joined: tuple[Any, ColumnElement[bool]] | None = None
    where: ColumnElement[bool] | None = None

    @property
    def has_moments(self) -> bool:
        """Whether `day` is a moment, and not a date."""
        return not isinstance(self.day.type, Date)

    def statement(self, number: int) -> Select[*tuple[Any, ...]]:
        """Rows of (`number`, page id or 0, day, title, title and texts in lines)."""
        table = self.title.class_ if self.joined is None else self.joined[0]
        page_id = literal(0) if self.page_id is None else self.page_id
        whole: ColumnElement[str] = literal("").concat(self.title)
        for text in self.texts:
            whole = whole.concat("\n").concat(text)
        chosen = select(literal(number), page_id, self.day, self.title, whole).select_from(table)
        if self.joined is not None:
            chosen = chosen.join(self.title.class_, self.joined[1])
        return chosen if self.where is None else chosen.where(self.where)


RATER = bindparam("rater", type_=BigInteger())
"""The person who searches, where it is theirs to rate, else None."""
HAS_RATED = Assessment.id.in_(
    select(AssessedPractice.assessment_id)
    .join(PracticeRating, PracticeRating.practice_id == AssessedPractice.id)
    .where(PracticeRating.person_id == RATER)
    .correlate(None)
)
ASSESSMENT_OF_RATING = (
    select(AssessedPractice.assessment_id)
    .where(AssessedPractice.id == PracticeRating.practice_id)
    .correlate(PracticeRating)
    .scalar_subquery()
)

SOURCES: Sequence[Source] = (
    Source(
        kind="plan",
        route="plan.show",
        page_id=None,
        title=Goal.title,
        texts=(Goal.why, Goal.indicator, Goal.despite),
        day=Goal.updated_at,
    ),
    Source(
        kind="plan",
        route="plan.show",
        page_id=None,
        title=Plan.school_year,
        texts=(Plan.vision, Plan.beliefs),
        day=Plan.updated_at,
    ),
    Source(
        kind="plan",
        route="plan.show",
        page_id=None,
        title=Goal.title,
        texts=(GoalSupport.what, GoalSupport.how_much),
        day=GoalSupport.updated_at,
        joined=(GoalSupport, GoalSupport.goal_id == Goal.id),
    ),
    Source(
        kind="obstacle",
        route="obstacles.index",
        page_id=None,
        title=Obstacle.what,
        texts=(Obstacle.asks, Obstacle.answer_note),
        day=Obstacle.since,
    ),
    Source(
        kind="project",
        route="projects.show",
        page_id=Project.id,
        title=Project.title,
        texts=(
            Project.problem_label,
            Project.problem_statement,
            Project.aim_text,
            Project.idea_label,
            Project.idea_summary,
            Project.conditions,
            Project.midway_note,
            Project.extended_because,
            Project.closed_early_because,
            Project.worked,
            Project.would_change,
            Project.watch_out,
        ),
        day=Project.starts_on,
    ),
    *(
        Source(
            kind="project",
            route=route,
            page_id=Project.id,
            title=Project.title,
            texts=texts,
            day=Project.starts_on,
            joined=(texts[0].class_, texts[0].class_.project_id == Project.id),
        )
        for route, texts in (
            ("projects.show", (ProjectStep.does,)),
            ("projects.show", (AdviceNote.note,)),
            ("projects.show", (FollowUp.note,)),
            ("causes.show", (Cause.text,)),
            ("causes.show", (CurrentProcess.steps,)),
            ("causes.show", (ConsensusCheck.question, ConsensusCheck.heard)),
            ("drivers.show", (Driver.text, Driver.because)),
        )
    ),
    Source(
        kind="cycle",
        route="cycles.show",
        page_id=Cycle.id,
        title=Cycle.question,
        texts=(
            *(Cycle.prediction, Cycle.did, Cycle.studied, Cycle.differed, Cycle.next_step, Cycle.scale),
            *(Cycle.scan, Cycle.focus, Cycle.hunch, Cycle.learning, Cycle.action, Cycle.check),
        ),
        day=Cycle.starts_on,
    ),
    Source(
        kind="measure",
        route="measures.show",
        page_id=Measure.id,
        title=Measure.name,
        texts=(Measure.definition, Measure.group_name, Measure.label),
        day=Measure.updated_at,
    ),
    *(
        Source(
            kind="measure",
            route="measures.show",
            page_id=Measure.id,
            title=Measure.name,
            texts=texts,
            day=day,
            joined=(day.class_, day.class_.measure_id == Measure.id),
            where=where,
        )
        for texts, day, where in (
            (
                (Observation.note, Observation.excluded_because),
                Observation.period,
                (Observation.note != "") | (Observation.excluded_because != ""),
            ),
            ((MeasureMark.because,), MeasureMark.day, None),
        )
    ),
    Source(
        kind="meeting",
        route="meetings.show",
        page_id=Meeting.id,
        title=Meeting.title,
        texts=(Meeting.purpose, Meeting.focus, Meeting.closing),
        day=Meeting.held_on,
    ),
    Source(
        kind="meeting",
        route="meetings.show",
        page_id=Meeting.id,
        title=Meeting.title,
        texts=(MeetingItem.text, MeetingItem.topic, MeetingItem.notes, MeetingItem.waits_because),
        day=Meeting.held_on,
        joined=(MeetingItem, MeetingItem.meeting_id == Meeting.id),
        where=MeetingItem.removed_at.is_(None),
    ),
    Source(
        kind="meeting",
        route="meetings.show",
        page_id=Meeting.id,
        title=Meeting.title,
        texts=(MeetingDecision.text,),
        day=Meeting.held_on,
        joined=(MeetingDecision, MeetingDecision.meeting_id == Meeting.id),
        where=MeetingDecision.removed_at.is_(None),
    ),
    Source(
        kind="action",
        route="actions.index",
        page_id=None,
        title=ActionItem.text,
        texts=(),
        day=ActionItem.updated_at,
    ),
    Source(
        kind="community",
        route="communities.show",
        page_id=Community.id,
        title=Community.name,
        texts=(Community.focus,),
        day=Community.updated_at,
    ),
    *(
        Source(
            kind="community",
            route="communities.show",
            page_id=Community.id,
            title=Community.name,
            texts=(text,),
            day=day,
            joined=(text.class_, text.class_.community_id == Community.id),
        )
        for text, day in (
            (CommunitySession.notes, CommunitySession.held_on),
            (CommunityArtefact.title, CommunityArtefact.updated_at),
            (CommunityTrial.idea, CommunityTrial.updated_at),
        )
    ),
    Source(
        kind="visit",
        route="visits.show",
        page_id=Project.id,
        title=Project.title,
        texts=(Visit.place, Visit.note),
        day=Visit.visited_on,
        joined=(Visit, Visit.project_id == Project.id),
        where=Visit.removed_at.is_(None),
    ),
    Source(
        kind="visit",
        route="visits.show",
        page_id=Project.id,
        title=Project.title,
        texts=(LookFor.text,),
        day=Project.starts_on,
        joined=(LookFor, LookFor.project_id == Project.id),
        where=LookFor.is_retired.is_(False),
    ),
    Source(
        kind="reflection",
        route="reflection.index",
        page_id=None,
        title=Reflection.works,
        texts=(Reflection.off_table, Reflection.better, Reflection.evidence),
        day=Reflection.held_on,
    ),
    Source(
        kind="reflection",
        route="reflection.index",
        page_id=None,
        title=StoppedThing.text,
        texts=(),
        day=StoppedThing.stopped_on,
        where=StoppedThing.removed_at.is_(None),
    ),
    Source(
        kind="message",
        route="communication.show",
        page_id=Message.id,
        title=Message.title,
        texts=(Message.body,),
        day=Message.written_on,
    ),
    Source(
        kind="assessment",
        route="assessment.show",
        page_id=Assessment.id,
        title=Assessment.title,
        texts=(
            Assessment.vision,
            Assessment.priorities,
            Assessment.leverage,
            Assessment.short_steps,
            Assessment.monitoring,
        ),
        day=Assessment.held_on,
    ),
    Source(
        kind="assessment",
        route="assessment.show",
        page_id=Assessment.id,
        title=Assessment.title,
        texts=(AssessedPractice.text,),
        day=Assessment.held_on,
        joined=(AssessedPractice, AssessedPractice.assessment_id == Assessment.id),
    ),
    Source(
        kind="assessment",
        route="assessment.show",
        page_id=Assessment.id,
        title=Assessment.title,
        texts=(PracticeRating.evidence,),
        day=Assessment.held_on,
        joined=(PracticeRating, Assessment.id == ASSESSMENT_OF_RATING),
        where=(PracticeRating.evidence != "") & (RATER.is_(None) | HAS_RATED),
    ),
    Source(
        kind="handover",
        route="handover.show",
        page_id=None,
        title=HandoverNote.school_year,
        texts=(HandoverNote.note,),
        day=HandoverNote.updated_at,
    ),
    *(
        Source(
            kind=kind,
            route=subject.route,
            page_id=subject.table.id,
            title=subject.title,
            texts=(text,),
            day=text.class_.created_at,
            joined=(text.class_, (text.class_.subject_id == subject.table.id) & (text.class_.subject_kind == kind)),
        )
        for kind, subject in SUBJECTS.items()
        for text in (Comment.text, Attachment.name)
    ),
)


@cache
def statements_of(kinds: frozenset[str]) -> Sequence[CompoundSelect[Any]]:
    """All texts of these kinds in two statements: a day is a date in one, a moment in the other."""
    found: dict[bool, list[Select[*tuple[Any, ...]]]] = {}
    for number, source in enumerate(SOURCES):
        if source.kind in kinds:
            found.setdefault(source.has_moments, []).append(source.statement(number))
    return [union_all(*some) for some in found.values()]
