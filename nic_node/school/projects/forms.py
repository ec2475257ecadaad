"""The project's forms: everything that a practice can carry, none of it needed on the first day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import fields, validate

from nic_node.i18n import N_
from nic_node.school.projects.check import MOST_STEPS
from nic_node.school.projects.tables import Project, ProjectStep
from nic_node.web.forms import FormSchema
from schemas.vocab import (
    COST_BANDS,
    DECISIONS,
    GRADE_BANDS,
    IDEAS,
    MATERIAL_KINDS,
    MEASURES,
    PROBLEMS,
    ROLES,
    STAFF_TIME_BANDS,
    SUBJECTS,
    SUPPORTS,
)

NUMBER: dict[str, Any] = {"invalid": N_("Write a whole number.")}
DATE: dict[str, Any] = {"invalid": N_("Write a date as year-month-day.")}
TEXT_FIELDS = (
    "title", "problem_label", "problem_statement", "aim_label", "aim_text", "aim_target", "idea_label", "idea_summary",
    "conditions",
)  # fmt: skip
CHOICE_FIELDS = ("problem_category", "subject", "aim_measure", "aim_better", "idea_category")
DOSE_FIELDS = ("weeks", "sessions_a_week", "minutes")


def listed(vocabulary: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(entry.id, entry.label) for entry in vocabulary.values()]


CHOICES = {
    "problems": listed(PROBLEMS),
    "ideas": listed(IDEAS),
    "measures": listed(MEASURES),
    "subjects": listed(SUBJECTS),
    "grade_bands": listed(GRADE_BANDS),
    "roles": listed(ROLES),
    "supports": listed(SUPPORTS),
    "cost_bands": listed(COST_BANDS),
    "staff_time_bands": listed(STAFF_TIME_BANDS),
    "material_kinds": listed(MATERIAL_KINDS),
    "decisions": listed(DECISIONS),
}


WORDS_OF_CHOICES: Mapping[str, list[tuple[Any, str]]] = {
    "problem_category": CHOICES["problems"],
    "idea_category": CHOICES["ideas"],
    "aim_measure": CHOICES["measures"],
    "subject": CHOICES["subjects"],
    "grade_bands": CHOICES["grade_bands"],
    "supports": CHOICES["supports"],
    "cost_band": CHOICES["cost_bands"],
    "staff_time_band": CHOICES["staff_time_bands"],
}


class ProjectForm(FormSchema):
    LISTS = ("grade_bands", "supports", "adaptable", "material_kind", "material_title", "material_text", "changed_what",
             "changed_why", "kept")  # fmt: skip

    goal_id = fields.Integer(load_default=None)
    lead_id = fields.Integer(load_default=None)
    starts_on = fields.Date(load_default=None, error_messages=DATE)
    title = fields.String(load_default="")
    problem_category = fields.String(load_default=None)
    problem_label = fields.String(load_default="")
    problem_statement = fields.String(load_default="")
    grade_bands = fields.List(fields.String(), load_default=list)
    subject = fields.String(load_default=None)
    aim_measure = fields.String(load_default=None)
    aim_label = fields.String(load_default="")
    aim_better = fields.String(load_default=None)
    aim_text = fields.String(load_default="")
    aim_target = fields.String(load_default="")
    aim_by_days = fields.Integer(load_default=45, error_messages=NUMBER)
    idea_category = fields.String(load_default=None)
    idea_label = fields.String(load_default="")
    idea_summary = fields.String(load_default="")
    adaptable = fields.List(fields.String(), load_default=list)
    weeks = fields.Integer(load_default=None, error_messages=NUMBER)
    sessions_a_week = fields.Integer(load_default=None, error_messages=NUMBER)
    minutes = fields.Integer(load_default=None, error_messages=NUMBER)
    cost_band = fields.String(load_default=None)
    staff_time_band = fields.String(load_default=None)
    material_kind = fields.List(fields.String(), load_default=list)
    material_title = fields.List(fields.String(), load_default=list)
    material_text = fields.List(fields.String(), load_default=list)
    changed_what = fields.List(fields.String(), load_default=list)
    changed_why = fields.List(fields.String(), load_default=list)
    kept = fields.List(fields.Integer(), load_default=list)
    supports = fields.List(fields.String(), load_default=list)
    conditions = fields.String(load_default="")
    version = fields.Integer(load_default=None)


class StepsForm(FormSchema):
    """One value a row in each list; a row without words is none."""

    LISTS = ("who", "does", "how_often", "minutes", "core", "due")

    who = fields.List(fields.String(), load_default=list)
    does = fields.List(fields.String(), load_default=list)
    how_often = fields.List(fields.String(), load_default=list)
    minutes = fields.List(fields.String(), load_default=list)
    core = fields.List(fields.Integer(), load_default=list)
    due = fields.List(fields.String(), load_default=list)
    version = fields.Integer(required=True)


class CloseForm(FormSchema):
    decision = fields.String(load_default="")
    aim_result = fields.String(load_default=None)
    worked = fields.String(load_default="")
    would_change = fields.String(load_default="")
    watch_out = fields.String(load_default="")
    closed_on = fields.Date(required=True, error_messages={**DATE, "required": N_("Say on which day it closed.")})
    early_because = fields.String(load_default="", validate=validate.Length(max=400))
    version = fields.Integer(required=True)


class ExtendForm(FormSchema):
    to = fields.Date(load_default=None, error_messages=DATE)
    because = fields.String(load_default="")
    version = fields.Integer(load_default=0)


class MidwayForm(FormSchema):
    note = fields.String(load_default="")
    version = fields.Integer(required=True)


class VersionForm(FormSchema):
    version = fields.Integer(required=True)


def values_of_form(data: Mapping[str, Any]) -> dict[str, Any]:
    """A loaded ProjectForm -> fields of the project."""
    values = {
        name: data[name] for name in ("goal_id", "lead_id", "starts_on", "aim_by_days", *TEXT_FIELDS, *CHOICE_FIELDS)
    }
    values["grade_bands"], values["supports"] = list(data["grade_bands"]), list(data["supports"])
    values["adaptable"] = [text.strip() for text in data["adaptable"] if text.strip()]
    values["dose"] = {name: data[name] for name in DOSE_FIELDS if data[name] is not None}
    values["cost"] = {name: data[name] for name in ("cost_band", "staff_time_band") if data[name]}
    rows = zip(data["material_kind"], data["material_title"], data["material_text"], strict=False)
    values["materials"] = [
        {"kind": kind, "title": title.strip(), "text": text.strip()}
        for kind, title, text in rows
        if title.strip() or text.strip()
    ]
    changes = zip(data["changed_what"], data["changed_why"], strict=False)
    values["changed"] = [
        {"what": what.strip(), "why": why.strip()} for what, why in changes if what.strip() or why.strip()
    ]
    values["kept"] = list(data["kept"])
    return values


def form_values_of(project: Project) -> dict[str, Any]:
    """A project -> what its form starts from."""
    names = ("goal_id", "lead_id", "starts_on", "aim_by_days", *TEXT_FIELDS, *CHOICE_FIELDS, "version")
    values: dict[str, Any] = {name: getattr(project, name) for name in names}
    values |= {"grade_bands": project.grade_bands, "supports": project.supports, "kept": project.kept}
    values |= {name: project.dose.get(name) for name in DOSE_FIELDS}
    values |= {name: project.cost.get(name) for name in ("cost_band", "staff_time_band")}
    values["adaptable"] = project.adaptable
    for part in ("kind", "title", "text"):
        values[f"material_{part}"] = [material[part] for material in project.materials]
    for part in ("what", "why"):
        values[f"changed_{part}"] = [change[part] for change in project.changed]
    return values


def steps_of_form(data: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """A loaded StepsForm -> steps, and what is wrong with its rows."""
    steps: list[dict[str, Any]] = []
    said: dict[str, list[str]] = {}
    for row, does in enumerate(data["does"]):
        if not does.strip():
            continue
        step: dict[str, Any] = {"does": does.strip(), "core": row in data["core"]}
        step["who"] = _cell(data["who"], row) or None
        step["how_often"] = _cell(data["how_often"], row)
        minutes, due = _cell(data["minutes"], row), _cell(data["due"], row)
        if minutes:
            step["minutes"] = int(minutes) if minutes.isdecimal() and len(minutes) < 6 else None
            if step["minutes"] is None:
                said[f"steps.{len(steps)}.minutes"] = [N_("Write minutes as a whole number.")]
        if due:
            try:
                step["due"] = date.fromisoformat(due)
            except ValueError:
                said[f"steps.{len(steps)}.due"] = [N_("Write a date as year-month-day.")]
        steps.append(step)
    return steps, said


def step_rows(steps: list[ProjectStep]) -> list[dict[str, Any]]:
    """Steps as rows of the form, with empty ones to write on."""
    names = ("who", "does", "how_often", "minutes", "core", "due")
    rows = [{name: getattr(step, name) for name in names} for step in steps]
    return [*rows, *({} for _ in range(min(3, MOST_STEPS - len(rows))))]


def _cell(column: list[str], row: int) -> str:
    return column[row].strip() if row < len(column) else ""
