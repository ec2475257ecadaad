"""What a school asks for in a network beyond its policy, never less: relays that it trusts, terms of more members."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.membership.tables import OwnRulesRow

FIRST_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRules:
    """`relays`: who may carry envelopes, none named: any member. `version` before anything was set: FIRST_VERSION."""

    relays: frozenset[str] = frozenset()
    min_issued: int | None = None
    version: int = FIRST_VERSION

    def trusted(self, members: Iterable[str]) -> list[str]:
        """Those of these members that may carry an envelope of this school."""
        return [entity for entity in members if not self.relays or entity in self.relays]

    def recognises(self, issued: int) -> bool:
        """Whether a term in which so many members have a credential is enough for this school."""
        return self.min_issued is None or issued >= self.min_issued


async def own_rules(session: AsyncSession, network: str) -> OwnRules:
    row = await session.get(OwnRulesRow, network)
    if row is None:
        return OwnRules()
    return OwnRules(relays=frozenset(row.relays), min_issued=row.min_issued, version=row.version)
