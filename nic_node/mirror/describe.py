"""What a record is filed under: the properties that people filter a library by."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas.vocab.context import ANY

CONTEXT_FACETS: Final = ("level", "locale")

Document = Mapping[str, Any]


def build_facets(payload: Document, lattice: Document | None) -> list[tuple[str, str]]:
    """(name, value) of a payload that was judged, each once; `class` is `{lattice sha256}:{class id}`."""
    return list(dict.fromkeys(facet for facet in _facets(payload, lattice) if facet[1] is not None))


def _facets(payload: Document, lattice: Document | None) -> Iterator[tuple[str, Any]]:
    problem, cost, context = (payload.get(name, {}) for name in ("problem", "cost", "context"))
    for name, key in (("rung", "rung"), ("decision", "decision"), ("direction", "direction")):
        yield name, payload.get(key)
    yield "aim-result", payload.get("aim_result")
    yield "problem", problem.get("category")
    yield "subject", problem.get("subject")
    yield from (("grade-band", band) for band in problem.get("grade_bands", ()))
    yield "idea", payload.get("idea", {}).get("category")
    yield "cost-band", cost.get("cost_band")
    yield "staff-time-band", cost.get("staff_time_band")
    yield from (("measure", measure["measure"]) for measure in payload.get("measures", ()))
    if context:
        yield "class", f"{context['lattice_sha256']}:{context['class']}"
        yield from _context_facets(context, lattice)


def _context_facets(context: Document, lattice: Document | None) -> Iterator[tuple[str, str]]:
    for known in (lattice or {}).get("classes", ()):
        if known["id"] == context["class"]:
            bands = known["bands"]
            yield from ((name, bands[name]) for name in CONTEXT_FACETS if bands[name] != ANY)
