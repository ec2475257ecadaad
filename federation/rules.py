"""The rules of disclosure that every receiver checks again, on every record that arrives.

A school prints its numbers by these rules; a record that breaks one was not made by an honest node, or not by one
of this version, and is refused. Each rule has its own stable code (schemas/problem.py, RULE_*):

rule-printed-n     n is not a value of the printing table, or changes within a series
rule-band          a band is not one of the grid that its n allows
rule-cell-minimum  fewer people than a cell, a mean, a rate or the rung 'measured' needs
rule-policy        fewer people than this network's policy asks for, which may be more
rule-points        too many points for n, a point twice, points without a use
rule-mean          a mean or sd finer than its step, or without the ends of its scale
rule-events        events or exposure not rounded
rule-rung          numbers or words that the rung does not show, or the rung's own missing
rule-direction     the direction word says the contrary of the numbers
rule-subgroup      the same measure twice: a group beside its whole
rule-context       a context that is not a class of the epoch's lattice
rule-text          an e-mail address, a phone number or a link in a text
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from federation.effects import direction_word, oriented, printed_effect
from federation.errors import Untrusted
from federation.rules_printing import (
    CELL_MINIMUM,
    FOLLOW_UPS,
    LARGE_N,
    LEAST_SD,
    MEASURED_MINIMUM,
    POINTS_MAX,
    POINTS_MAX_LARGE,
    SMALL_N,
    PrintedN,
    is_band,
    is_printed_mean,
    is_printed_n,
    mean_step,
    printed_events,
    printed_n,
    scale_of,
    two_digit_sd,
    two_digits,
)
from federation.rules_text import find_pattern, may_hold_pattern, texts_of
from schemas.canonical import document_sha256
from schemas.problem import Code

Document = Mapping[str, Any]

RECORDS_OF_RESULTS = ("practice", "replication")
COMPARED = ("baseline", "end")
CONTRARY = {("better", "worse"), ("worse", "better")}


def verify_payload_rules(
    kind: str,
    payload: Document,
    policy: Document,
    lattice: Document | None,
    *,
    lattice_sha256: str | None = None,
    written: bytes | None = None,
) -> None:
    """Refuse a payload that breaks a rule of disclosure; its shape was checked against its schema before.

    policy and lattice are those of the record's epoch; lattice is None where the epoch has none. lattice_sha256 is its
    hash where the caller knows it; computing it takes longer than all else here. written: the payload's canonical bytes
    where the caller has them, with more of its blob perhaps: most have no text that needs a look. Raises Untrusted with
    one of the codes above; what is wrong is told by path and rule, never by repeating the text.
    """
    if written is None or may_hold_pattern(written):
        _verify_texts(payload)
    if kind not in RECORDS_OF_RESULTS:
        return
    _verify_context(payload, lattice, lattice_sha256)
    outcome = _outcome(payload) if payload["rung"] == "measured" else None
    _verify_rung(payload, outcome)
    _verify_subgroups(payload)
    for index, measure in enumerate(payload.get("measures", ())):
        _verify_measure(f"/measures/{index}", measure, policy)
    if outcome is not None and "aim" in payload:
        _verify_direction(payload, outcome)


def _verify_texts(payload: Document) -> None:
    for path, text in texts_of(payload):
        found = find_pattern(text)
        if found is not None:
            raise Untrusted(Code.RULE_TEXT, f"{path} holds what looks like a {found}; it has to be taken out.")


def _verify_context(payload: Document, lattice: Document | None, lattice_sha256: str | None) -> None:
    context = payload.get("context")
    if context is None:
        return
    if lattice is None or context["lattice_sha256"] != (lattice_sha256 or document_sha256(lattice)):
        raise Untrusted(Code.RULE_CONTEXT, "The context names a lattice that is not this epoch's.")
    if all(known["id"] != context["class"] for known in lattice["classes"]):
        raise Untrusted(Code.RULE_CONTEXT, "The context names a class that the epoch's lattice does not have.")


def _verify_rung(payload: Document, outcome: Document | None) -> None:
    rung, measures = payload["rung"], payload.get("measures", ())
    if rung == "described" and (measures or "direction" in payload or "aim_result" in payload):
        raise Untrusted(Code.RULE_RUNG, "A described practice tells nothing about results, but this one does.")
    if rung != "described" and "direction" not in payload:
        raise Untrusted(Code.RULE_RUNG, f"A practice on the rung '{rung}' needs its direction word.")
    if rung == "direction" and any(measure["unit"] != "count" for measure in measures):
        raise Untrusted(Code.RULE_RUNG, "A practice on the rung 'direction' shows no numbers about people.")
    if rung == "measured" and outcome is None:
        raise Untrusted(Code.RULE_RUNG, "A measured practice shows its outcome at baseline and end; this one doesn't.")


def _outcome(payload: Document) -> Document | None:
    """The measure that the aim names (the first about people, where there is no aim), if it has baseline and end."""
    aim: Document | None = payload.get("aim")
    measures: Sequence[Document] = payload.get("measures", ())
    for measure in measures:
        aimed_at = aim is None or (aim["measure"], aim.get("label")) == (measure["measure"], measure.get("label"))
        if aimed_at and measure["unit"] != "count" and {p["at"] for p in measure["points"]}.issuperset(COMPARED):
            return measure
    return None


def _verify_subgroups(payload: Document) -> None:
    shown = [(measure["measure"], measure.get("label")) for measure in payload.get("measures", ())]
    if len(set(shown)) != len(shown):
        raise Untrusted(Code.RULE_SUBGROUP, "A measure appears twice: a group may not stand beside its whole.")


def _verify_direction(payload: Document, outcome: Document) -> None:
    effect = printed_effect(outcome)
    if effect is None:
        return
    if (payload["direction"], direction_word(oriented(effect, payload["aim"]["better"]))) in CONTRARY:
        raise Untrusted(Code.RULE_DIRECTION, "The direction word says the contrary of the numbers beside it.")


def _verify_measure(path: str, measure: Document, policy: Document) -> None:
    points, comparison = measure["points"], measure.get("comparison", ())
    least = _least(policy["cell_minimum"])
    for series in filter(None, (points, comparison)):
        _verify_series(path, series)
        for point in series:
            _verify_people(path, measure["unit"], point, least)
            _verify_value(path, measure, point)
    if comparison and not {point["at"] for point in comparison} <= {point["at"] for point in points}:
        raise Untrusted(Code.RULE_POINTS, f"{path} compares at a point that it does not show itself.")


def _verify_series(path: str, series: Sequence[Document]) -> None:
    """One group: each point once, one printed n, no more points than that n allows."""
    at = [point["at"] for point in series]
    shown_n = {point.get("n") for point in series}
    if len(set(at)) != len(at):
        raise Untrusted(Code.RULE_POINTS, f"{path} shows a point twice.")
    if len(shown_n) > 1:
        raise Untrusted(Code.RULE_PRINTED_N, f"{path} changes its n within a series.")
    n = next(iter(shown_n), None)
    allowed = POINTS_MAX_LARGE if isinstance(n, int) and n >= LARGE_N else POINTS_MAX
    if sum(name not in FOLLOW_UPS for name in at) > allowed:
        raise Untrusted(Code.RULE_POINTS, f"{path} shows more than the {allowed} points that its n allows.")


def _verify_people(path: str, unit: str, point: Document, least: int) -> None:
    n = point.get("n")
    if n is None and unit == "count":
        return
    if n is None:
        raise Untrusted(Code.RULE_CELL_MINIMUM, f"{path} does not say how many people it counts.")
    if not is_printed_n(n):
        raise Untrusted(Code.RULE_PRINTED_N, f"{path} shows an n that the printing table does not have.")
    if n == SMALL_N or n < (CELL_MINIMUM if unit == "count" else MEASURED_MINIMUM):
        raise Untrusted(Code.RULE_CELL_MINIMUM, f"{path} counts fewer people than a printed number needs.")
    if n < least:
        raise Untrusted(Code.RULE_POLICY, f"{path} counts fewer people than the network's policy asks for.")


@lru_cache
def _least(cell_minimum: int) -> int:
    """The least printed n that a network's policy lets be shown."""
    shown: PrintedN = printed_n(max(cell_minimum, CELL_MINIMUM))
    return CELL_MINIMUM if shown == SMALL_N else shown


def _verify_value(path: str, measure: Document, point: Document) -> None:
    match measure["unit"]:
        case "proportion":
            low, high = point["band"]
            if not is_band(low, high, point["n"]):
                raise Untrusted(Code.RULE_BAND, f"{path} shows a band that its n does not allow.")
        case "mean" | "minutes":
            _verify_mean(path, measure, point)
        case "rate":
            if two_digits(point["exposure"]) != point["exposure"]:
                raise Untrusted(Code.RULE_EVENTS, f"{path} shows an exposure with more than two digits.")
    if "events" in point and printed_events(point["events"]) != point["events"]:
        raise Untrusted(Code.RULE_EVENTS, f"{path} shows events that are not rounded to the nearest 5.")


def _verify_mean(path: str, measure: Document, point: Document) -> None:
    scale = scale_of(measure)
    if measure["unit"] == "mean" and scale is None:
        raise Untrusted(Code.RULE_MEAN, f"{path} shows a mean without the ends of its scale.")
    if point["sd"] < LEAST_SD or two_digit_sd(point["sd"]) != point["sd"]:
        raise Untrusted(Code.RULE_MEAN, f"{path} shows a standard deviation with more than two digits, or none.")
    if not is_printed_mean(point["mean"], mean_step(point["n"], point["sd"], scale)):
        raise Untrusted(Code.RULE_MEAN, f"{path} shows a mean finer than its step.")
