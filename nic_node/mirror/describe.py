"""What a record is filed under: the properties that people filter a library by."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from schemas.vocab.context import ANY

BETWEEN: Final = ","
"""Stands between several values of one property; no code of a vocabulary has it."""

Document = Mapping[str, Any]


class Properties(NamedTuple):
    """Codes of a payload, None where it says nothing; the columns of `tables.MirrorProperties`.

    grade_bands: all of them, BETWEEN between. context_class: `{lattice sha256}:{class id}`; locale: of that class.
    """

    rung: str | None = None
    decision: str | None = None
    direction: str | None = None
    problem: str | None = None
    subject: str | None = None
    grade_bands: str | None = None
    idea: str | None = None
    cost_band: str | None = None
    staff_time_band: str | None = None
    context_class: str | None = None
    locale: str | None = None


NONE: Final = Properties()


def build_properties(payload: Document, lattice: Document | None) -> Properties:
    """Of a payload that was judged."""
    problem, cost, context = (payload.get(name, {}) for name in ("problem", "cost", "context"))
    return Properties(
        rung=payload.get("rung"),
        decision=payload.get("decision"),
        direction=payload.get("direction"),
        problem=problem.get("category"),
        subject=problem.get("subject"),
        grade_bands=BETWEEN.join(dict.fromkeys(problem.get("grade_bands", ()))) or None,
        idea=payload.get("idea", {}).get("category"),
        cost_band=cost.get("cost_band"),
        staff_time_band=cost.get("staff_time_band"),
        context_class=f"{context['lattice_sha256']}:{context['class']}" if context else None,
        locale=_locale(context, lattice) if context else None,
    )


def _locale(context: Document, lattice: Document | None) -> str | None:
    for known in (lattice or {}).get("classes", ()):
        if known["id"] == context["class"]:
            locale: str = known["bands"]["locale"]
            return None if locale == ANY else locale
    return None
