"""In which language a page speaks: as its person chose, else as the browser asks, else the node's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

from aiohttp import web
from babel import negotiate_locale

from nic_node import i18n
from nic_node.web import context
from nic_node.web.visitor import visitor

HEADER = "Accept-Language"
LONGEST_HEADER = 200
_SPOKEN: ContextVar[str] = ContextVar("language of the page that is being written")


def language_of(request: web.Request) -> str:
    """'en' or 'es'."""
    who = visitor(request)
    chosen = who.language if who is not None else ""
    return chosen or language_asked(request.headers.get(HEADER, "")) or context.config(request).language


def words_of(request: web.Request) -> tuple[NullTranslations, str]:
    """Catalogue and language of this request's pages."""
    language = language_of(request)
    return i18n.translations(language), language


def language_asked(header: str) -> str:
    """The first of ours that a browser names, by its weights (RFC 9110, 12.5.4); '' where it names none."""
    weighed: list[tuple[float, str]] = []
    for part in header[:LONGEST_HEADER].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag))
        except ValueError:
            continue
    wanted = [tag for weight, tag in sorted(weighed, key=lambda one: one[0]) if weight]
    return negotiate_locale(wanted, list(i18n.LANGUAGES), sep="-") or ""


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """What is written within is in this language: templates and their macros, however they were imported."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken(otherwise: str) -> str:
    return _SPOKEN.get(otherwise)
