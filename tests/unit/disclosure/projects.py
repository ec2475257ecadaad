"""Closed projects of invented schools, to be changed by the tests."""

from dataclasses import replace
from datetime import date

from nic_node.disclosure.prepare import prepare_draft
from nic_node.disclosure.snapshot import (
    Aim,
    Change,
    Cost,
    Count,
    Dose,
    Events,
    ExactMeasure,
    ExactPoint,
    Idea,
    Lessons,
    Lineage,
    Material,
    Mean,
    Problem,
    Snapshot,
    Step,
)
from nic_node.disclosure.text.allow_list import build_allow_list
from nic_node.disclosure.text.roster import build_roster
from schemas.policy import build_policy

NETWORK = "https://hub.example/net/valley"
POLICY = build_policy(network=NETWORK)
TODAY = date(2026, 11, 20)
ALLOW_LIST = build_allow_list()
ROSTER = build_roster(
    {
        "PERSON": ["Castellanos, Ana María", "Okafor, Will", "Faith Lindqvist", "Ms. Thao Vang"],
        "SCHOOL": ["Harbor View Middle School"],
        "DISTRICT": ["Kettle Creek School District"],
    },
    as_of=date(2026, 9, 1),
)
ORIGIN = "hub.example/net/valley/log/1#7"


def counts(at, *xs, n=61):
    return ExactPoint(at, tuple(Count(x, n) for x in xs))


def means(at, *values, sd=8.0, n=61):
    return ExactPoint(at, tuple(Mean(value, sd, n) for value in values))


def rates(at, *events, exposure=1_200.0, n=61):
    return ExactPoint(at, tuple(Events(number, exposure, n) for number in events))


def absence(n=61, before=(23, 23), after=(14, 14), **changes):
    """Course of a grade's absence, printed as three points."""
    measure = ExactMeasure(
        "absent-10pct-window",
        "outcome",
        "proportion",
        "20-school-days",
        "pre-post",
        "no-season",
        points=(counts("baseline", *before, n=n), counts("middle", *after, n=n), counts("end", *after, n=n)),
        group="grade 7",
    )
    return replace(measure, **changes)


def sessions(number=38):
    points = (ExactPoint("end", (Events(number),)),)
    return ExactMeasure("sessions-held", "process", "count", "week", "pre-post", "no-season", points=points)


def project(*measures, **changes):
    """A project with every field filled, and text that needs no scrub."""
    snapshot = Snapshot(
        title="Advisory calls home after two absences",
        problem=Problem("chronic-absence", "Many students missed days in fall.", ("6-8",), "none"),
        idea=Idea("attendance-outreach", "A short call by somebody the family knows."),
        decision="adopt",
        aim=Aim("absent-10pct-window", "down", 45),
        steps=(Step("Call after the second absence", "teacher", "daily", 5), Step("Note the reason", "teacher")),
        core=(0,),
        adaptable=("Who calls",),
        dose=Dose(9, 5, 10),
        cost=Cost("none", "1-3h"),
        materials=(Material("script", "What to say", "We missed you today.\nIs there something we can do?"),),
        supports=("coaching",),
        conditions="A list of numbers that work.",
        measures=measures or (absence(),),
        aim_result="partly",
        lessons=Lessons("Calls before noon.", "Fewer callers.", "Do not ask for proof."),
    )
    return replace(snapshot, **changes)


def replication(*measures, **changes):
    lineage = Lineage(ORIGIN, (0,), (Change("Texts in place of calls", "Families asked for it"),))
    return project(*measures, lineage=lineage, **changes)


def prepare(snapshot=None, **changes):
    given = {
        "roster": ROSTER,
        "allow_list": ALLOW_LIST,
        "policy": POLICY,
        "lattice": None,
        "profile": None,
        "today": TODAY,
    }
    return prepare_draft(snapshot or project(), **(given | changes))


def codes(draft, stage=None):
    return [finding.code for finding in draft.findings if stage in {None, finding.stage}]
