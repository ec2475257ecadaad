"""A form posted from elsewhere is refused: the Origin must be ours, and the form must carry the token of its cookie."""

import hmac
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web

from nic_node.config import Config
from nic_node.errors import NotAllowed
from nic_node.i18n import N_

COOKIE = "nic_csrf"
FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
TOKEN_BYTES = 32
NEW_TOKEN: web.RequestKey[str] = web.RequestKey("new_csrf_token", str)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

NEVER_SHOWN = ("password", "passphrase")

FOREIGN = "This came from another site, so it was not done. Open the page here and try again."
NOT_THIS_VISIT = N_("This form was opened in another visit, so nothing was done. Look at it once more, then send it.")


class FormOfAnotherVisit(NotAllowed):
    """A form without this browser's token.

    Attributes:
        typed: (field, text) as it came, so that the page can offer it again; passwords and files are left out.
    """

    def __init__(self, typed: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(NOT_THIS_VISIT)
        self.typed = tuple(pair for pair in typed if not any(word in pair[0] for word in NEVER_SHOWN))


def form_token(request: web.Request) -> str:
    """The token that forms on this page carry; drawn once for a browser, then kept in its cookie."""
    token = request.cookies.get(COOKIE) or request.get(NEW_TOKEN)
    if not token:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        request[NEW_TOKEN] = token
    return token


def keep_token(request: web.Request, response: web.StreamResponse, config: Config) -> None:
    token = request.get(NEW_TOKEN)
    if token:
        response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=config.secure_cookies, path="/")


def verify_origin(request: web.Request, config: Config) -> None:
    """Refuse a foreign Origin before the body is read.

    Raises:
        NotAllowed: the browser says that another site sent this.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        if request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
            return
        raise NotAllowed(FOREIGN)
    ours = urlsplit(config.public_url)
    if origin != f"{ours.scheme}://{ours.netloc}":
        raise NotAllowed(FOREIGN)


def verify_token(request: web.Request, token: str | None) -> None:
    """Raises FormOfAnotherVisit unless `token` is the one in the browser's cookie."""
    kept = request.cookies.get(COOKIE, "")
    if not kept or not token or not hmac.compare_digest(kept.encode(), token.encode()):
        raise FormOfAnotherVisit
