"""One page of results as a reader sees it: the held drawings, and between their parts what is the reader's own."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import jinja2
import numpy as np
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node import i18n
from nic_node.commons.cards import Card, slotted
from nic_node.commons.listing import hit_values
from nic_node.commons.search import Hit, LookUp, hits_of
from nic_node.commons.shelf import Shelf
from nic_node.web.drawings import SLOT
from nic_node.web.language import speaking

PARTS = "commons/parts.html"
A_SLOT = Markup(SLOT)  # noqa: S704  # a constant
EMPTY = Markup()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """For whom results are drawn.

    Attributes:
        compare_with: the address of this page with one more practice to compare, whose id is still to come; '' where
            there is room for none. compared: those that were chosen.
    """

    language: str
    token: Markup
    may_adopt: bool
    compare_with: Markup
    compared: Collection[str]


async def draw_results(
    session: AsyncSession, shelf: Shelf, found: LookUp, reader: Reader, template: jinja2.Template
) -> Markup:
    """The results of a page: only those that nobody has looked at since the libraries changed are read and drawn.

    Args:
        template: `PARTS`.
    """
    make_parts = cache(lambda: template.make_module({"csrf_token": A_SLOT, "person": None}))
    ids = found.ranked.ids.tolist()
    cards = found.cards.cards
    held = {row_id: card for row_id in ids if (card := cards.get((row_id, reader.language))) is not None}
    missing = [row_id for row_id in ids if row_id not in held]
    hits = await hits_of(session, shelf, found, np.array(missing, np.int64)) if missing else ()
    why = await _reasons(session, shelf, found, reader.language)
    with speaking(reader.language):
        for hit in hits:
            held[hit.record.id] = card = draw_card(make_parts(), reader.language, hit)
            cards.keep((hit.record.id, reader.language), card)
        drawn: list[str] = []
        for row_id in ids:
            if row_id in held:
                drawn += _put_together(make_parts, found, row_id, held[row_id], why[row_id], reader)
    return Markup("".join(drawn))  # noqa: S704  # each of them is Markup


async def _reasons(session: AsyncSession, shelf: Shelf, found: LookUp, language: str) -> dict[int, Markup]:
    ascending = np.sort(found.ranked.ids)
    kinds = shelf.kinds(found.columns, found.columns.rows_of(ascending))
    reasons = await shelf.reasons(session, found.here.mine, kinds, language)
    return dict(zip(ascending.tolist(), reasons, strict=True))


def _put_together(
    make_parts: Callable[[], Any], found: LookUp, row_id: int, card: Card, why: Markup, reader: Reader
) -> Sequence[Markup]:
    """A card with what is the reader's own between its parts."""
    before, around_why, between, after = card.parts
    elsewhere = make_parts().elsewhere(found.elsewhere[card.log_id]) if card.log_id in found.elsewhere else EMPTY
    started = found.started(row_id, card.record_id)
    if started is not None:
        act: Sequence[Markup] = (make_parts().ours(started),)
    elif card.is_abandoned or not reader.may_adopt:
        act = (card.look,)
    else:
        act = (card.start[0], reader.token, card.start[1])
    compare: Sequence[Markup] = ()
    if reader.compare_with and card.record_id not in reader.compared:
        compare = (card.compare[0], reader.compare_with, card.compare[1])
    return (before, why, around_why, elsewhere, between, *act, *compare, after)


def draw_card(parts: Any, language: str, hit: Hit) -> Card:
    """What is everybody's of a hit; the reader's own is left out. `parts` are the macros of `PARTS`."""
    record_id = hit.record.record_id
    values = hit_values(hit, i18n.translations(language))
    before, around_why, between, after = slotted(parts.hit(values, A_SLOT, A_SLOT, A_SLOT))
    start = slotted(parts.start(record_id))
    compare = slotted(parts.compare(values["title"], A_SLOT + quote(record_id, safe="")))
    return Card(
        record_id=record_id,
        log_id=hit.record.log_id,
        is_abandoned=hit.record.payload["decision"] == "abandon",
        parts=(before, around_why, between, after),
        start=(start[0], start[1]),
        compare=(compare[0], compare[1]),
        look=parts.look(record_id),
    )
