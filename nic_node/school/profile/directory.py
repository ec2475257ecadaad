"""One school's row of a public directory file, read with the care that such files need.

Public files mix fractions and percentages, leave cells blank and shift columns. A fraction is taken for a share only
when its column says that all its values are fractions; what no school can have is refused, with the reason.
"""

import csv
import io
from collections.abc import Mapping
from typing import Any

from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_

MAX_DIRECTORY_BYTES = 8 * 1024 * 1024
ID_COLUMNS = ("nces_id", "ncessch", "dbn", "directory_id", "sch_id")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "enrolment": ("enrolment", "enrollment", "total_enrollment", "enroll", "member"),
    "lunch_percent": ("lunch_percent", "poverty_pct", "frpl_pct"),
    "english_learners_percent": ("english_learners_percent", "ell_pct", "lep_pct"),
    "disabilities_percent": ("disabilities_percent", "swd_pct", "iep_pct"),
    "locale": ("locale", "ulocale"),
    "low_grade": ("low_grade", "grade_low", "gslo"),
    "high_grade": ("high_grade", "grade_high", "gshi"),
    "district": ("district_name", "dist_name", "lea_name"),
}
GRADE_COLUMNS = (("PK", "grade_3k_pk_half_day_full"), ("K", "grade_k"), *((str(n), f"grade_{n}") for n in range(1, 13)))


def read_directory_row(content: bytes, directory_id: str) -> dict[str, Any]:
    """The profile values of the school with this id.

    Args:
        content: a CSV with a header, UTF-8 or Latin-1.

    Raises:
        NotFound: no row has the id.
        InvalidInput: no column that could hold ids, or a value that can't be read.
    """
    reader = csv.DictReader(io.StringIO(decode(content)))
    header = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    id_column = next((header[name] for name in ID_COLUMNS if name in header), None)
    if id_column is None:
        wanted = ", ".join(ID_COLUMNS)
        raise InvalidInput({"file": [f"No column holds school ids; one of these is expected: {wanted}."]})
    row = None
    is_fraction = dict.fromkeys(COLUMNS, True)
    for candidate in reader:
        if (candidate.get(id_column) or "").strip() == directory_id:
            row = candidate
        for field, names in COLUMNS.items():
            cell = cell_of(candidate, header, names)
            if cell and field.endswith("_percent") and _number(cell, field) > 1:
                is_fraction[field] = False
    if row is None:
        raise NotFound(N_("No school in this file has that id. Read the id as text: it may begin with zeros."))
    return _values(row, header, is_fraction)


def decode(content: bytes) -> str:
    """The text of a file, UTF-8 or Latin-1; InvalidInput for what is no text."""
    if b"\x00" in content:
        raise InvalidInput(
            {"file": [N_("This is not a CSV file: it holds binary data. Save it as CSV and try again.")]}
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _values(row: Mapping[str, str], header: Mapping[str, str], is_fraction: Mapping[str, bool]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, names in COLUMNS.items():
        cell = cell_of(row, header, names)
        if not cell:
            continue
        if field.endswith("_percent"):
            share = _number(cell, field)
            values[field] = round(100 * share if is_fraction[field] else share, 1)
        elif field in ("enrolment", "locale"):
            values[field] = round(_number(cell, field))
        else:
            values[field] = cell
    return {**_grades(row, header), **values}


def _grades(row: Mapping[str, str], header: Mapping[str, str]) -> dict[str, str]:
    """Grades with students in them, where a file counts each grade."""
    held = [grade for grade, name in GRADE_COLUMNS if cell_of(row, header, (name,)) not in ("", "0", "0.0")]
    return {"low_grade": held[0], "high_grade": held[-1]} if held else {}


def cell_of(row: Mapping[str, str], header: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The cell under the first of these names that the header has; "" where it has none."""
    for name in names:
        if name in header:
            return (row.get(header[name]) or "").strip()
    return ""


def _number(cell: str, field: str) -> float:
    try:
        return float(cell.replace(",", "").removesuffix("%"))
    except ValueError as error:
        raise InvalidInput(
            {field: [N_("This cell of the file is not a number; correct the file or type the value.")]}
        ) from error
