"""What a project's fields may hold: the closed lists of the vocabulary, and lengths that a practice can carry."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from nic_node.errors import InvalidInput
from nic_node.i18n import N_, filled, too_long
from nic_node.school.editing import FORMER_YEARS, far_off
from schemas.vocab import (
    COST_BANDS,
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

NOT_LISTED = N_("Choose one of the list.")
LENGTHS = {
    "title": 120, "problem_label": 80, "problem_statement": 400, "aim_label": 80, "aim_text": 400, "aim_target": 60,
    "idea_label": 80, "idea_summary": 400, "conditions": 400,
}  # fmt: skip
LISTED: Mapping[str, Mapping[str, Any]] = {
    "problem_category": PROBLEMS,
    "subject": SUBJECTS,
    "aim_measure": MEASURES,
    "idea_category": IDEAS,
}
LISTS: Mapping[str, Mapping[str, Any]] = {"grade_bands": GRADE_BANDS, "supports": SUPPORTS}
LABELS = {"problem_category": "problem_label", "aim_measure": "aim_label", "idea_category": "idea_label"}
MOST_STEPS, MOST_ADAPTABLE, MOST_MATERIALS = 12, 6, 5
DOSE_LIMITS = {"weeks": 60, "sessions_a_week": 50, "minutes": 600}


def verify_project(values: Mapping[str, Any], today: date) -> None:
    """Refuse what the closed lists, the lengths and the calendar don't allow.

    Raises:
        InvalidInput: all that is wrong at once, beside its fields.
    """
    said: dict[str, list[str]] = {}
    if not (values.get("title") or "").strip():
        said["title"] = [N_("Name the project so that a colleague knows what it is.")]
    if values.get("starts_on") is None:
        said["starts_on"] = [N_("Say when it starts.")]
    elif wrong := far_off(values["starts_on"], today, back=FORMER_YEARS):
        said["starts_on"] = [wrong]
    for name, longest in LENGTHS.items():
        if len(values.get(name) or "") > longest:
            said[name] = [too_long(longest)]
    said |= _verify_listed(values)
    said |= _verify_counted(values)
    if said:
        raise InvalidInput(said)


def _verify_listed(values: Mapping[str, Any]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for name, vocabulary in LISTED.items():
        if values.get(name) is not None and values[name] not in vocabulary:
            said[name] = [NOT_LISTED]
    for name, vocabulary in LISTS.items():
        if any(item not in vocabulary for item in values.get(name) or ()):
            said[name] = [NOT_LISTED]
    for name, label in LABELS.items():
        if values.get(name) == "other" and not values.get(label):
            said[label] = [N_("'Other' needs a name of its own.")]
    if values.get("aim_better") not in (None, "up", "down"):
        said["aim_better"] = [NOT_LISTED]
    cost = values.get("cost") or {}
    if cost.get("cost_band") is not None and cost["cost_band"] not in COST_BANDS:
        said["cost_band"] = [NOT_LISTED]
    if cost.get("staff_time_band") is not None and cost["staff_time_band"] not in STAFF_TIME_BANDS:
        said["staff_time_band"] = [NOT_LISTED]
    return said


def _verify_counted(values: Mapping[str, Any]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    if not 1 <= (values.get("aim_by_days") or 45) <= 400:
        said["aim_by_days"] = [N_("An aim is for a number of days from 1 to 400.")]
    for name, most in DOSE_LIMITS.items():
        number = (values.get("dose") or {}).get(name)
        if number is not None and not 1 <= number <= most:
            said[name] = [filled(N_("Write a number from 1 to {most}."), most=most)]
    adaptable = values.get("adaptable") or ()
    if len(adaptable) > MOST_ADAPTABLE or any(not 1 <= len(text) <= 200 for text in adaptable):
        said["adaptable"] = [N_("At most six parts, each within 200 characters.")]
    materials = values.get("materials") or ()
    if len(materials) > MOST_MATERIALS or any(not _is_material(item) for item in materials):
        said["materials"] = [N_("At most five materials, each with a kind, a title and up to 4,000 characters.")]
    changed = values.get("changed") or ()
    if len(changed) > MOST_ADAPTABLE or any(not _is_change(item) for item in changed):
        said["changed"] = [N_("At most six changes, each saying what and why within 200 characters.")]
    return said


def _is_material(item: Mapping[str, Any]) -> bool:
    known = item.get("kind") in MATERIAL_KINDS
    return known and 1 <= len(item.get("title", "")) <= 120 and 1 <= len(item.get("text", "")) <= 4000


def _is_change(item: Mapping[str, Any]) -> bool:
    return 1 <= len(item.get("what", "")) <= 200 and 1 <= len(item.get("why", "")) <= 200


def verify_steps(steps: Sequence[Mapping[str, Any]], starts_on: date) -> None:
    """Raises InvalidInput with the field names `steps` or `steps.N.field`."""
    said: dict[str, list[str]] = {}
    if len(steps) > MOST_STEPS:
        said["steps"] = [filled(N_("A change idea has at most {most} steps; join some of them."), most=MOST_STEPS)]
    for index, step in enumerate(steps):
        if not 1 <= len((step.get("does") or "").strip()) <= 200:
            said[f"steps.{index}.does"] = [N_("Say what is done, within 200 characters.")]
        if step.get("who") is not None and step["who"] not in ROLES:
            said[f"steps.{index}.who"] = [NOT_LISTED]
        if len(step.get("how_often") or "") > 80:
            said[f"steps.{index}.how_often"] = [N_("Keep it within 80 characters.")]
        if step.get("minutes") is not None and not 1 <= step["minutes"] <= 600:
            said[f"steps.{index}.minutes"] = [N_("Write minutes from 1 to 600.")]
        if wrong := far_off(step.get("due"), starts_on):
            said[f"steps.{index}.due"] = [wrong]
    if said:
        raise InvalidInput(said)
