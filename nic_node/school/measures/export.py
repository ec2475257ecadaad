"""A measure as CSV: what is here, in the columns that the import reads again."""

import csv
from collections.abc import Sequence
from io import StringIO

from nic_node.school.measures.tables import Observed

COLUMNS = ("date", "value", "x", "n", "sd", "exposure", "note", "left out because")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(observations: Sequence[Observed]) -> str:
    """UTF-8 text with a header; a cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    written = StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for observation in observations:
        numbers = (observation.value, observation.x, observation.n, observation.sd, observation.exposure)
        writer.writerow(
            [
                observation.period.isoformat(),
                *("" if number is None else f"{number:.15g}" for number in numbers),
                neutral_cell(observation.note),
                neutral_cell(observation.excluded_because),
            ]
        )
    return written.getvalue()


def neutral_cell(text: str) -> str:
    """Text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
