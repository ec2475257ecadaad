"""One line to an action item: 'Call the three families @Jin by Friday' names who and when.

What can't be read as a person or a date stays in the text, so nothing that was typed is lost.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from nic_node.errors import InvalidInput
from nic_node.i18n import N_, filled

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LOOKS_BACK = timedelta(days=60)
"""'Oct 2', written on November 5, is the one that has been; written in May it is the next."""
WHEN = re.compile(
    r"[\s,;(]*\b(?:by|due|until)\s+(?:on\s+)?(?:"
    r"(?P<today>today)|(?P<tomorrow>tomorrow)"
    rf"|(?P<weekday>{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in WEEKDAYS)})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2})"
    rf"|(?P<month>{'|'.join(MONTHS)})[a-z]*\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?"
    r"|(?P<m>\d{1,2})/(?P<d>\d{1,2})(?:/(?P<y>\d{2}|\d{4}))?"
    r")[\s.)]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReadLine:
    """What a line says; owner and due are None where it names none."""

    text: str
    owner_id: int | None = None
    due: date | None = None


def read_line(line: str, people: Mapping[int, str], today: date) -> ReadLine:
    """Read who (@name, by first or full name) and when (by Friday, by Oct 30, by 2026-10-30) out of a line.

    Args:
        people: person id -> name, of those who may be named.

    Raises:
        InvalidInput: field 'line', when a name fits several people or a date does not exist.
    """
    text = " ".join(line.split())
    text, due = _take_date(text, today)
    text, owner_id = _take_person(text, people)
    if due is None:
        text, due = _take_date(text, today)
    return ReadLine(text=text.strip(" ,;:"), owner_id=owner_id, due=due)


def _take_person(text: str, people: Mapping[int, str]) -> tuple[str, int | None]:
    called: dict[str, set[int]] = {}
    for person_id, name in people.items():
        for spelled in {name.casefold(), name.casefold().split()[0]}:
            called.setdefault(spelled, set()).add(person_id)
    names = "|".join(re.escape(spelled) for spelled in sorted(called, key=len, reverse=True))
    found = re.search(rf"@({names})(?!\w)", text, re.IGNORECASE) if called else None
    if found is None:
        return text, None
    meant = called[found[1].casefold()]
    if len(meant) > 1:
        fitting = ", ".join(sorted(f"@{people[person_id]}" for person_id in meant))
        raise InvalidInput(
            {"line": [filled(N_("Several people are called {name}. Write {fitting}."), name=found[1], fitting=fitting)]}
        )
    rest = f"{text[: found.start()].rstrip()} {text[found.end() :].lstrip()}"
    return re.sub(r"\s+([,;.])", r"\1", rest).strip(), next(iter(meant))


def _take_date(text: str, today: date) -> tuple[str, date | None]:
    found = WHEN.search(text)
    if found is None:
        return text, None
    try:
        due = _date_of(found, today)
    except ValueError as error:
        raise InvalidInput({"line": [filled(N_("There is no such day: {day}."), day=found[0].strip())]}) from error
    return text[: found.start()], due


def _date_of(found: re.Match[str], today: date) -> date:
    if found["today"]:
        return today
    if found["tomorrow"]:
        return today + timedelta(days=1)
    if found["weekday"]:
        wanted = [name[:3] for name in WEEKDAYS].index(found["weekday"][:3].lower())
        return today + timedelta(days=(wanted - today.weekday()) % 7)
    if found["iso"]:
        return date.fromisoformat(found["iso"])
    if found["month"]:
        return _in_year(MONTHS.index(found["month"].lower()) + 1, int(found["day"]), found["year"], today)
    return _in_year(int(found["m"]), int(found["d"]), found["y"], today)


def _in_year(month: int, day: int, year: str | None, today: date) -> date:
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    # A day of February that this year lacks stands in the next leap year or nowhere: the caller says so.
    this_year = date(today.year, month, day)
    return this_year.replace(year=today.year + 1) if this_year < today - LOOKS_BACK else this_year
