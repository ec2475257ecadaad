"""Keys that requests are verified by: this process's copy in memory of what validated chains and statements named.

Each entity's keys are held for one version of the row that they were read from. The version is read for every request,
together with how the entity stands, and keys of another version are never used: so a change by any process of the node
acts at once in all of them, and nothing is fetched while a request is being verified.
"""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from typing import Any, Final

from federation.keys import FindKey, Jwk
from federation.requests import build_key_id

LoadKeys = Callable[[Collection[str]], Awaitable[Mapping[str, Mapping[str, Any]]]]
"""Entities -> the JWKs of each by kid, as the database keeps them."""
MOST_HELD: Final = 20_000
"""Entities; the copy that was made first goes when there are more."""


class KeyCopies:
    def __init__(self, most: int = MOST_HELD) -> None:
        self._held: dict[tuple[Hashable, str], tuple[Hashable, Mapping[str, Jwk]]] = {}
        self._most = most

    async def find_key(self, scope: Hashable, versions: Mapping[str, Hashable], load: LoadKeys) -> FindKey:
        """Key id -> key, of these entities at these versions; what is not held so is loaded first.

        Args:
            scope: whose list of entities this is; the same entity may have other keys in another one.
            versions: entity -> version of its row, just read in the transaction that `load` reads in.
        """
        missing = [entity for entity, version in versions.items() if self._copy(scope, entity, version) is None]
        if missing:
            for entity, keys in (await load(missing)).items():
                self._keep(scope, entity, versions[entity], keys)
        found: dict[str, Jwk] = {}
        for entity, version in versions.items():
            found |= self._copy(scope, entity, version) or {}
        return found.get

    def _copy(self, scope: Hashable, entity: str, version: Hashable) -> Mapping[str, Jwk] | None:
        held, keys = self._held.get((scope, entity), (None, None))
        return keys if held == version else None

    def _keep(self, scope: Hashable, entity: str, version: Hashable, keys: Mapping[str, Any]) -> None:
        self._held.pop((scope, entity), None)
        self._held[scope, entity] = (version, {build_key_id(entity, kid): dict(jwk) for kid, jwk in keys.items()})
        if len(self._held) > self._most:
            del self._held[next(iter(self._held))]
