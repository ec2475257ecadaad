"""Whose a cookie or an access token is, in one statement: person, roles, and what else every page shows.

The statements are put together once for an application, since each request asks one of them before anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from nic_node.accounts.permissions import permissions_of
from nic_node.accounts.sessions import select_by_cookie, values_of_cookie
from nic_node.accounts.tables import AccessToken, Person, RoleGrant, SignInSession
from nic_node.accounts.tokens import select_by_token, values_of_token
from nic_node.db.engine import Database

FURTHER, BESIDE = "permission ", "beside "


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody who is signed in.

    Attributes:
        way_id: of the session or the access token; seen_at: when it was last noted as used.
        permissions: of the roles and of what higher floors add, before a token's `scopes` narrow them.
        beside: what was read along.
    """

    way_id: int
    seen_at: datetime | None
    person_id: int
    name: str
    language: str
    roles: frozenset[str]
    permissions: frozenset[str]
    scopes: frozenset[str]
    beside: Mapping[str, Any]


class Who:
    """Reads visitors.

    Args:
        further: permission -> the condition on `Person` under which somebody has it for another reason than a role.
        beside: name -> a value to read along.
    """

    def __init__(self, further: Mapping[str, ColumnElement[bool]], beside: Mapping[str, ColumnElement[Any]]) -> None:
        self._further, self._beside = tuple(further), tuple(beside)
        roles = select(func.aggregate_strings(RoleGrant.role, " ")).where(RoleGrant.person_id == Person.id)
        columns: tuple[ColumnElement[Any], ...] = (
            Person.id.label("person_id"),
            Person.name.label("name"),
            Person.language.label("language"),
            roles.scalar_subquery().label("roles"),
            *(condition.label(FURTHER + name) for name, condition in further.items()),
            *(value.label(BESIDE + name) for name, value in beside.items()),
        )
        self._by_cookie = select_by_cookie(
            SignInSession.id.label("way_id"), SignInSession.last_seen_at.label("seen_at"), *columns
        )
        self._by_token = select_by_token(
            AccessToken.id.label("way_id"),
            AccessToken.last_used_at.label("seen_at"),
            AccessToken.scopes.label("scopes"),
            *columns,
        )

    async def by_cookie(self, database: Database, cookie: str, *, now: datetime) -> Known | None:
        """The active owner of a live session."""
        rows = await database.read_rows(self._by_cookie, values_of_cookie(cookie, now))
        return self._known(rows[0]) if rows else None

    async def by_token(self, database: Database, token: str, *, now: datetime) -> Known | None:
        """The active owner of a live access token."""
        rows = await database.read_rows(self._by_token, values_of_token(token, now))
        return self._known(rows[0]) if rows else None

    def _known(self, row: Row[*tuple[Any, ...]]) -> Known:
        found = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to a row by names
        roles = frozenset((found["roles"] or "").split())
        further = {name for name in self._further if found[FURTHER + name]}
        return Known(
            way_id=found["way_id"],
            seen_at=found["seen_at"],
            person_id=found["person_id"],
            name=found["name"],
            language=found["language"],
            roles=roles,
            permissions=permissions_of(roles) | further,
            scopes=frozenset(found.get("scopes", ())),
            beside={name: found[BESIDE + name] for name in self._beside},
        )
