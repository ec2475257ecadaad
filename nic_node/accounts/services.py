"""What `app` hands to this room: how costly passwords are, and what higher floors add."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.passwords import Passwords


class AfterSetup(Protocol):
    async def __call__(self, session: AsyncSession, /, *, actor: Actor, school_name: str, now: datetime) -> None:
        """Keep the school's name, in the transaction of the set-up."""


class FurtherPermissions(Protocol):
    async def __call__(self, session: AsyncSession, person_id: int, /) -> frozenset[str]:
        """What somebody may do for another reason than a role here, such as coordinating a network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsServices:
    passwords: Passwords
    after_setup: AfterSetup
    further_permissions: FurtherPermissions


ACCOUNTS = web.AppKey("accounts", AccountsServices)


def accounts(request: web.Request) -> AccountsServices:
    return request.config_dict[ACCOUNTS]
