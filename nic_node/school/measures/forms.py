"""The forms of measures: what the browser sends, and what the verbs take."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import fields, validate

from nic_node.i18n import N_
from nic_node.school.measures.belongs import Home
from nic_node.school.measures.chosen_chart import KIND_NAMES, RULE_NAMES
from nic_node.school.measures.columns import ROLES
from nic_node.school.measures.compare import DECISIONS, ComparedRow, Comparison
from nic_node.school.measures.numbers import NUMBER_FIELDS
from nic_node.school.measures.read_file import ReadOptions
from nic_node.school.measures.tables import Measure
from nic_node.school.measures.write import BETTER, CADENCES
from nic_node.web.forms import Form, FormSchema
from schemas.vocab import MEASURE_KINDS, MEASURES, UNITS

NUMBER: dict[str, Any] = {
    "invalid": N_("Write a number, such as 93.5."),
    "special": N_("Write a number, such as 93.5."),
}
WHOLE: dict[str, Any] = {"invalid": N_("Write a whole number.")}
DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day."), "required": N_("Say which day.")}
COLUMN_PREFIX = "column_"
BIGGEST_ID = 2**53 - 1
TOGETHER = ("blank", "zero")
"""Suspicions of which one is like the next: a file of a year has a dozen days on which nothing was sent."""
MOST_ALONE = 3

CHOICES: Mapping[str, list[tuple[str, str]]] = {
    "vocabulary": [(entry.id, entry.label) for entry in MEASURES.values()],
    "kind": [(entry.id, entry.label) for entry in MEASURE_KINDS.values()],
    "unit": [(entry.id, entry.label) for entry in UNITS.values()],
    "better": list(BETTER.items()),
    "cadence": list(CADENCES.items()),
    "layout": [
        ("auto", N_("Find out from the first line")),
        ("periods", N_("A row a day or week")),
        ("students", N_("A row a student: count it here and keep only the totals")),
    ],
    "every": [("week", N_("Each week")), ("day", N_("Each school day"))],
    "decision": list(DECISIONS.items()),
    "chart_kind": list(KIND_NAMES.items()),
    "run_rules": list(RULE_NAMES.items()),
}


def _number() -> fields.Float:
    return fields.Float(load_default=None, error_messages=NUMBER)


def _id() -> fields.Integer:
    return fields.Integer(load_default=None, validate=validate.Range(min=1, max=BIGGEST_ID), error_messages=WHOLE)


LABELS = {
    "belongs": N_("Project or goal"),
    "vocabulary": N_("What is measured"),
    "label": N_("What it is"),
    "name": N_("Name here"),
    "cadence": N_("How often"),
    "group_name": N_("Whom"),
    "group_size": N_("How many people"),
    "class_count": N_("In how many classes"),
    "comparison_of": N_("Comparison for"),
    "baseline": N_("Where it stands"),
    "target": N_("Where it should be"),
    "owner_id": N_("Owner"),
    "definition": N_("How it is counted here"),
    "kind": N_("Kind"),
    "unit": N_("Counts"),
    "better": N_("Good is"),
    "scale_low": N_("Scale from"),
    "scale_high": N_("Scale to"),
    "chart_kind": N_("Chart"),
    "run_rules": N_("What counts as a signal"),
    "numerator_id": N_("How many"),
    "denominator_id": N_("Out of"),
}
NUMBER_LABELS = {
    "value": N_("Number"),
    "x": N_("How many"),
    "n": N_("Of how many people"),
    "sd": N_("Standard deviation"),
    "exposure": N_("Out of"),
    "note": N_("Note"),
    "excluded_because": N_("Why it is left out"),
}


class MeasureForm(FormSchema):
    """`belongs` is the key of a `Home`."""

    belongs = fields.String(load_default="")
    name = fields.String(load_default="")
    definition = fields.String(load_default="")
    vocabulary = fields.String(load_default="")
    label = fields.String(load_default="")
    kind = fields.String(load_default="")
    unit = fields.String(load_default="")
    better = fields.String(load_default="")
    cadence = fields.String(load_default="")
    baseline = _number()
    target = _number()
    scale_low = _number()
    scale_high = _number()
    owner_id = _id()
    comparison_of = _id()
    numerator_id = _id()
    denominator_id = _id()
    group_name = fields.String(load_default="")
    group_size = fields.Integer(load_default=None, error_messages=WHOLE)
    class_count = fields.Integer(load_default=None, error_messages=WHOLE)
    chart_kind = fields.String(load_default="")
    run_rules = fields.String(load_default="")
    screen_ranges = fields.String(load_default="")
    version = _id()


class NumberForm(FormSchema):
    """One number. `shape` says which fields the page showed: exact parts, or a bare value."""

    shape = fields.String(load_default="exact", validate=validate.OneOf(["exact", "value"]))
    period = fields.Date(required=True, error_messages=DATE)
    value = _number()
    x = _number()
    n = _number()
    sd = _number()
    exposure = _number()
    note = fields.String(load_default="")


class CorrectionForm(NumberForm):
    """A number that is here: also left out with a reason."""

    period = fields.Date(load_default=None, error_messages=DATE)
    left_out = fields.String(load_default="")
    excluded_because = fields.String(load_default="")
    version = _id()


class LinkForm(FormSchema):
    name = fields.String(load_default="")


class MarkForm(FormSchema):
    kind = fields.String(load_default="")
    day = fields.Date(required=True, error_messages=DATE)
    because = fields.String(load_default="")


class VersionForm(FormSchema):
    version = _id()


class EmptyForm(FormSchema):
    """A button with its token."""


class ImportForm(FormSchema):
    """An upload or pasted rows, and what a person says about their columns."""

    text = fields.String(load_default="")
    layout = fields.String(load_default="auto", validate=validate.OneOf([value for value, _ in CHOICES["layout"]]))
    column_period = fields.String(load_default="")
    column_value = fields.String(load_default="")
    column_x = fields.String(load_default="")
    column_n = fields.String(load_default="")
    column_sd = fields.String(load_default="")
    column_exposure = fields.String(load_default="")
    column_note = fields.String(load_default="")
    student_column = fields.String(load_default="")
    date_column = fields.String(load_default="")
    mark_column = fields.String(load_default="")
    who_column = fields.String(load_default="")
    who_values = fields.String(load_default="")
    absent_marks = fields.String(load_default="")
    present_marks = fields.String(load_default="")
    every = fields.String(load_default="", validate=validate.OneOf(["", "week", "day"]))
    window_ends = fields.Date(load_default=None, error_messages=DATE)


def measure_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """The verb's values: 'project-3' becomes project_id."""
    kind, _, number = data["belongs"].partition("-")
    is_id = number.isascii() and number.isdigit() and len(number) < 16
    home_id = int(number) if is_id else None
    values = {name: value for name, value in data.items() if name not in ("belongs", "version")}
    values["screen_ranges"] = data["screen_ranges"] == "1"
    values["project_id"] = home_id if kind == "project" else None
    values["goal_id"] = home_id if kind == "goal" else None
    return values


def form_values(measure: Measure) -> dict[str, Any]:
    """A measure as its form starts."""
    values = {name: getattr(measure, name) for name in MeasureForm().fields if name != "belongs"}
    home = f"project-{measure.project_id}" if measure.project_id else f"goal-{measure.goal_id}"
    shown = {name: "" if value is None else value for name, value in values.items()}
    return {**shown, "belongs": home, "screen_ranges": "1" if measure.screen_ranges else ""}


def given_numbers(data: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers that the shown fields hold; a percent that stands in a hidden field does not count."""
    hidden = {"exact": (), "value": ("x", "exposure")}[data["shape"]]
    return {name: data[name] for name in NUMBER_FIELDS if name not in hidden}


def read_options(data: Mapping[str, Any]) -> ReadOptions:
    columns = {role: data[COLUMN_PREFIX + role] for role in ROLES if data[COLUMN_PREFIX + role]}
    recipe: dict[str, Any] = {
        "columns": {role: data[f"{role}_column"] for role in ("student", "date", "mark") if data[f"{role}_column"]},
        "absent_marks": _listed(data["absent_marks"]),
        "present_marks": _listed(data["present_marks"]),
        "every": data["every"],
        "who": {data["who_column"]: _listed(data["who_values"])} if data["who_column"] and data["who_values"] else {},
    }
    return ReadOptions(layout=data["layout"], columns=columns, recipe=recipe, window_ends=data["window_ends"])


def remembered_values(remembered: Mapping[str, Any]) -> dict[str, Any]:
    """How rows of students were counted last time, as the import form starts."""
    recipe = remembered.get("students")
    if not recipe:
        return {}
    values = {f"{role}_column": name for role, name in recipe["columns"].items() if role in ("student", "date", "mark")}
    values |= {marks: ", ".join(recipe[marks]) for marks in ("absent_marks", "present_marks")}
    values["every"] = recipe["every"]
    for column, kept in recipe["who"].items():
        values |= {"who_column": column, "who_values": ", ".join(kept)}
    return values


def refused_fields(error_fields: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What reading said of roles and of the file, beside the form's fields."""
    named: dict[str, list[str]] = {}
    for name, said in error_fields.items():
        field = COLUMN_PREFIX + name if name in ROLES else name if name in ("window_ends", "absent_marks") else "file"
        named.setdefault(field, []).extend(said)
    return named


def confirm_form(comparison: Comparison) -> FormSchema:
    """A field for each odd row, one for all blanks, one for all zeros, and what was seen."""
    odd = [f"decision-{row.row.line}" for row in comparison.suspicious]
    together = [f"all-{code}" for code in TOGETHER]
    declared: dict[str, Any] = {name: fields.String(load_default="") for name in (*odd, *together, "seen")}
    schema = FormSchema.from_dict(declared, name="ConfirmForm")()
    assert isinstance(schema, FormSchema)
    return schema


def decided_together(comparison: Comparison) -> dict[str, list[ComparedRow]]:
    """Code of a suspicion -> its rows, where there are so many that one decision is asked for all of them."""
    found: dict[str, list[ComparedRow]] = {}
    for row in comparison.suspicious:
        if row.suspicion and row.suspicion.code in TOGETHER:
            found.setdefault(row.suspicion.code, []).append(row)
    return {code: rows for code, rows in found.items() if len(rows) > MOST_ALONE}


def decisions_of(form: Form) -> dict[int, str]:
    return {
        int(name.removeprefix("decision-")): decision
        for name, decision in form.data.items()
        if name.startswith("decision-") and decision
    }


def home_choices(homes: Iterable[Home], chosen: str) -> list[dict[str, str]]:
    """Open projects and goals, and the one that is chosen already."""
    groups = {"project": N_("Projects"), "goal": N_("Goals")}
    listed = [home for home in homes if home.is_open or home.key == chosen]
    ordered = sorted(listed, key=lambda home: home.kind != "project")
    return [{"value": home.key, "label": home.title, "group": groups[home.kind]} for home in ordered]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
