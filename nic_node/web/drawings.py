"""Parts of pages that were drawn once and are held, as many as fit; who lacks one draws it.

A part that holds the token of this browser's forms is kept with a slot in its place.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, Protocol, TypeVar

from aiohttp import web
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

BYTES_A_DRAWING: Final = 300  # what key and objects take beside the text
SLOT: Final = "\N{NULL}"
"""Where something is put in later; no text that came in holds it."""
SHELL_BYTES: Final = 4 * 2**20


class Sized(Protocol):
    def __len__(self) -> int:
        """Characters: one of Latin-1 takes a byte, of others two."""


Drawn = TypeVar("Drawn", bound=Sized)


class Drawings(Generic[Drawn]):
    """Drawings by key; those that were not looked at longest go first."""

    def __init__(self, most_bytes: int) -> None:
        self._held: OrderedDict[Hashable, Drawn] = OrderedDict()
        self._most_bytes = most_bytes
        self.bytes = 0

    def get(self, key: Hashable) -> Drawn | None:
        drawn = self._held.get(key)
        if drawn is not None:
            self._held.move_to_end(key)
        return drawn

    def keep(self, key: Hashable, drawn: Drawn) -> None:
        before = self._held.pop(key, None)
        self.bytes += _size(drawn) - (0 if before is None else _size(before))
        self._held[key] = drawn
        while self.bytes > self._most_bytes:
            self.bytes -= _size(self._held.popitem(last=False)[1])


def _size(drawn: Sized) -> int:
    return BYTES_A_DRAWING + len(drawn)


def with_token(drawings: Drawings[Markup], key: Hashable, token: str, draw: Callable[[], str]) -> Markup:
    """What is held under the key, or what `draw` makes of it; with this browser's token in its forms."""
    held = drawings.get(key)
    if held is None:
        drawn = Markup(draw())  # noqa: S704  # a macro's answer, escaped where it was drawn
        held = drawn.replace(token, SLOT) if token else drawn
        drawings.keep(key, held)
    return held.replace(SLOT, token)


SHELL_DRAWINGS: web.AppKey[Drawings[Markup]] = web.AppKey("shell_drawings", Drawings)


@pass_context
def shell_part(page: Context, name: str, caller: Callable[[], str]) -> Markup:
    """For `{% call %}`: a part of the shell is drawn once for each `shell_key`; on a page without one each time."""
    key = page.get("shell_key")
    if key is None:
        return Markup(caller())  # noqa: S704  # a macro's answer, escaped where it was drawn
    return with_token(page["shell_drawings"], (name, key), page.get("csrf_token", ""), caller)
