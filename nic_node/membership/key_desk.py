"""Showing keys and publishing new ones: a node's own and a network's differ in whose they are, and in nothing else."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web

from nic_node.errors import Conflict
from nic_node.keyring.purposes import KeyPurpose
from nic_node.keyring.rotate import LEAD, KeyView
from nic_node.membership.key_words import SAID, KeysSchema, RotateForm, RotateSchema, choices, key_rows
from nic_node.web import flash
from nic_node.web.context import now
from nic_node.web.forms import Form, blank_form, read_form
from nic_node.web.routes import FORM_BYTES, Api, Call
from nic_node.web.templating import render


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDesk:
    """A page, and the same for programs.

    Attributes:
        names: of the two operations, and what the first one shows.
        load: the keys, and what the template needs besides.
        rotate: publishes a new key of this purpose, which signs after that time. Raises Conflict.
        back: the way to the page, after a new key was published.
    """

    permit: str
    tag: str
    path: str
    names: tuple[str, str, str]
    template: str
    load: Callable[[web.Request], Awaitable[tuple[Sequence[KeyView], Mapping[str, Any]]]]
    rotate: Callable[[web.Request, KeyPurpose, timedelta], Awaitable[None]]
    back: Callable[[web.Request], web.Response]

    def api_routes(self) -> list[Api]:
        shown, rotated, summary = self.names
        same: dict[str, Any] = {"path": self.path, "permit": self.permit, "tag": self.tag, "answer": KeysSchema()}
        return [
            Api(method="GET", name=shown, handler=self.get, summary=summary, **same),
            Api(
                method="POST",
                name=rotated,
                handler=self.post,
                summary="Publish a new federation or http key; it takes over after some days.",
                body=RotateSchema(),
                status=201,
                **same,
            ),
        ]

    async def show(self, request: web.Request) -> web.Response:
        return await self._page(request, blank_form({"days": LEAD.days}))

    async def take(self, request: web.Request) -> web.Response:
        form = await read_form(request, RotateForm(), max_bytes=FORM_BYTES)
        if not form.ok:
            return await self._page(request, form, status=422)
        try:
            await self._rotate(request, form.data)
        except Conflict as error:
            form.errors["purpose"] = [error.sentence]
            return await self._page(request, form, status=409)
        return flash.say(self.back(request), SAID)

    async def get(self, call: Call) -> Any:
        return {"items": (await self.load(call.request))[0]}

    async def post(self, call: Call) -> Any:
        await self._rotate(call.request, call.body)
        return await self.get(call)

    async def _rotate(self, request: web.Request, said: Mapping[str, Any]) -> None:
        await self.rotate(request, KeyPurpose(said["purpose"]), timedelta(days=said["days"]))

    async def _page(self, request: web.Request, form: Form, *, status: int = 200) -> web.Response:
        keys, more = await self.load(request)
        values = {"rows": key_rows(keys, now(request)), "choices": choices(keys), "form": form, **more}
        return await render(request, self.template, values, status=status)
