"""A record and a decision in words, for coordinators."""

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any, Final

from nic_node.i18n import N_
from nic_node.network.moderation.states import Act, CaseState
from schemas.vocab import DIRECTIONS, FLAG_CODES, MODERATION_REASONS

KINDS: Final[Mapping[str, str]] = {
    "practice": N_("A practice"),
    "replication": N_("A result with a practice"),
    "question": N_("A question"),
    "answer": N_("An answer"),
    "flag": N_("A flag"),
}
ACTS: Final[Mapping[str, str]] = {
    Act.MODERATE: N_("Take it down"),
    Act.BLOCK: N_("Block its pseudonym"),
    Act.DISMISS: N_("Leave it as it is"),
}
STATES: Final[Mapping[str, tuple[str, str]]] = {
    CaseState.DONE: (N_("Done"), "acc"),
    CaseState.WITHDRAWN: (N_("Taken back"), "line"),
    CaseState.MOOT: (N_("Gone by itself"), "line"),
}
"""State -> its name and the kind of its tag."""


def record_lines(payload: Mapping[str, Any] | None, catalogue: NullTranslations) -> list[tuple[str, str]]:
    """(what it is, text) of a record's words, in the order in which readers see them."""
    if payload is None:
        return []
    _ = catalogue.gettext
    lessons = payload.get("lessons", {})
    lines = [
        ("", payload.get("text", "")),
        (_("Problem"), payload.get("problem", {}).get("statement", "")),
        (_("Idea"), payload.get("idea", {}).get("summary", "")),
        (_("Steps"), "; ".join(step["does"] for step in payload.get("steps", ()))),
        (_("Conditions"), payload.get("conditions", "")),
        (_("What they changed"), "; ".join(change["what"] for change in payload.get("changed", ()))),
        (_("What worked"), lessons.get("worked", "")),
        (_("What they would change"), lessons.get("would_change", "")),
        (_("Watch out"), lessons.get("watch_out", "")),
        *((material["title"], material["text"]) for material in payload.get("materials", ())),
        (_("Direction"), _(DIRECTIONS[payload["direction"]].label) if "direction" in payload else ""),
    ]
    return [(label, text) for label, text in lines if text]


def code_words(codes: Mapping[str, int], catalogue: NullTranslations) -> list[tuple[str, str, int]]:
    """(code in words, what it means, how many pseudonyms gave it), what was given most first."""
    _ = catalogue.gettext
    ordered = sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    return [(_(FLAG_CODES[code].label), _(FLAG_CODES[code].definition), count) for code, count in ordered]


def reason_words(reason: str, catalogue: NullTranslations) -> str:
    entry = MODERATION_REASONS.get(reason)
    return catalogue.gettext(entry.label) if entry is not None else ""
