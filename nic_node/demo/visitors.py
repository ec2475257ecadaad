"""People of the demo, as their browsers and programs act: pages with forms, the JSON API with a token."""

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any, Self

import aiohttp
from yarl import URL

from nic_node.errors import NicError

TOKEN_FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')
REQUEST_SECONDS = 60
PASSWORD = "kind regards to the fjord"  # noqa: S105 - for a node that lives as long as the demo, on this machine only


class StepFailed(NicError):
    """The demo expected something else of a node."""


class Visitor:
    """One person at one node, with a browser (a cookie jar) and, once made, an access token."""

    def __init__(self, base: str) -> None:
        self.base = base
        jar = aiohttp.CookieJar(unsafe=True)
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        self._session = aiohttp.ClientSession(cookie_jar=jar, timeout=timeout)
        self._token: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._session.close()

    async def page(self, path: str, *, status: int = 200) -> str:
        """Open a page and return its HTML."""
        async with self._session.get(URL(self.base + path, encoded=True)) as answer:
            text = await answer.text()
            if answer.status != status:
                raise StepFailed(f"GET {path} answered {answer.status}, not {status}.")
            return text

    async def submit(
        self,
        path: str,
        values: Mapping[str, Any],
        *,
        on: str | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        status: int = 200,
    ) -> str:
        """Open the page `on` (else `path`), send its form to `path`, follow where it leads.

        Args:
            values: field -> text, or list of texts.
            files: field -> (file name, content).
        """
        form = aiohttp.FormData()
        token = TOKEN_FIELD.search(await self.page(on or path))
        form.add_field("csrf_token", unescape(token.group(1)) if token else "")
        for name, value in values.items():
            for one in value if isinstance(value, list) else [value]:
                form.add_field(name, str(one))
        for name, (filename, content) in (files or {}).items():
            form.add_field(name, content, filename=filename, content_type="text/csv")
        async with self._session.post(URL(self.base + path, encoded=True), data=form) as answer:
            text = await answer.text()
            if answer.status != status:
                raise StepFailed(f"POST {path} answered {answer.status}, not {status}: {visible_errors(text)}")
            return text

    async def call(self, method: str, path: str, body: Any = None, *, status: int | None = None) -> Any:
        """Use the API with this person's token."""
        headers = {"Authorization": f"Bearer {self._token}"}
        data = None if body is None else json.dumps(body)
        if data is not None:
            headers["Content-Type"] = "application/json"
        url = URL(f"{self.base}/api/v1{path}", encoded=True)
        async with self._session.request(method, url, data=data, headers=headers) as answer:
            text = await answer.text()
            expected = answer.status == status if status is not None else answer.status < 300
            if not expected:
                raise StepFailed(f"{method} {path} answered {answer.status}: {text[:400]}")
            return json.loads(text) if text else None

    async def make_token(self) -> None:
        """Make an access token with all that this person may do now; a session may, a token may not make tokens."""
        me = await self._as_browser("GET", "/accounts/me")
        asked = {"name": "demo", "scopes": me["permissions"], "days": 1}
        self._token = (await self._as_browser("POST", "/accounts/tokens", asked))["token"]

    async def _as_browser(self, method: str, path: str, body: Any = None) -> Any:
        page = TOKEN_FIELD.search(await self.page("/account"))
        headers = {"X-CSRF-Token": unescape(page.group(1)) if page else "", "Content-Type": "application/json"}
        url = URL(f"{self.base}/api/v1{path}", encoded=True)
        data = json.dumps(body) if body is not None else None
        async with self._session.request(method, url, data=data, headers=headers) as answer:
            if answer.status >= 300:
                raise StepFailed(f"{method} {path} answered {answer.status}: {(await answer.text())[:400]}")
            return await answer.json()


def visible_errors(html: str) -> str:
    """The sentences that a page shows beside its fields."""
    found = re.findall(r'class="[^"]*(?:error|usa-alert)[^"]*"[^>]*>(.*?)</', html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>|\s+", " ", piece).strip() for piece in found)[:400]
