"""Stage 6, context: a school's exact profile becomes its class in the epoch's lattice, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nic_node.disclosure.draft import ContextProfile, Draft, Finding, Given
from schemas.canonical import document_sha256
from schemas.vocab import ANY, CONTEXT, bands_containing


def add_context(draft: Draft, given: Given) -> Draft:
    """Put the class into the record; without one, similarity has only the grades and the baseline to go by."""
    if "/context" in given.left_out:
        return replace(draft, findings=(*draft.findings, Finding("context", "context-left-out", "info", "/context")))
    found = context_class(given.profile, given.lattice) if given.profile and given.lattice else None
    if found is None or given.lattice is None:
        return replace(draft, findings=(*draft.findings, Finding("context", "no-context", "info", "/context")))
    context = {"lattice_sha256": document_sha256(given.lattice), "class": found}
    return replace(draft, record=draft.record | {"context": context})


def context_class(profile: ContextProfile, lattice: Mapping[str, Any]) -> str | None:
    """The id of the first class of the lattice that holds a profile; None where none does."""
    return first_class(all_bands_of(profile), lattice["classes"])


def first_class(holding: Mapping[str, Sequence[str]], classes: Sequence[Mapping[str, Any]]) -> str | None:
    """The id of the first class whose every band is among those that hold a school."""
    for entry in classes:
        if all(band in holding[attribute] for attribute, band in entry["bands"].items()):
            found: str = entry["id"]
            return found
    return None


def all_bands_of(profile: ContextProfile) -> dict[str, tuple[str, ...]]:
    """For each attribute the bands that hold the school, from fine to coarse."""
    return {attribute: bands_of(profile, attribute) for attribute in CONTEXT}


def bands_of(profile: ContextProfile, attribute: str) -> tuple[str, ...]:
    """The bands that hold an attribute's value, from fine to coarse; only 'any' where it is not known."""
    value = getattr(profile, attribute)
    return (ANY,) if value is None else bands_containing(attribute, value)
