"""The corpus's schools: contexts as public directories publish them; place and improvement stage are synthetic."""

import csv
import io
from dataclasses import dataclass
from importlib.resources import files
from random import Random
from typing import Final

from nic_node.disclosure.draft import ContextProfile
from nic_node.school.profile.describe import GRADE_BANDS, GRADES

CONTEXTS: Final = files("nic_node.demo") / "data" / "corpus_contexts.csv"
LOCALES: Final = {
    "nyc": (11, 11, 11, 21),
    "ky": (13, 22, 31, 32, 33, 41, 42, 42, 43),
    "ca": (11, 12, 13, 21, 21, 22, 32),
}
"""No source has an NCES locale: one is drawn from those that fit its schools."""
STAGES: Final = ("poor", "fair", "fair", "good", "good", "great")
JITTER: Final = 0.15  # a network larger than the file has schools that are a little larger or smaller than real ones


@dataclass(frozen=True, slots=True)
class CorpusSchool:
    """A school of the network; `grade_size` is about how many students each of its grades has."""

    number: int
    profile: ContextProfile
    grade_bands: tuple[str, ...]
    grade_size: int


def draw_schools(count: int, drawn: Random) -> list[CorpusSchool]:
    """`count` schools over real contexts, each context once before any comes twice."""
    rows = list(csv.DictReader(io.StringIO(CONTEXTS.read_text("utf-8"))))
    drawn.shuffle(rows)
    return [_school(number, rows[number % len(rows)], drawn, is_copy=number >= len(rows)) for number in range(count)]


def _school(number: int, row: dict[str, str], drawn: Random, *, is_copy: bool) -> CorpusSchool:
    grades = GRADES[GRADES.index(row["low_grade"]) : GRADES.index(row["high_grade"]) + 1]
    bands = tuple(band for band, held in GRADE_BANDS.items() if set(held) & set(grades))
    factor = drawn.uniform(1 - JITTER, 1 + JITTER) if is_copy else 1.0
    enrolment = round(int(row["enrolment"]) * factor)
    profile = ContextProfile(
        level=_level(bands),
        locale=drawn.choice(LOCALES[row["source"]]),
        enrolment=enrolment,
        lunch=_share(row["lunch_percent"]),
        english_learners=_share(row["english_learners_percent"]),
        disabilities=_share(row["disabilities_percent"]),
        stage=drawn.choice(STAGES),
    )
    return CorpusSchool(number, profile, bands, max(1, enrolment // len(grades)))


def _level(bands: tuple[str, ...]) -> str:
    """The vocabulary's level by the grades; what reaches over three bands, or from grade 6 to 12, is combined."""
    if bands == ("pk-2",):
        return "early"
    if set(bands) <= {"pk-2", "3-5"}:
        return "elementary"
    return {("6-8",): "middle", ("3-5", "6-8"): "middle", ("9-12",): "high"}.get(bands, "combined")


def _share(cell: str) -> float | None:
    return float(cell) if cell else None
