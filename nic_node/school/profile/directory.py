"""One school's row of a public directory file, read with the care that such files need.

Known are the Common Core of Data's layout (NCES) and plain tables, comma or tab between the cells. Such files mix
fractions and percentages, leave cells blank or write -1, -2, -9, M or N for what is not known, and shift columns:
whatever belongs to other schools never stands in the way, and what this school can't have is refused with the reason.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TextIO

from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_, filled
from schemas.vocab import LEVELS

MAX_DIRECTORY_BYTES: Final = 64 * 1024 * 1024
"""The nation's directory of a year whole (100,000 schools, 65 columns, some 50 MB). It is read a line at a time."""
MAX_DIRECTORY_TEXT_BYTES: Final = 8 * 1024 * 1024
"""As a text within JSON, which is held whole several times while it is parsed: a state's."""
CHUNK: Final = 1024 * 1024
ID_COLUMNS = ("nces_id", "ncessch", "dbn", "directory_id", "sch_id")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "enrolment": ("enrolment", "enrollment", "total_enrollment", "enroll", "member", "total"),
    "lunch_percent": ("lunch_percent", "poverty_pct", "frpl_pct"),
    "english_learners_percent": ("english_learners_percent", "ell_pct", "lep_pct"),
    "disabilities_percent": ("disabilities_percent", "swd_pct", "iep_pct"),
    "asian_percent": ("asian_percent", "asian_pct"),
    "black_percent": ("black_percent", "black_pct"),
    "hispanic_percent": ("hispanic_percent", "hispanic_pct"),
    "native_percent": ("native_percent", "native_american_pct"),
    "pacific_percent": ("pacific_percent", "pacific_islander_pct"),
    "several_percent": ("several_percent", "multi_racial_pct"),
    "white_percent": ("white_percent", "white_pct"),
    "locale": ("locale", "ulocale"),
    "low_grade": ("low_grade", "grade_low", "gslo"),
    "high_grade": ("high_grade", "grade_high", "gshi"),
    "district": ("district_name", "dist_name", "lea_name"),
    "website": ("website", "web_site"),
    "level": ("level", "school_level"),
    "title_one": ("title_one", "title1", "titlei", "titlei_status"),
}
COUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "lunch_percent": ("totfrl", "frpl_total"),
    "english_learners_percent": ("lep_total",),
    "disabilities_percent": ("iep_total",),
    "asian_percent": ("as", "asian", "n_asian"),
    "black_percent": ("bl", "black", "n_black"),
    "hispanic_percent": ("hi", "hisp", "n_hispanic"),
    "native_percent": ("am", "n_aian"),
    "pacific_percent": ("hp", "pacific", "n_nhpi"),
    "several_percent": ("tr", "n_two_plus"),
    "white_percent": ("wh", "white", "n_white"),
}
"""Numbers of students where a file has no share of them."""
GRADE_COLUMNS = (("PK", "grade_3k_pk_half_day_full"), ("K", "grade_k"), *((str(n), f"grade_{n}") for n in range(1, 13)))
YEAR_COLUMNS: Final = ("year", "school_year", "survyear")
NOT_KNOWN: Final = frozenset({"m", "n", "na", "n/a", "-1", "-2", "-9", "\N{EN DASH}", "\N{DAGGER}"})
LEVEL_WORDS: Final[Mapping[str, str]] = {
    "prekindergarten": "early", "pre-k": "early", "primary": "elementary", "junior high": "middle", "junior": "middle",
    "senior": "high", "secondary": "high", "other": "combined", "k-12": "combined", "ungraded": "combined",
}  # fmt: skip
GRADE_WORDS: Final[Mapping[str, str]] = {"KG": "K", "TK": "K", "ENTRY": "K", "PRESCHOOL": "PK", "3K": "PK"}
TITLE_ONE: Final[Mapping[str, bool]] = {
    "yes": True, "y": True, "1": True, "1-yes": True, "title 1": True, "title i": True,
    "no": False, "n": False, "2": False, "2-no": False, "not title 1 eligible": False,
    "title 1 eligible, no program": False,
}  # fmt: skip
MOST: Final = 1e9
MOSTLY: Final = 0.9
"""From which part of all shares on, if none of these is above 1, a file writes fractions: the rest are mistakes."""


def read_directory_row(content: bytes, directory_id: str) -> dict[str, Any]:
    """The profile values of the school with this id, of its newest year where the file has several.

    Args:
        content: a CSV or tab-separated text with a header, UTF-8 or Latin-1.

    Raises:
        NotFound: no row has the id.
        InvalidInput: no column that could hold ids, or a value of this school that can't be read.
    """
    reader = rows_of(content)
    try:
        header = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
        id_columns = [header[name] for name in ID_COLUMNS if name in header]
        if not id_columns:
            wanted = ", ".join(ID_COLUMNS)
            raise InvalidInput(
                {
                    "file": [
                        filled(N_("No column holds school ids; one of these is expected: {columns}."), columns=wanted)
                    ]
                }
            )
        own, are_fractions = _look_through(reader, header, id_columns, directory_id)
    except csv.Error as error:
        raise InvalidInput({"file": [filled(N_("Line {n} can't be read as CSV."), n=reader.line_num)]}) from error
    if own is None:
        raise NotFound(N_("No school in this file has that id. Read the id as text: it may begin with zeros."))
    return _values(own, header, 100 if are_fractions else 1)


def rows_of(content: bytes) -> "csv.DictReader[str]":
    """The rows under the header: separated by tabs where the header is, as databases export it, else by commas.

    Raises:
        InvalidInput: as `lines_of`.
    """
    header, _, _ = content.partition(b"\n")
    return csv.DictReader(lines_of(content), delimiter="\t" if b"\t" in header else ",")


def lines_of(content: bytes) -> TextIO:
    """The text of a file, UTF-8 or Latin-1, decoded as it is read; InvalidInput for what is no text."""
    if b"\x00" in content:
        raise InvalidInput(
            {"file": [N_("This is not a CSV file: it holds binary data. Save it as CSV and try again.")]}
        )
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig" if _is_utf_8(content) else "latin-1", newline="")


def _is_utf_8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(content), CHUNK):
            decoder.decode(content[at : at + CHUNK], final=at + CHUNK >= len(content))
    except UnicodeDecodeError:
        return False
    return True


def cell_of(row: Mapping[str, str], header: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The cell under the first of these names that the header has; "" where it has none."""
    for name in names:
        if name in header:
            return (row.get(header[name]) or "").strip()
    return ""


def level_of(cell: str) -> str | None:
    """The vocabulary's level for a directory's word; None for a word that tells none."""
    word = cell.lower().removesuffix(" school")
    return word if word in LEVELS else LEVEL_WORDS.get(word)


def _look_through(
    rows: Iterable[dict[str, str]], header: Mapping[str, str], id_columns: Sequence[str], directory_id: str
) -> tuple[dict[str, str] | None, bool]:
    """The school's row, and whether the file writes fractions: what most shares of all schools say."""
    own: dict[str, str] | None = None
    shares = up_to_one = 0
    columns = [names for field, names in COLUMNS.items() if field.endswith("_percent")]
    for row in rows:
        if directory_id in [(row.get(column) or "").strip() for column in id_columns] and (
            own is None or cell_of(row, header, YEAR_COLUMNS) >= cell_of(own, header, YEAR_COLUMNS)
        ):
            own = row
        for names in columns:
            cell = cell_of(row, header, names)
            number = _number(cell) if cell else None
            if number is not None and number > 0:
                shares += 1
                up_to_one += number <= 1
    return own, shares > 0 and up_to_one >= MOSTLY * shares


def _values(row: Mapping[str, str], header: Mapping[str, str], times: int) -> dict[str, Any]:
    values: dict[str, Any] = dict(_grades_counted(row, header))
    for field, names in COLUMNS.items():
        cell = _known(cell_of(row, header, names))
        value = _value(field, cell, times) if cell else None
        if value is not None:
            values[field] = value
    students = values.get("enrolment")
    for field, names in COUNTS.items():
        cell = _known(cell_of(row, header, names))
        if cell and students and field not in values:
            values[field] = round(100 * _certain(cell, field) / students, 1)
    return values


def _value(field: str, cell: str, times: int) -> Any:
    """None for words that say nothing about the school."""
    if field.endswith("_percent"):
        return round(times * _certain(cell, field), 1)
    if field == "enrolment":
        return round(_certain(cell, field))
    if field == "locale":
        # NCES writes '41-Rural: Fringe'.
        return round(_certain(cell.partition("-")[0], field))
    if field in ("low_grade", "high_grade"):
        return _grade(cell)
    if field == "level":
        return level_of(cell)
    return TITLE_ONE.get(cell.lower()) if field == "title_one" else cell


def _grade(cell: str) -> str:
    """'K' for 'KG', '6' for '06'; what is no grade stays as it is, to be refused with the reason."""
    return GRADE_WORDS.get(cell.upper(), cell.upper().lstrip("0") or cell)


def _grades_counted(row: Mapping[str, str], header: Mapping[str, str]) -> dict[str, str]:
    """Grades with students in them, where a file counts each grade."""
    held = [grade for grade, name in GRADE_COLUMNS if cell_of(row, header, (name,)) not in ("", "0", "0.0")]
    return {"low_grade": held[0], "high_grade": held[-1]} if held else {}


def _known(cell: str) -> str:
    return "" if cell.lower().removesuffix(".0") in NOT_KNOWN else cell


def _number(cell: str) -> float | None:
    try:
        return float(cell.replace(",", "").removesuffix("%"))
    except ValueError:
        return None


def _certain(cell: str, field: str) -> float:
    number = _number(cell)
    if number is None or not abs(number) < MOST:
        raise InvalidInput({field: [N_("This cell of the file is not a number; correct the file or type the value.")]})
    return number
