"""Up to four practices side by side: what each is, takes, and came to."""

from collections.abc import Sequence
from datetime import datetime
from gettext import NullTranslations
from typing import Any, Final

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.commons.context_words import context_words, grades_words
from nic_node.commons.forms import MOST_COMPARED
from nic_node.commons.listing import hit_values
from nic_node.commons.search import Hit, Search, hits_of, look_up
from nic_node.commons.shelf import Shelf
from nic_node.commons.showing import closeness, facts_of, lessons_of, steps_of
from nic_node.errors import InvalidInput, NotFound
from nic_node.i18n import N_
from nic_node.mirror.read import living_records
from nic_node.mirror.versions import newest_version

FEWEST: Final = 2
HOW_MANY: Final = N_("Name two to four practices to compare, each once.")
ONE_GONE: Final = N_("One of these practices is not in the libraries that your school may read. Compare the others.")


async def compare(
    session: AsyncSession, shelf: Shelf, record_ids: Sequence[str], *, now: datetime, person_id: int | None = None
) -> list[Hit]:
    """The practices in the order named, of each its newest version; `person_id` as `look_up` takes it.

    Raises:
        InvalidInput: they are fewer than two or more than four.
        NotFound: one of them is not here, or no practice.
    """
    newest = list(dict.fromkeys([await newest_version(session, each) for each in record_ids]))
    if not FEWEST <= len(newest) <= MOST_COMPARED:
        raise InvalidInput({"record": [HOW_MANY]}, HOW_MANY)
    records = await living_records(session, newest)
    found = await look_up(session, shelf, Search(), now=now, limit=1, person_id=person_id)
    here = set(found.columns.ids.tolist())
    if any(each not in records or records[each].id not in here for each in newest):
        raise NotFound(ONE_GONE)
    return await hits_of(session, shelf, found, np.array([records[each].id for each in newest], np.int64))


def compared_values(hits: Sequence[Hit], catalogue: NullTranslations) -> list[dict[str, Any]]:
    """What the table shows of each practice."""
    return [_values(hit, catalogue) for hit in hits]


def _values(hit: Hit, catalogue: NullTranslations) -> dict[str, Any]:
    payload, evidence = hit.record.payload, hit.evidence
    bands = evidence.own.bands
    grades = grades_words(payload["problem"].get("grade_bands"), catalogue)
    core = set(payload.get("core", ()))
    return hit_values(hit, catalogue) | {
        "school": ", ".join(part for part in (context_words(bands, catalogue) if bands else "", grades) if part),
        "closeness": catalogue.gettext(closeness(hit.likeness)),
        "statement": payload["problem"].get("statement", ""),
        "facts": dict(facts_of(payload, catalogue)),
        "core": [step["text"] for index, step in enumerate(steps_of(payload, catalogue)) if index in core],
        "lessons": dict(lessons_of(payload, catalogue)),
        "results": len(evidence.results),
        "decided": {decision: evidence.decided(decision) for decision in ("adopt", "adapt", "abandon")},
    }


def aspects(compared: Sequence[dict[str, Any]], name: str) -> list[str]:
    """The labels that any of them has under `facts` or `lessons`, in the order of the page."""
    return list(dict.fromkeys(label for each in compared for label in each[name]))
