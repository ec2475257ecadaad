"""One sentence for the next page ('Saved. Undo'), carried in a short-lived cookie."""

import base64
import binascii
import json
from gettext import NullTranslations
from typing import Any

from aiohttp import web

from nic_node.i18n import Filled

COOKIE = "nic_flash"
KINDS = ("done", "warning", "error")
LONGEST_COOKIE = 2000


def say(
    response: web.Response, text: str, *, kind: str = "done", undo_url: str | None = None, **values: object
) -> web.Response:
    """Show `text` on the next page.

    Args:
        values: fill the `{names}` of a text that is marked with `N_`, once it is translated.
        undo_url: a path on this node that a form posts to, to take back what was just done.
    """
    filled_in = text.values if isinstance(text, Filled) else values
    told = {name: str(value) for name, value in filled_in.items()}
    marked = text.template if isinstance(text, Filled) else text
    content = json.dumps({"kind": kind, "text": marked, "undo_url": undo_url, "values": told}).encode()
    value = base64.urlsafe_b64encode(content).decode()
    response.set_cookie(COOKIE, value, max_age=60, httponly=True, samesite="Strict", path="/")
    return response


def taken(request: web.Request, catalogue: NullTranslations) -> list[dict[str, Any]]:
    """The sentence that waits, as a list of at most one {kind, text, undo_url}; a forged cookie says nothing."""
    value = request.cookies.get(COOKIE, "")
    if not value or len(value) > LONGEST_COOKIE:
        return []
    try:
        content = json.loads(base64.urlsafe_b64decode(value))
    except (binascii.Error, ValueError):
        return []
    if not isinstance(content, dict) or content.get("kind") not in KINDS or not isinstance(content.get("text"), str):
        return []
    undo = content.get("undo_url")
    is_path = isinstance(undo, str) and undo.startswith("/") and not undo.startswith("//")
    values = content.get("values")
    told = {name: str(value) for name, value in values.items()} if isinstance(values, dict) else {}
    try:
        text = _in_words(content["text"], told, catalogue)
    except (KeyError, IndexError, ValueError, AttributeError):
        return []
    return [{"kind": content["kind"], "text": text, "undo_url": undo if is_path else None}]


def _in_words(text: str, values: dict[str, str], catalogue: NullTranslations) -> str:
    """A sentence without values may hold braces that somebody typed."""
    said = catalogue.gettext(text) if text else ""
    return said.format(**values) if values else said


def forget(response: web.Response) -> None:
    response.del_cookie(COOKIE, path="/")
