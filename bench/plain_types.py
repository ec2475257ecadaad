"""Leaves and practices as types of msgspec, for the reference of `bench/ingest.py`: their form as schemas/ has it."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from schemas.vocab import (
    AIM_RESULTS,
    BETTER,
    COST_BANDS,
    DECISIONS,
    DESIGNS,
    DIRECTIONS,
    GRADE_BANDS,
    IDEAS,
    MEASURE_KINDS,
    MEASURES,
    POINTS_AT,
    PROBLEMS,
    ROLES,
    RUNGS,
    SEASONS,
    STAFF_TIME_BANDS,
    SUBJECTS,
    SUPPORTS,
    UNITS,
    WINDOWS,
)

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Jkt = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$")]
Entity = Annotated[str, Meta(pattern="^https://[a-z0-9.:-]+(/[A-Za-z0-9._~-]+)*$", max_length=200)]
Epoch = Annotated[int, Meta(ge=1)]
Stepped = Annotated[int, Meta(ge=0, le=11)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Text80 = Annotated[str, Meta(min_length=1, max_length=80)]
Text120 = Annotated[str, Meta(min_length=1, max_length=120)]
Text200 = Annotated[str, Meta(min_length=1, max_length=200)]
Text400 = Annotated[str, Meta(min_length=1, max_length=400)]
Text800 = Annotated[str, Meta(min_length=1, max_length=800)]
Amount = Annotated[float, Meta(ge=-1e9, le=1e9)]


def _one_of(vocabulary: Any) -> Any:
    return Literal[tuple(vocabulary)]


class Form(Struct, forbid_unknown_fields=True):
    """An object with these members and no others; what is UNSET may be left out."""


class Header(Form):
    alg: Literal["EdDSA"]
    kid: Jkt
    typ: Literal["nic-leaf+jws"]


class RecordLeaf(Form):
    t: Literal["record"]
    v: Literal[1]
    network: Entity
    epoch: Epoch
    kind: Literal["practice"]
    blob_sha256: Sha256


class Problem(Form):
    category: _one_of(PROBLEMS)
    label: Text80 | UnsetType = UNSET
    grade_bands: list[_one_of(GRADE_BANDS)] | UnsetType = UNSET
    subject: _one_of(SUBJECTS) | UnsetType = UNSET
    statement: Text400 | UnsetType = UNSET


class Aim(Form):
    measure: _one_of(MEASURES)
    better: _one_of(BETTER)
    label: Text80 | UnsetType = UNSET
    by_days: Annotated[int, Meta(ge=1, le=1000)] | UnsetType = UNSET


class Idea(Form):
    category: _one_of(IDEAS)
    label: Text80 | UnsetType = UNSET
    summary: Text400 | UnsetType = UNSET


class Step(Form):
    does: Text200
    who: _one_of(ROLES) | UnsetType = UNSET
    how_often: Text80 | UnsetType = UNSET
    minutes: Annotated[int, Meta(ge=1, le=100_000)] | UnsetType = UNSET


class Adaptable(Form):
    what: Text200


class Dose(Form):
    weeks: Annotated[float, Meta(ge=0, le=200)] | UnsetType = UNSET
    sessions_a_week: Annotated[float, Meta(ge=0, le=200)] | UnsetType = UNSET
    minutes: Annotated[float, Meta(ge=0, le=10_000)] | UnsetType = UNSET


class Cost(Form):
    cost_band: _one_of(COST_BANDS) | UnsetType = UNSET
    staff_time_band: _one_of(STAFF_TIME_BANDS) | UnsetType = UNSET


class Context(Form):
    lattice_sha256: Sha256
    class_id: Text80 = field(name="class")


class Point(Form):
    at: _one_of(POINTS_AT)
    n: int | Literal["<15"] | UnsetType = UNSET
    band: Annotated[list[Percent], Meta(min_length=2, max_length=2)] | UnsetType = UNSET
    mean: Amount | UnsetType = UNSET
    sd: Amount | UnsetType = UNSET
    events: int | UnsetType = UNSET
    exposure: int | UnsetType = UNSET


class Measure(Form):
    measure: _one_of(MEASURES)
    definition_version: Annotated[int, Meta(ge=1, le=1000)]
    kind: _one_of(MEASURE_KINDS)
    unit: _one_of(UNITS)
    window: _one_of(WINDOWS)
    design: _one_of(DESIGNS)
    season: _one_of(SEASONS)
    points: Annotated[list[Point], Meta(min_length=1, max_length=6)]
    label: Text80 | UnsetType = UNSET
    better: _one_of(BETTER) | UnsetType = UNSET
    scale: Annotated[list[Amount], Meta(min_length=2, max_length=2)] | UnsetType = UNSET
    comparison: Annotated[list[Point], Meta(min_length=1, max_length=6)] | UnsetType = UNSET


class Lessons(Form):
    worked: Text800 | UnsetType = UNSET
    would_change: Text800 | UnsetType = UNSET
    watch_out: Text400 | UnsetType = UNSET


class Practice(Form):
    title: Text120
    problem: Problem
    idea: Idea
    rung: _one_of(RUNGS)
    decision: _one_of(DECISIONS)
    aim: Aim | UnsetType = UNSET
    steps: Annotated[list[Step], Meta(min_length=1, max_length=12)] | UnsetType = UNSET
    core: list[Stepped] | UnsetType = UNSET
    adaptable: Annotated[list[Adaptable], Meta(min_length=1, max_length=6)] | UnsetType = UNSET
    dose: Dose | UnsetType = UNSET
    cost: Cost | UnsetType = UNSET
    supports: list[_one_of(SUPPORTS)] | UnsetType = UNSET
    conditions: Text400 | UnsetType = UNSET
    context: Context | UnsetType = UNSET
    measures: Annotated[list[Measure], Meta(min_length=1, max_length=4)] | UnsetType = UNSET
    direction: _one_of(DIRECTIONS) | UnsetType = UNSET
    aim_result: _one_of(AIM_RESULTS) | UnsetType = UNSET
    lessons: Lessons | UnsetType = UNSET

    def texts(self) -> list[str]:
        """What people wrote, but for the title."""
        problem, idea, lessons = self.problem, self.idea, self.lessons
        found = [problem.statement, problem.label, idea.summary, idea.label, self.conditions]
        found += [step.does for step in self.steps or ()]
        found += [change.what for change in self.adaptable or ()]
        if lessons is not UNSET:
            found += [lessons.worked, lessons.would_change, lessons.watch_out]
        return [text for text in found if text is not UNSET]


class Blob(Form):
    v: Literal[1]
    kind: Literal["practice"]
    network: Entity
    epoch: Epoch
    jkt: Jkt
    salt: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$")]
    payload: Practice
