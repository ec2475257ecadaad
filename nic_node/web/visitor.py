"""Who makes a request, as far as the web floor needs to know; `accounts` fills it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

PUBLIC = "public"
"""Anybody may call this route."""
SIGNED_IN = "signed-in"
"""Whoever is signed in."""
PEER = "peer"
"""Another node: the handler verifies its signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A signed-in person.

    Attributes:
        permissions: what the person's roles allow, as named in the routes' `permit`.
        by_token: True for a program with an access token, which needs no form token.
        language: of their pages, as they chose it; '' for the one that their browser asks for.
        beside: what was read along for the page's shell, at the beginning of the request.
    """

    person_id: int
    name: str
    roles: frozenset[str]
    permissions: frozenset[str]
    session_id: int | None = None
    by_token: bool = False
    language: str = ""
    beside: Mapping[str, Any] = field(default_factory=dict)

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words[:1])).upper()


VISITOR: web.RequestKey["Visitor | None"] = web.RequestKey("visitor", object)  # type: ignore[arg-type]  # a union has no type


def visitor(request: web.Request) -> Visitor | None:
    return request.get(VISITOR)


def permissions(request: web.Request) -> frozenset[str]:
    """What whoever asks may do; a stranger nothing."""
    who = visitor(request)
    return who.permissions if who else frozenset()
