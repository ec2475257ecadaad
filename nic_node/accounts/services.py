"""What `app` hands to this room: how costly passwords are, and what higher floors add."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.accounts.actor import Actor
from nic_node.accounts.passwords import Passwords
from nic_node.accounts.who import Who


class AfterSetup(Protocol):
    async def __call__(self, session: AsyncSession, /, *, actor: Actor, school_name: str, now: datetime) -> None:
        """Keep the school's name, in the transaction of the set-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsServices:
    passwords: Passwords
    after_setup: AfterSetup
    who: Who


ACCOUNTS = web.AppKey("accounts", AccountsServices)


def accounts(request: web.Request) -> AccountsServices:
    return request.config_dict[ACCOUNTS]
