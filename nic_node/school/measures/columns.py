"""Which column of a file with a row a period holds what: guessed from its names, said by a person, remembered."""

from collections.abc import Mapping, Sequence

from nic_node.evidence.counting import HEADERS
from nic_node.i18n import N_, filled
from nic_node.school.measures.sheets import refused

ROLES: Mapping[str, str] = {
    "period": N_("Date"),
    "value": N_("Number or percent"),
    "x": N_("How many"),
    "n": N_("Of how many people"),
    "sd": N_("Standard deviation"),
    "exposure": N_("Out of (student-days)"),
    "note": N_("Note"),
}
NAMES: Mapping[str, tuple[str, ...]] = {
    "period": (
        "date", "day", "period", "school date", "week ending", "week_ending", "week", "month", "period end",
        "period_end", "as of",
    ),
    "value": (
        "value", "percent", "percentage", "pct", "%", "percent present", "% present", "pct present", "attendance",
        "attendance rate", "rate", "mean", "average", "score", "minutes", "number",
    ),
    "x": ("x", "count", "numerator", "how many", "events", "yes", "students"),
    "n": ("n", "of", "total", "denominator", "of how many", "enrolled", "group size"),
    "sd": ("sd", "stdev", "std dev", "standard deviation"),
    "exposure": ("exposure", "out of", "student-days", "student days"),
    "note": ("note", "notes", "comment", "comments", "remark"),
}  # fmt: skip
USED: Mapping[str, tuple[str, ...]] = {
    "proportion": ("period", "value", "x", "n", "note"),
    "mean": ("period", "value", "sd", "n", "note"),
    "minutes": ("period", "value", "sd", "n", "note"),
    "count": ("period", "value", "x", "note"),
    "rate": ("period", "value", "x", "exposure", "n", "note"),
}
"""The roles that each unit has a use for."""

ROW_A_STUDENT = N_("This file has a row a student. Choose 'a row a student', so that it is counted and not kept.")


def settle_columns(
    header: Sequence[str], unit: str, said: Mapping[str, str], remembered: Mapping[str, str]
) -> dict[str, str]:
    """Role -> header: what was said, else what was remembered if it fits this file, else what the names suggest.

    Raises:
        InvalidInput: a column that is not there, or none for the date or the number.
    """
    spelled = {name.casefold(): name for name in header}
    columns = {role: name for role, name in said.items() if name and role in USED[unit]}
    for role, name in columns.items():
        if name.strip().casefold() not in spelled:
            raise refused(
                filled(
                    N_("The first line has no column called {name}; choose one of its names."), name=name.strip()[:60]
                ),
                role,
            )
    if not columns:
        fits = bool(remembered) and all(name.casefold() in spelled for name in remembered.values())
        columns = dict(remembered) if fits else guess_columns(header, unit)
    columns = {role: spelled[name.strip().casefold()] for role, name in columns.items()}
    _verify(columns, unit)
    if spelled.keys() & set(HEADERS["student"]):
        raise refused(ROW_A_STUDENT)
    return columns


def guess_columns(header: Sequence[str], unit: str) -> dict[str, str]:
    """What the names suggest. Of two columns with a date, the other one is the number, whatever it is called."""
    spelled = {name.casefold(): name for name in header}
    columns: dict[str, str] = {}
    for role in USED[unit]:
        known = [spelled[name] for name in NAMES[role] if name in spelled]
        free = [name for name in known if name not in columns.values()]
        if free:
            columns[role] = free[0]
    if len(header) == 2 and "period" in columns and len(columns) == 1:
        columns["value"] = next(name for name in header if name != columns["period"])
    return columns


def _verify(columns: Mapping[str, str], unit: str) -> None:
    if "period" not in columns:
        raise refused(N_("The first line must name a column for the date, such as 'date'. Which one is it?"), "period")
    has_exact = {"proportion": {"x", "n"}, "rate": {"x", "exposure"}, "count": {"x"}}.get(unit, {"value"})
    if "value" not in columns and not has_exact <= columns.keys():
        wanted = {
            "proportion": N_(
                "The first line must name a column 'percent', or two columns 'x' and 'n'. Which are they?"
            ),
            "rate": N_("The first line must name the columns 'events' and 'exposure'. Which are they?"),
            "count": N_("The first line must name a column 'count'. Which one is it?"),
        }
        sentence = wanted.get(
            unit, N_("The first line must name a column for the number, such as 'mean'. Which is it?")
        )
        raise refused(sentence, "value")
