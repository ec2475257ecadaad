"""A plan that was written elsewhere: pasted as a table or brought as a file, read into a preview, then kept whole."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.people import people_of
from nic_node.errors import InvalidInput
from nic_node.i18n import N_, too_long
from nic_node.school.actions.tables import ActionItem
from nic_node.school.actions.write import add_action
from nic_node.school.editing import far_off
from nic_node.school.measures.file_rows import read_date
from nic_node.school.measures.sheets import read_sheet
from nic_node.school.plan.goals import MOST_ACTIVE, active_goals, add_goal, plan_of_year
from nic_node.school.plan.supports import add_support
from nic_node.school.plan.tables import Goal, GoalSupport

PASTE_BYTES: Final = 256 * 1024
MOST_ROWS: Final = 100
KINDS: Final[Mapping[str, str]] = {
    "two-year": N_("Goal for two years"),
    "annual": N_("Goal for this year"),
    "half-year": N_("Goal for this half-year"),
    "resting": N_("Goal that rests for now"),
    "step": N_("Step of the goal above"),
    "development": N_("Support: professional development"),
    "coaching": N_("Support: coaching"),
    "money": N_("Support: money"),
    "time": N_("Support: time"),
    "skip": N_("Leave it out"),
}
COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "goal": frozenset({"goal", "goals", "objective", "priority", "meta", "objetivo"}),
    "step": frozenset(
        {"step", "steps", "action", "action step", "action steps", "activity", "strategy", "task", "paso"}
    ),
    "owner": frozenset({"owner", "responsible", "person responsible", "lead", "who", "responsable"}),
    "due": frozenset({"due", "due date", "by", "by when", "date", "deadline", "end", "end date", "timeline", "fecha"}),
    "indicator": frozenset({"indicator", "leading indicator", "measure", "evidence", "metric"}),
    "baseline": frozenset({"baseline", "from", "current", "start"}),
    "target": frozenset({"target", "to"}),
    "horizon": frozenset({"horizon", "term", "for"}),
    "why": frozenset({"why", "reason", "rationale", "need"}),
    "development": frozenset({"professional development", "pd", "training", "professional learning", "capacitación"}),
    "coaching": frozenset({"coaching", "coach", "acompañamiento"}),
    "money": frozenset({"money", "budget", "cost", "costs", "funding", "funding source", "dinero", "presupuesto"}),
    "time": frozenset({"time", "time given", "release time", "tiempo"}),
    "support": frozenset({"support", "supports", "resource", "resources", "resources needed", "apoyo", "recursos"}),
    "how_much": frozenset({"how much", "amount", "hours", "cuánto"}),
}
SUPPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "money": ("$", "title i", "budget", "fund", "grant"),
    "coaching": ("coach",),
    "development": ("training", "workshop", "professional", "course", "conference"),
    "time": ("time", "hour", "minute", "period", "substitute"),
}
"""Kind of support -> words by which a column of 'resources' shows it; the first that fits, money where none does."""
HORIZONS: Final = frozenset({"two-year", "annual", "half-year"})
LONGEST: Final = {"text": 200, "indicator": 300, "baseline": 60, "target": 60, "why": 2000, "how_much": 60}
LONGEST_STEP: Final = 300
NO_COLUMNS: Final = N_("The first line must name the columns: goal, step, owner, due. Only goal or step is needed.")
TOO_MANY: Final = "These are {count} rows. Bring the part that is planned, up to {most}."
NO_DATE: Final = "“{cell}” is no date that can be read; it was left out."
NOBODY: Final = "Nobody here is called “{cell}”; it has no owner yet."
NO_GOAL_YET: Final = N_("A step belongs under a goal. Put a goal above it, or make this one a goal.")
BEYOND_THREE: Final = N_("More than three goals at a time get no attention: this one rests, unless you choose another.")
WHICH_RESTS: Final = "With this one {count} goals are active, and more than three get no attention. Which one rests?"
NO_GOAL_TO_SUPPORT: Final = N_("A support belongs under a goal. Put a goal above it, or leave this one out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A goal, or a step or a support under the goal before it.

    Attributes:
        kind: one of KINDS. due: of a support its last day.
        remark: what could not be read, for whoever looks at the preview.
    """

    kind: str
    text: str
    owner_id: int | None = None
    due: date | None = None
    indicator: str = ""
    baseline: str = ""
    target: str = ""
    why: str = ""
    how_much: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlan:
    """How many came in, and how many rest or were `there_already`, and so were left alone."""

    goals: int
    resting: int
    steps: int
    supports: int
    there_already: int


def read_plan_table(content: bytes, people: Mapping[int, str]) -> list[PlanRow]:
    """CSV, XLSX, cells from a spreadsheet, or a table with bars, as text in UTF-8.

    Raises:
        InvalidInput: field 'file'; what it is not, and what to do.
    """
    sheet = read_sheet(_without_bars(content))
    found = _columns(sheet.header)
    if not {"goal", "step"} & found.keys():
        raise InvalidInput({"file": [NO_COLUMNS]})
    rows: list[PlanRow] = []
    last = ""
    for _line, cells in sheet.rows():
        said = {name: " ".join(cells[column].split()) for name, column in found.items()}
        # Who fills a table repeats what a goal gets in the line of each step.
        for row in _rows_of(said, last, people):
            if not (row.kind in SUPPORTS and _is_in(row, rows)):
                rows.append(row)
        last = said.get("goal") or last
        if len(rows) > MOST_ROWS:
            count = sum(1 for _ in sheet.rows())
            raise InvalidInput({"file": [TOO_MANY.format(count=count, most=MOST_ROWS)]})
    if not rows:
        raise InvalidInput({"file": [NO_COLUMNS]})
    return rows


def let_rest(rows: Sequence[PlanRow], running: int) -> list[PlanRow]:
    """Rows as they are proposed where so many goals run already: those beyond three rest, to be changed by a person."""
    proposed = []
    for row in rows:
        is_one_more = row.kind in HORIZONS and row.kind != "two-year"
        if is_one_more and running >= MOST_ACTIVE:
            remark = " ".join(filter(None, (row.remark, BEYOND_THREE)))
            proposed.append(replace(row, kind="resting", remark=remark))
            continue
        running += is_one_more
        proposed.append(row)
    return proposed


async def keep_plan_rows(
    session: AsyncSession, *, actor: Actor, school_year: str, rows: Sequence[PlanRow], today: date, now: datetime
) -> KeptPlan:
    """Goals into the year's plan, their supports beside them, steps as action items; all of it or nothing.

    A fourth active goal asks which one rests. What stands in the plan already, word for word, is left alone.

    Raises:
        InvalidInput: 'rows.N' with a sentence for the N-th row, from 0.
    """
    rows = [row for row in rows if row.kind != "skip"]
    _verify(rows, today)
    plan = await plan_of_year(session, school_year)
    goals = {goal.title.casefold(): goal for goal in (plan.goals if plan else ())}
    _verify_three(rows, set(goals), len(await active_goals(session)))
    counted = dict.fromkeys(("goals", "resting", "steps", "supports", "there_already"), 0)
    under: Goal | None = None
    for row in rows:
        if row.kind == "step" or row.kind in SUPPORTS:
            assert under is not None
            keep, counter = (_keep_step, "steps") if row.kind == "step" else (_keep_support, "supports")
            is_new = await keep(session, actor, under, row, today, now)
            counted[counter if is_new else "there_already"] += 1
            continue
        known = goals.get(row.text.casefold())
        if known is not None:
            under, counted["there_already"] = known, counted["there_already"] + 1
            continue
        state = _state_of(row, goals.values())
        values = {"title": row.text, "owner_id": row.owner_id, "due": row.due, "why": row.why}
        values |= {"indicator": row.indicator, "baseline": row.baseline, "target": row.target}
        horizon = "annual" if row.kind == "resting" else row.kind
        under = await add_goal(
            session,
            actor=actor,
            school_year=school_year,
            horizon=horizon,
            values=values,
            now=now,
            today=today,
            state=state,
        )
        goals[row.text.casefold()] = under
        counted["goals"] += 1
        counted["resting"] += state == "resting"
    return KeptPlan(**counted)


async def names_here(session: AsyncSession) -> dict[int, str]:
    """Who may own a goal or a step."""
    return {person.id: person.name for person in await people_of(session)}


def _state_of(row: PlanRow, goals: Any) -> str:
    is_second = row.kind == "two-year" and any(one.horizon == "two-year" and one.state == "active" for one in goals)
    return "resting" if row.kind == "resting" or is_second else "active"


async def _keep_step(session: AsyncSession, actor: Actor, goal: Goal, row: PlanRow, today: date, now: datetime) -> bool:
    """Whether it was new."""
    alike = select(ActionItem.id).where(ActionItem.goal_id == goal.id, ActionItem.text == row.text).limit(1)
    if await session.scalar(alike) is not None:
        return False
    values = {"text": row.text, "owner_id": row.owner_id, "due": row.due, "goal_id": goal.id}
    await add_action(session, actor=actor, values=values, today=today, now=now)
    return True


async def _keep_support(
    session: AsyncSession, actor: Actor, goal: Goal, row: PlanRow, today: date, now: datetime
) -> bool:
    """Whether it was new."""
    alike = select(GoalSupport.id).where(
        GoalSupport.goal_id == goal.id, GoalSupport.kind == row.kind, GoalSupport.what == row.text.strip()
    )
    if await session.scalar(alike.limit(1)) is not None:
        return False
    values = {"kind": row.kind, "what": row.text, "how_much": row.how_much, "ends_on": row.due}
    await add_support(session, actor=actor, goal_id=goal.id, values=values, today=today, now=now)
    return True


def _verify_three(rows: Sequence[PlanRow], known: AbstractSet[str], running: int) -> None:
    """Raises InvalidInput at each goal that would be active beside three others."""
    said = {}
    for at, row in enumerate(rows):
        if row.kind in HORIZONS and row.kind != "two-year" and row.text.casefold() not in known:
            running += 1
            if running > MOST_ACTIVE:
                said[f"rows.{at}"] = [WHICH_RESTS.format(count=running)]
    if said:
        raise InvalidInput(said)


def _verify(rows: Sequence[PlanRow], today: date) -> None:
    said: dict[str, list[str]] = {}
    has_goal = False
    for at, row in enumerate(rows):
        is_step, is_support = row.kind == "step", row.kind in SUPPORTS
        has_goal = has_goal or not (is_step or is_support)
        wrong = far_off(row.due, today)
        if row.kind not in KINDS:
            wrong = N_("Choose what this row is.")
        elif not row.text.strip():
            wrong = N_("Write what is to be done.") if is_step else N_("Say in a few words what it is.")
        elif len(row.text) > (LONGEST_STEP if is_step else LONGEST["text"]):
            wrong = too_long(LONGEST_STEP if is_step else LONGEST["text"])
        elif not has_goal:
            wrong = NO_GOAL_YET if is_step else NO_GOAL_TO_SUPPORT
        if wrong:
            said[f"rows.{at}"] = [wrong]
    if not rows:
        said["rows"] = [N_("Everything is left out, so there is nothing to keep.")]
    if said:
        raise InvalidInput(said)


def _without_bars(content: bytes) -> bytes:
    """A table as wikis and chats write it, with bars, as one with tabs."""
    if not content.lstrip().startswith(b"|"):
        return content
    lines = (line.strip() for line in content.split(b"\n"))
    cells = [line.strip(b"|").split(b"|") for line in lines if line.startswith(b"|") and line.strip(b"|-: \r")]
    return b"\n".join(b"\t".join(cell.strip() for cell in row) for row in cells)


def _columns(header: Sequence[str]) -> dict[str, str]:
    """What is known -> the column that holds it."""
    plain = {name: " ".join(name.casefold().replace("_", " ").split()) for name in header}
    found = ((what, name) for what, names in COLUMNS.items() for name, known in plain.items() if known in names)
    return dict(reversed(list(found)))


def _rows_of(said: Mapping[str, str], last: str, people: Mapping[int, str]) -> Iterator[PlanRow]:
    """A goal where a new one begins, a step where there is one, which then has owner and date, and its supports."""
    goal, step = said.get("goal", ""), said.get("step", "")
    owner_id, no_owner = _owner(said.get("owner", ""), people)
    due, no_date = _due(said.get("due", ""))
    who_and_when: dict[str, Any] = {
        "owner_id": owner_id,
        "due": due,
        "remark": " ".join(filter(None, (no_owner, no_date))),
    }
    if goal and goal != last:
        words: dict[str, Any] = {
            name: said.get(name, "")[: LONGEST[name]] for name in ("indicator", "baseline", "target", "why")
        }
        yield PlanRow(kind=_horizon(said.get("horizon", "")), text=goal, **words, **({} if step else who_and_when))
    if step:
        yield PlanRow(kind="step", text=step, **who_and_when)
    yield from _supports(said, None if goal or step else due)


def _supports(said: Mapping[str, str], until: date | None) -> Iterator[PlanRow]:
    """What the row's goal gets; of several in one row 'how much' is said of the one that it fits, else of the first."""
    named = {kind: said[kind] for kind in SUPPORTS if said.get(kind)}
    given = [*named.items(), *((_kind_of_support(what), what) for what in (said.get("support"),) if what)]
    amount = said.get("how_much", "")[: LONGEST["how_much"]]
    kinds = [kind for kind, _what in given]
    fits = _kind_of_support(amount) if _kind_of_support(amount) in kinds else next(iter(kinds), "")
    for kind, what in given:
        yield PlanRow(kind=kind, text=what, how_much=amount if kind == fits else "", due=until)


def _is_in(row: PlanRow, rows: Sequence[PlanRow]) -> bool:
    """Whether the goal that was read last has this support already."""
    starts = max((at for at, one in enumerate(rows) if one.kind in HORIZONS), default=0)
    return (row.kind, row.text) in {(one.kind, one.text) for one in rows[starts:]}


def _kind_of_support(what: str) -> str:
    folded = what.casefold()
    return next((kind for kind, words in SUPPORTS.items() if any(word in folded for word in words)), "money")


def _horizon(cell: str) -> str:
    folded = cell.casefold()
    if "two" in folded or "2" in folded or "big" in folded:
        return "two-year"
    return "half-year" if "half" in folded else "annual"


def _owner(cell: str, people: Mapping[int, str]) -> tuple[int | None, str]:
    """By full name, or by a first name that one person alone has."""
    if not cell:
        return None, ""
    folded = cell.casefold()
    full = [one for one, name in people.items() if name.casefold() == folded]
    first = [one for one, name in people.items() if name.casefold().split()[0] == folded]
    found = full or first
    return (found[0], "") if len(found) == 1 else (None, NOBODY.format(cell=cell[:60]))


def _due(cell: str) -> tuple[date | None, str]:
    due = read_date(cell) if cell else None
    return due, NO_DATE.format(cell=cell[:60]) if cell and due is None else ""
