"""The exact facts of a closed project, as the school room hands them over: the allow-list of what may be looked at.

Nothing stands here that has no field. Text is as people typed it; numbers are exact. A snapshot stays in the school:
the pipeline (prepare.py) makes of it what may leave.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from hashlib import sha256
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

Better = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Problem:
    category: str
    statement: str = ""
    grade_bands: tuple[str, ...] = ()
    subject: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """`measure` is the vocabulary's id of the outcome; it decides the rung. The aim's number never leaves."""

    measure: str
    better: Better
    by_days: int | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Idea:
    category: str
    summary: str = ""
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    does: str
    who: str | None = None
    how_often: str = ""
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Dose:
    weeks: float | None = None
    sessions_a_week: float | None = None
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    cost_band: str | None = None
    staff_time_band: str | None = None


@dataclass(frozen=True, slots=True)
class Material:
    kind: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Lessons:
    worked: str = ""
    would_change: str = ""
    watch_out: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    what: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a replication comes from: the record's id, the steps of it that were kept, what was changed."""

    origin: str
    kept: tuple[int, ...] = ()
    changed: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """x of n people in one period."""

    x: float
    n: int


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean and standard deviation over n people in one period."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class Events:
    """Events in one period; a rate has an exposure (student-days) and the people it is about."""

    events: float
    exposure: float | None = None
    n: int | None = None


Period = Count | Mean | Events


@dataclass(frozen=True, slots=True)
class ExactPoint:
    """`at` is an id of POINTS_AT. Of a series (days, weeks) hand over two periods or more: the printer averages."""

    at: str
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class ExactMeasure:
    """One measure of one group. The group's name never leaves; `part_of` names the group that it is a part of."""

    measure: str
    kind: str
    unit: str
    window: str
    design: str
    season: str
    points: tuple[ExactPoint, ...]
    comparison: tuple[ExactPoint, ...] = ()
    definition_version: int = 1
    better: Better | None = None  # for 'other' only: the vocabulary fixes the rest
    label: str | None = None
    group: str = ""
    part_of: str | None = None
    whole_n: int | None = None
    scale: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    title: str
    problem: Problem
    idea: Idea
    decision: str
    aim: Aim | None = None
    steps: tuple[Step, ...] = ()
    core: tuple[int, ...] = ()
    adaptable: tuple[str, ...] = ()
    dose: Dose | None = None
    cost: Cost | None = None
    materials: tuple[Material, ...] = ()
    supports: tuple[str, ...] = ()
    conditions: str = ""
    measures: tuple[ExactMeasure, ...] = ()
    aim_result: str | None = None
    lessons: Lessons | None = None
    lineage: Lineage | None = None
    supersedes: str | None = None


def snapshot_document(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as JSON values, to be frozen in a row."""
    document: dict[str, Any] = json.loads(_canonical(snapshot))
    return document


def snapshot_sha256(snapshot: Snapshot) -> str:
    """Hex hash of a snapshot: two alike are the same facts."""
    return sha256(_canonical(snapshot).encode()).hexdigest()


def _canonical(snapshot: Snapshot) -> str:
    return json.dumps(asdict(snapshot), sort_keys=True, separators=(",", ":"))


def load_snapshot(document: Mapping[str, Any]) -> Snapshot:
    """What `snapshot_document` made; TypeError or KeyError for anything else."""
    return _load(Snapshot, document)


Loaded = TypeVar("Loaded")


def _load(kind: type[Loaded], document: Mapping[str, Any]) -> Loaded:
    hints = get_type_hints(kind)
    unknown = document.keys() - hints.keys()
    if unknown:
        raise TypeError(f"{kind.__name__} has no field {min(unknown)!r}")
    return kind(**{name: _value(hints[name], value) for name, value in document.items()})


def _value(hint: Any, value: Any) -> Any:
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return tuple(_value(inner, element) for element in value)
    if isinstance(hint, UnionType):
        return None if value is None else _value_of_union([arm for arm in get_args(hint) if arm is not NoneType], value)
    return _load(hint, value) if is_dataclass(hint) and isinstance(hint, type) else value


def _value_of_union(arms: list[Any], value: Any) -> Any:
    """The arm whose fields these are: `Count | Mean | Events` are told apart by their names."""
    if isinstance(value, Mapping):
        arms = [arm for arm in arms if {field.name for field in fields(arm)} == value.keys()]
    return _value(arms[0], value)
