"""Rules that teach: what a project still lacks, why that matters, and an example. A person may overrule each.

Words are looked at as a colleague would who reads quickly; whether a problem of practice is positive, solvable,
measurable and specific is for people to say. A rule therefore asks, and never stands in the way.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nic_node.i18n import N_, filled
from nic_node.school.causes.read import Why
from nic_node.school.projects.read import LAST_DAY, MIDWAY_DAY, closes_on, day_45, day_of, is_late
from nic_node.school.projects.tables import Project
from nic_node.school.team.calendar import SchoolCalendar

FEWEST_SCHOOL_DAYS = 25
LOOKS_AHEAD = 120
"""Days within which another start is looked for: past a summer."""
YOUNG = 10
"""Until which day a better start can still be proposed."""
FOLLOW_UP_DAYS = (90, 135)
ASKED_FOR = timedelta(days=44)
"""How long 'did it hold?' is asked: until the next time."""
DEFICIT = re.compile(
    r"\b(?:fail(?:s|ing|ed|ure)?|lack(?:s|ing)?|lazy|unmotivated|apathetic|bad|poor(?:ly)?|deficits?|weak|"
    r"low[- ]performing|refus(?:e|es|ing)|don['’]?t care|do not care|never)\b",
    re.IGNORECASE,
)
OUT_OF_REACH = re.compile(
    r"\b(?:poverty|society|social media|home life|demographics|genes|upbringing|"
    r"(?:parents?|families|homes?)\s+(?:don['’]?t|do not|won['’]?t|never|fail|refuse|lack)|"
    r"the\s+(?:state|district|union|government)\s+(?:won['’]?t|will not|does not|doesn['’]?t|never))\b",
    re.IGNORECASE,
)
A_NUMBER = re.compile(
    r"\d|\b(?:half|third|quarter|percent|one in|two|three|four|five|six|seven|eight|nine|ten)\b", re.IGNORECASE
)
WHO = re.compile(
    r"\b(?:grades?\s+\w+|\w+[- ]grade(?:rs?)?|classes|class|homerooms?|newcomers|english learners|"
    r"students\s+(?:who|with|in|whose)|teachers\s+(?:who|in|of)|families\s+(?:who|of|with)|kindergart\w+|"
    r"the\s+\d+\s+\w+)\b",
    re.IGNORECASE,
)
WHOLE_SCHOOL = re.compile(
    r"\b(?:(?:whole|entire)[- ]school|school[- ]?wide|all\s+(?:grades|classes|classrooms|teachers|staff)|"
    r"every\s+(?:grade|class|classroom|teacher)|toda\s+la\s+escuela)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One piece of advice.

    Attributes:
        says: what is missing. why: why it matters. example: how it could read, or ''.
        route: where it is put right, by name, of this project.
    """

    code: str
    says: str
    why: str
    example: str = ""
    route: str = "projects.edit"


PROBLEM = {
    "problem-missing": Advice(
        code="problem-missing",
        says=N_("There is no problem of practice yet."),
        why=N_("Without it nobody can tell whether the change idea fits."),
        example=N_("Families hear of an absence days later, when the day is lost."),
    ),
    "problem-positive": Advice(
        code="problem-positive",
        says=N_("Can the problem be said without blame?"),
        why=N_("What people lack can't be worked on; what they meet each day can."),
        example=N_("Instead of 'students are lazy': 'students begin homework alone, late in the evening'."),
    ),
    "problem-solvable": Advice(
        code="problem-solvable",
        says=N_("Is it something that this school can change?"),
        why=N_("45 days are enough for what happens here, not for what happens elsewhere."),
        example=N_("Instead of 'parents don't read to them': 'nobody reads with them before 8:30'."),
    ),
    "problem-measurable": Advice(
        code="problem-measurable",
        says=N_("How often, or how many?"),
        why=N_("Without a number you will not see whether it became smaller."),
        example=N_("Nine of 61 students in grade 6 missed a tenth of the last 20 days."),
    ),
    "problem-specific": Advice(
        code="problem-specific",
        says=N_("Whose problem is it, where?"),
        why=N_("'Students' are everybody. A grade, a class or a group can be reached on Monday."),
        example=N_("Students in grade 6 who missed three days by mid-September."),
    ),
}
WHY = {
    "no-cause": Advice(
        code="no-cause",
        says=N_("Why does it happen? No cause is chosen to work on."),
        why=N_("A change that meets no cause is a favorite solution: it may work, and nobody will know why."),
        example=N_("Families can't call back: the message comes from a number that nobody answers."),
        route="causes.show",
    ),
    "no-voices": Advice(
        code="no-voices",
        says=N_("Who lives with it has not been heard yet."),
        why=N_("Those who meet the problem each day know causes that no number shows. Ten minutes are enough."),
        example=N_("Talk with three students, three families or three colleagues, and keep what they say."),
        route="causes.show",
    ),
    "no-consensus": Advice(
        code="no-consensus",
        says=N_("The whole school is to change: can all go along?"),
        why=N_("Who was not asked does it halfheartedly. A fist to five shows who needs something first."),
        example=N_("Hear each team first; then ask, and write down how many showed three fingers or more."),
        route="causes.show",
    ),
}
AIM = {
    "aim-what": Advice(
        code="aim-what",
        says=N_("The aim does not say what will be different."),
        why=N_("A project without an aim can't reach it."),
        example=N_("Fewer than one in four students of grade 6 misses a tenth of the days by November 18."),
    ),
    "aim-how-much": Advice(
        code="aim-how-much",
        says=N_("The aim does not say how much."),
        why=N_("'Better' is always reached, a little. A number makes you look."),
        example=N_("90 % of days, up from 82 %."),
    ),
    "aim-for-whom": Advice(
        code="aim-for-whom",
        says=N_("The aim does not say for whom."),
        why=N_("An average can rise while those whom you meant are left behind."),
        example=N_("The 46 students who missed three days by September 11."),
    ),
}
MEASURES = {
    "no-measure": Advice(
        code="no-measure",
        says=N_("Nothing is measured yet."),
        why=N_("A project without a measure ends as an opinion. One number a day or week is enough."),
        route="measures.new",
    ),
    "only-outcomes": Advice(
        code="only-outcomes",
        says=N_("Only results are measured, not whether the idea is done."),
        why=N_("When an outcome does not move, you will not know whether the idea failed or was not done."),
        example=N_("How many check-ins were held each day; or look-fors of a classroom visit."),
        route="visits.show",
    ),
}
MIDWAY = Advice(
    code="midway-due",
    says=N_("It is time for the mid-way check."),
    why=N_("Around day 22 there is still time to change what does not work."),
    route="projects.midway",
)
CODES = (*PROBLEM, *WHY, *AIM, *MEASURES, "few-school-days", MIDWAY.code)


def advise(
    project: Project,
    kinds: Sequence[str],
    calendar: SchoolCalendar,
    today: date,
    *,
    why: Why,
    scales: Sequence[str] = (),
) -> list[Advice]:
    """What a running project lacks, in the order in which it is worked on.

    Args:
        kinds: of its own measures: outcome, process, balancing.
        scales: how large its cycles are, in the team's words.
    """
    if project.state == "closed" or is_late(project, today):
        return []
    found = [*_of_problem(project, kinds), *_of_why(project, why, scales), *_of_aim(project)]
    if not kinds:
        found.append(MEASURES["no-measure"])
    elif "process" not in kinds:
        found.append(MEASURES["only-outcomes"])
    if project.midway_on is None and day_of(project, today) >= MIDWAY_DAY and today <= closes_on(project):
        found.append(MIDWAY)
    if day_of(project, today) <= YOUNG:
        days = calendar.school_days(project.starts_on, day_45(project))
        if days < FEWEST_SCHOOL_DAYS:
            found.append(_few_days(days, better_start(project, calendar)))
    return found


def better_start(project: Project, calendar: SchoolCalendar) -> tuple[date, int] | None:
    """(the next school day from which 45 days hold 25 school days, how many they hold); None where none is near."""
    first = project.starts_on
    is_school = [calendar.is_school_day(first + timedelta(days=ahead)) for ahead in range(LOOKS_AHEAD + LAST_DAY)]
    for ahead in range(1, LOOKS_AHEAD):
        held = sum(is_school[ahead : ahead + LAST_DAY])
        if is_school[ahead] and held >= FEWEST_SCHOOL_DAYS:
            return first + timedelta(days=ahead), held
    return None


def follow_up_due(project: Project, done: Sequence[int], today: date) -> int | None:
    """90 or 135 where it is time to ask whether what was kept still holds."""
    if project.state != "closed" or project.decision == "abandon":
        return None
    for day in FOLLOW_UP_DAYS:
        due = project.starts_on + timedelta(days=day - 1)
        if day not in done and due <= today <= due + ASKED_FOR:
            return day
    return None


def _of_problem(project: Project, kinds: Sequence[str]) -> list[Advice]:
    words = project.problem_statement
    if not words.strip():
        return [PROBLEM["problem-missing"]]
    found = []
    if DEFICIT.search(words):
        found.append("problem-positive")
    if OUT_OF_REACH.search(words):
        found.append("problem-solvable")
    if not kinds and not project.aim_measure and not A_NUMBER.search(words):
        found.append("problem-measurable")
    if not project.grade_bands and not WHO.search(words):
        found.append("problem-specific")
    return [PROBLEM[code] for code in found]


def _of_why(project: Project, why: Why, scales: Sequence[str]) -> list[Advice]:
    """What it begins from; asked once there is a problem to look at."""
    if not project.problem_statement.strip():
        return []
    said = (project.title, project.aim_text, project.idea_summary, *scales)
    is_for_all = any(WHOLE_SCHOOL.search(words) for words in said)
    missing = {
        "no-cause": not why.cause,
        "no-voices": not why.talks,
        "no-consensus": is_for_all and not why.consensus,
    }
    return [WHY[code] for code, is_missing in missing.items() if is_missing]


def _of_aim(project: Project) -> list[Advice]:
    if not project.aim_text.strip() and not project.aim_measure:
        return [AIM["aim-what"]]
    found = []
    if not project.aim_target.strip() and not A_NUMBER.search(project.aim_text):
        found.append("aim-how-much")
    if not project.grade_bands and not WHO.search(project.aim_text):
        found.append("aim-for-whom")
    return [AIM[code] for code in found]


def _few_days(days: int, better: tuple[date, int] | None) -> Advice:
    if better:
        says = N_("Its 45 days hold {days} school days; from {start} on they hold {more}.")
    else:
        says = N_("Its 45 days hold {days} school days; no start in the next months holds 25.")
    start, more = better or ("", 0)
    return Advice(
        code="few-school-days",
        says=filled(says, days=days, start=start, more=more),
        why=N_("Under 25 school days there is hardly time to try twice. 45 days are calendar days."),
    )
