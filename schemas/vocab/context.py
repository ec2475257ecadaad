"""Context bands: what may be said about a school, from fine to coarse, nested, half-open.

A band of numbers is named by its edges: "300-500" holds 300 <= value < 500, "1200-up" has no upper
edge. The same id in two granularities means the same band. `ANY` stands above every granularity.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemas.marks import N_
from schemas.vocab.entry import Entry
from schemas.vocab.lists import LEVELS, STAGES

ANY = "any"


@dataclass(frozen=True)
class Band(Entry):
    """One band. Numbers: `low` <= value < `high` (None: no upper edge). Codes: `members` holds them."""

    low: float | None = None
    high: float | None = None
    members: frozenset[int | str] = frozenset()

    def holds(self, value: float | str) -> bool:
        """Whether an exact value lies in the band."""
        if self.low is None:
            return value in self.members
        return not isinstance(value, str) and self.low <= value and (self.high is None or value < self.high)

    def is_within(self, other: "Band") -> bool:
        """Whether every value of this band lies in the other one."""
        if self.low is None or other.low is None:
            return self.low is other.low and self.members <= other.members
        ends_within = other.high is None or (self.high is not None and self.high <= other.high)
        return other.low <= self.low and ends_within


@dataclass(frozen=True)
class ContextAttribute(Entry):
    """One attribute of a school and its granularities, the finest first."""

    granularities: tuple[tuple[Band, ...], ...]

    @property
    def bands(self) -> Mapping[str, Band]:
        """Every band of every granularity by its id."""
        return {band.id: band for bands in self.granularities for band in bands}


def _codes(band_id: str, label: str, definition: str, *members: int | str) -> Band:
    return Band(band_id, label, definition, members=frozenset(members))


def _granularity(bands: Mapping[str, Band], *ids: str) -> tuple[Band, ...]:
    return tuple(bands[band_id] for band_id in ids)


def _by_id(*bands: Band) -> Mapping[str, Band]:
    return {band.id: band for band in bands}


_LEVELS = tuple(_codes(entry.id, entry.label, entry.definition, entry.id) for entry in LEVELS.values())

_LOCALES_12 = (
    _codes("city-large", N_("Large city"), N_("In a principal city of 250,000 people or more (NCES 11)."), 11),
    _codes("city-midsize", N_("Midsize city"), N_("In a principal city of 100,000 to 250,000 people (NCES 12)."), 12),
    _codes("city-small", N_("Small city"), N_("In a principal city of under 100,000 people (NCES 13)."), 13),
    _codes(
        "suburb-large", N_("Large suburb"), N_("Outside a city, in an urban area of 250,000 or more (NCES 21)."), 21
    ),
    _codes(
        "suburb-midsize",
        N_("Midsize suburb"),
        N_("Outside a city, in an urban area of 100,000 to 250,000 (NCES 22)."),
        22,
    ),
    _codes("suburb-small", N_("Small suburb"), N_("Outside a city, in an urban area of under 100,000 (NCES 23)."), 23),
    _codes("town-fringe", N_("Town, fringe"), N_("In a town within 10 miles of an urban area (NCES 31)."), 31),
    _codes("town-distant", N_("Town, distant"), N_("In a town 10 to 35 miles from an urban area (NCES 32)."), 32),
    _codes("town-remote", N_("Town, remote"), N_("In a town more than 35 miles from an urban area (NCES 33)."), 33),
    _codes("rural-fringe", N_("Rural, fringe"), N_("Rural, within 5 miles of an urban area (NCES 41)."), 41),
    _codes("rural-distant", N_("Rural, distant"), N_("Rural, 5 to 25 miles from an urban area (NCES 42)."), 42),
    _codes("rural-remote", N_("Rural, remote"), N_("Rural, more than 25 miles from an urban area (NCES 43)."), 43),
)
_LOCALES_4 = (
    _codes("city", N_("City"), N_("In a city of any size (NCES 11 to 13)."), 11, 12, 13),
    _codes("suburb", N_("Suburb"), N_("In a suburb of any size (NCES 21 to 23)."), 21, 22, 23),
    _codes("town", N_("Town"), N_("In a town, near or far from a city (NCES 31 to 33)."), 31, 32, 33),
    _codes("rural", N_("Rural"), N_("In the country, near or far from a city (NCES 41 to 43)."), 41, 42, 43),
)
_LOCALES_2 = (
    _codes(
        "city-suburb", N_("City or suburb"), N_("In a city or its suburbs (NCES 11 to 23)."), 11, 12, 13, 21, 22, 23
    ),
    _codes(
        "town-rural", N_("Town or rural"), N_("In a town or in the country (NCES 31 to 43)."), 31, 32, 33, 41, 42, 43
    ),
)

NCES_LOCALES = tuple(code for band in _LOCALES_12 for code in sorted(band.members))

_ENROLMENT = _by_id(
    Band("0-150", N_("Under 150 students"), N_("Fewer than 150 students."), 0, 150),
    Band("150-300", N_("150 to 299 students"), N_("At least 150 and under 300 students."), 150, 300),
    Band("300-500", N_("300 to 499 students"), N_("At least 300 and under 500 students."), 300, 500),
    Band("500-750", N_("500 to 749 students"), N_("At least 500 and under 750 students."), 500, 750),
    Band("750-1200", N_("750 to 1,199 students"), N_("At least 750 and under 1,200 students."), 750, 1200),
    Band("1200-up", N_("1,200 students or more"), N_("At least 1,200 students."), 1200),
    Band("0-300", N_("Under 300 students"), N_("Fewer than 300 students."), 0, 300),
    Band("500-1200", N_("500 to 1,199 students"), N_("At least 500 and under 1,200 students."), 500, 1200),
    Band("0-500", N_("Under 500 students"), N_("Fewer than 500 students."), 0, 500),
    Band("500-up", N_("500 students or more"), N_("At least 500 students."), 500),
)

_LUNCH = _by_id(
    Band("0-20", N_("Under 20 %"), N_("Less than 20 % of students."), 0, 20),
    Band("20-40", N_("20 to 40 %"), N_("At least 20 % and under 40 % of students."), 20, 40),
    Band("40-60", N_("40 to 60 %"), N_("At least 40 % and under 60 % of students."), 40, 60),
    Band("60-80", N_("60 to 80 %"), N_("At least 60 % and under 80 % of students."), 60, 80),
    Band("80-up", N_("80 % or more"), N_("At least 80 % of students."), 80),
    Band("0-40", N_("Under 40 %"), N_("Less than 40 % of students."), 0, 40),
    Band("60-up", N_("60 % or more"), N_("At least 60 % of students."), 60),
    Band("0-60", N_("Under 60 %"), N_("Less than 60 % of students."), 0, 60),
)

_ENGLISH_LEARNERS = _by_id(
    Band("0-1", N_("Under 1 %"), N_("Less than 1 % of students."), 0, 1),
    Band("1-5", N_("1 to 5 %"), N_("At least 1 % and under 5 % of students."), 1, 5),
    Band("5-15", N_("5 to 15 %"), N_("At least 5 % and under 15 % of students."), 5, 15),
    Band("15-30", N_("15 to 30 %"), N_("At least 15 % and under 30 % of students."), 15, 30),
    Band("30-up", N_("30 % or more"), N_("At least 30 % of students."), 30),
    Band("0-5", N_("Under 5 %"), N_("Less than 5 % of students."), 0, 5),
    Band("15-up", N_("15 % or more"), N_("At least 15 % of students."), 15),
    Band("5-up", N_("5 % or more"), N_("At least 5 % of students."), 5),
)

_DISABILITIES = _by_id(
    Band("0-8", N_("Under 8 %"), N_("Less than 8 % of students."), 0, 8),
    Band("8-12", N_("8 to 12 %"), N_("At least 8 % and under 12 % of students."), 8, 12),
    Band("12-16", N_("12 to 16 %"), N_("At least 12 % and under 16 % of students."), 12, 16),
    Band("16-20", N_("16 to 20 %"), N_("At least 16 % and under 20 % of students."), 16, 20),
    Band("20-up", N_("20 % or more"), N_("At least 20 % of students."), 20),
    Band("0-12", N_("Under 12 %"), N_("Less than 12 % of students."), 0, 12),
    Band("16-up", N_("16 % or more"), N_("At least 16 % of students."), 16),
    Band("0-16", N_("Under 16 %"), N_("Less than 16 % of students."), 0, 16),
)

_STAGES_4 = tuple(_codes(entry.id, entry.label, entry.definition, entry.id) for entry in STAGES.values())
_STAGES_2 = (
    _codes("poor-fair", N_("Stabilizing or building"), N_("One of the first two stages."), "poor", "fair"),
    _codes("good-great", N_("Growing or leading"), N_("One of the last two stages."), "good", "great"),
)

CONTEXT: Mapping[str, ContextAttribute] = MappingProxyType(
    {
        attribute.id: attribute
        for attribute in (
            ContextAttribute("level", N_("Level"), N_("Which grades the school has."), (_LEVELS,)),
            ContextAttribute(
                "locale",
                N_("Locale"),
                N_("How urban the place is, after the National Center for Education Statistics."),
                (_LOCALES_12, _LOCALES_4, _LOCALES_2),
            ),
            ContextAttribute(
                "enrolment",
                N_("Enrollment"),
                N_("How many students the school has."),
                (
                    _granularity(_ENROLMENT, "0-150", "150-300", "300-500", "500-750", "750-1200", "1200-up"),
                    _granularity(_ENROLMENT, "0-300", "300-500", "500-1200", "1200-up"),
                    _granularity(_ENROLMENT, "0-500", "500-up"),
                ),
            ),
            ContextAttribute(
                "lunch",
                N_("Free or reduced-price lunch"),
                N_("The share of students with free or reduced-price lunch."),
                (
                    _granularity(_LUNCH, "0-20", "20-40", "40-60", "60-80", "80-up"),
                    _granularity(_LUNCH, "0-40", "40-60", "60-up"),
                    _granularity(_LUNCH, "0-60", "60-up"),
                ),
            ),
            ContextAttribute(
                "english_learners",
                N_("English learners"),
                N_("The share of students who are learning English."),
                (
                    _granularity(_ENGLISH_LEARNERS, "0-1", "1-5", "5-15", "15-30", "30-up"),
                    _granularity(_ENGLISH_LEARNERS, "0-5", "5-15", "15-up"),
                    _granularity(_ENGLISH_LEARNERS, "0-5", "5-up"),
                ),
            ),
            ContextAttribute(
                "disabilities",
                N_("Students with disabilities"),
                N_("The share of students with disabilities."),
                (
                    _granularity(_DISABILITIES, "0-8", "8-12", "12-16", "16-20", "20-up"),
                    _granularity(_DISABILITIES, "0-12", "12-16", "16-up"),
                    _granularity(_DISABILITIES, "0-16", "16-up"),
                ),
            ),
            ContextAttribute(
                "stage",
                N_("Improvement stage"),
                N_("How far improvement has become the school's habit."),
                (_STAGES_4, _STAGES_2),
            ),
        )
    }
)

BAND_IDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {attribute.id: frozenset(attribute.bands) | {ANY} for attribute in CONTEXT.values()}
)


def band_of(attribute: str, value: float | str, granularity: int = 0) -> Band | None:
    """The band of an exact value; `granularity` 0 is the finest. None for a value that no band holds."""
    bands = CONTEXT[attribute].granularities[granularity]
    return next((band for band in bands if band.holds(value)), None)


def bands_containing(attribute: str, value: float | str) -> tuple[str, ...]:
    """The ids of the bands that hold an exact value, from fine to coarse, ANY last; each id once."""
    found = [band_of(attribute, value, granularity) for granularity in range(len(CONTEXT[attribute].granularities))]
    return tuple(dict.fromkeys([*(band.id for band in found if band), ANY]))


def is_within(attribute: str, fine: str, coarse: str) -> bool:
    """Whether the band `fine` lies within the band `coarse`; every band lies within ANY."""
    if coarse == ANY:
        return True
    bands = CONTEXT[attribute].bands
    return fine != ANY and bands[fine].is_within(bands[coarse])
