"""Dates as an iCalendar file (RFC 5545), for whatever calendar somebody uses."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LINE_OCTETS = 75
"""RFC 5545, 3.1: longer lines are folded."""
CONTROL = {number: None for number in range(32) if number not in (9, 10)} | {127: None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One date. `uid` stays the same when it changes; a whole day has a `day`, a meeting `begins` and `minutes`."""

    uid: str
    title: str
    day: date | None = None
    begins: datetime | None = None
    minutes: int = 0
    place: str = ""
    url: str = ""


def calendar_file(name: str, entries: Iterable[Entry], *, now: datetime) -> str:
    """The file, with the line ends that the RFC asks for."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//nic-node//Today//EN", f"X-WR-CALNAME:{_escaped(name)}"]
    for entry in entries:
        lines += _event(entry, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(entry: Entry, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(entry.uid)}"
    yield f"DTSTAMP:{_moment(now)}"
    if entry.begins is not None:
        yield f"DTSTART:{_moment(entry.begins)}"
        yield f"DTEND:{_moment(entry.begins + timedelta(minutes=entry.minutes))}"
    elif entry.day is not None:
        yield f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(entry.title)}"
    if entry.place:
        yield f"LOCATION:{_escaped(entry.place)}"
    if entry.url:
        yield f"URL:{entry.url}"
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """RFC 5545, 3.3.11."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(CONTROL)
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """At most 75 octets a line, none of them cut within a character."""
    part, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            yield part
            part, octets = " ", 1
        part, octets = part + character, octets + size
    yield part
