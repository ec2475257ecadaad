"""Names of students and families that no paper may carry: kept by a room above; app passes in how to find them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.disclosure.text.folding import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """What is looked for in texts, without telling it.

    Attributes:
        spans_in: (start, end) of each name in a folded text.
        are_missing: nobody brought any. are_old: they were brought so long ago that some are not among them.
    """

    spans_in: Callable[[str], Sequence[tuple[int, int]]]
    are_missing: bool = False
    are_old: bool = False

    def found_in(self, texts: Iterable[str | None]) -> tuple[str, ...]:
        """Each name that stands in one of the texts, as it stands there."""
        folded = [fold(text).text for text in texts if text]
        return tuple(dict.fromkeys(text[start:end] for text in folded for start, end in self.spans_in(text)))


NOBODY = KnownNames(spans_in=lambda _text: (), are_missing=True)
LoadNames = Callable[[AsyncSession], Awaitable[KnownNames]]
NAMES: web.AppKey[LoadNames] = web.AppKey("names")


async def known_names(request: web.Request, session: AsyncSession) -> KnownNames:
    return await request.config_dict[NAMES](session)
