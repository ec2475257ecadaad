"""From an entity up to an anchor that we pinned: fetching a trust chain (OpenID Federation 1.0, section 10.1).

    entity configuration -> authority_hints -> each superior's configuration -> its fetch endpoint -> its statement
    about the one below -> authority_hints of the superior -> ... -> an anchor

Superiors are climbed level by level, so the shortest chain is tried first; what is found is judged by
`federation.chain` alone, and a chain that does not hold gives way to the next. A superior that stands on the way
already is not climbed again (loops), each address is asked once, and depth, number of requests and time are bounded:
hints are written by whoever wants to be believed. Every request goes through the SSRF-safe client.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from federation.chain import Anchors, ResolvedChain, verify_chain
from federation.entities import EntityStatement, verify_entity_configuration
from federation.errors import FederationError, Unreachable, Untrusted
from nic_node.membership.fetch import fetch_configuration, fetch_statement
from nic_node.peerhttp.client import PeerClient
from schemas.code import Code

MAX_SUPERIORS: Final = 8
"""The longest way up, in superiors above the subject."""
MAX_REQUESTS: Final = 40
MAX_WAYS: Final = 32
"""How many ways are followed at one level: a few entities that all hint at each other make thousands."""
TOTAL_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one resolution may go."""

    superiors: int = MAX_SUPERIORS
    requests: int = MAX_REQUESTS
    seconds: float = TOTAL_SECONDS


@dataclass(frozen=True, slots=True)
class Resolution:
    """A chain that was validated just now, and its statements, from the subject's to the anchor's, to be kept."""

    statements: tuple[str, ...]
    chain: ResolvedChain


async def resolve_chain(
    client: PeerClient,
    subject: str,
    *,
    anchors: Anchors,
    now: datetime,
    configuration: str | None = None,
    allow_insecure_loopback: bool = False,
    limits: Limits | None = None,
) -> Resolution:
    """The shortest chain that holds from `subject` to one of `anchors` (entity id -> pinned jkt).

    `configuration` is the subject's, where it is at hand already; else it is fetched. An anchor is its own chain.

    Raises:
        Untrusted: what the subject's own configuration is refused for; else why the first chain that was complete
            does not hold (codes of `verify_chain`, PEER_REFUSED where an anchor vouches for nobody of the name);
            CHAIN_TOO_LONG when the limits ended the search; why the first superior was refused; ANCHOR_UNKNOWN when
            no way up ends at an anchor.
        Unreachable: no chain was found, and somebody who may stand on one gave no usable answer (to be tried again).
    """
    limits = limits or Limits()
    climb = _Climb(client, anchors, now=now, allow_insecure_loopback=allow_insecure_loopback, limits=limits)
    try:
        async with asyncio.timeout(limits.seconds):
            return await climb.resolve(subject, configuration)
    except TimeoutError as error:
        raise Unreachable(
            Code.PEER_TIMED_OUT, f"The superiors of {subject} took too long to answer. They are asked again later."
        ) from error


@dataclass(frozen=True, slots=True)
class _Way:
    """A way up: the entities from the subject on, their statements so far, and the configuration at its top."""

    path: tuple[str, ...]
    statements: tuple[str, ...]
    top: EntityStatement


@dataclass(slots=True)
class _Failures:
    """Why ways ended, the most telling kept apart: a whole chain that does not hold, then what may yet be had."""

    of_chains: list[Untrusted] = field(default_factory=list)
    unreachable: list[Unreachable] = field(default_factory=list)
    was_cut: bool = False
    of_superiors: list[Untrusted] = field(default_factory=list)

    def verdict(self, subject: str, limits: Limits) -> FederationError:
        if self.of_chains:
            return self.of_chains[0]
        if self.unreachable:
            return self.unreachable[0]
        if self.was_cut:
            return Untrusted(
                Code.CHAIN_TOO_LONG,
                f"No anchor of ours was found above {subject} within {limits.superiors} superiors "
                f"and {limits.requests} requests.",
            )
        if self.of_superiors:
            return self.of_superiors[0]
        return Untrusted(Code.ANCHOR_UNKNOWN, f"No superior of {subject} leads to an anchor of ours.")


class _Climb:
    """One resolution: what was fetched in it, and how much may still be."""

    def __init__(
        self, client: PeerClient, anchors: Anchors, *, now: datetime, allow_insecure_loopback: bool, limits: Limits
    ) -> None:
        self._client, self._anchors, self._now = client, anchors, now
        self._allow_insecure_loopback = allow_insecure_loopback
        self._limits = limits
        self._left = limits.requests
        self._answers: dict[tuple[str, str], asyncio.Task[str]] = {}
        self._configurations: dict[str, EntityStatement] = {}
        self._failures = _Failures()

    async def resolve(self, subject: str, configuration: str | None) -> Resolution:
        try:
            return await self._climb(subject, configuration)
        finally:
            for task in self._answers.values():
                task.cancel()
            await asyncio.gather(*self._answers.values(), return_exceptions=True)

    async def _climb(self, subject: str, configuration: str | None) -> Resolution:
        own = await self._configuration(subject, configuration)
        if subject in self._anchors:
            return self._judge((own.token,))
        ways = [_Way(path=(subject,), statements=(own.token,), top=own)]
        for _ in range(self._limits.superiors):
            ways = await self._next_level(ways)
            for way in ways:
                if way.path[-1] in self._anchors:
                    try:
                        return self._judge((*way.statements, way.top.token))
                    except Untrusted as error:
                        self._failures.of_chains.append(error)
            ways = [way for way in ways if way.path[-1] not in self._anchors]
            if not ways:
                break
        self._failures.was_cut |= any(way.top.authority_hints for way in ways)
        raise self._failures.verdict(subject, self._limits)

    async def _next_level(self, ways: Sequence[_Way]) -> list[_Way]:
        """Each way by one superior longer, anchors first; those that end are dropped, and why is noted."""
        steps = [
            (way, superior)
            for way in ways
            for superior in sorted(dict.fromkeys(way.top.authority_hints), key=lambda hint: hint not in self._anchors)
            if superior not in way.path
        ]
        self._failures.was_cut |= len(steps) > MAX_WAYS
        found = await asyncio.gather(*(self._step_up(way, superior) for way, superior in steps[:MAX_WAYS]))
        return [way for way in found if way is not None]

    async def _step_up(self, way: _Way, superior: str) -> _Way | None:
        try:
            above = await self._configuration(superior, None)
            statement = await self._ask(
                (superior, way.path[-1]),
                lambda: fetch_statement(self._client, _fetch_endpoint(above), way.path[-1]),
            )
        except Unreachable as error:
            self._failures.unreachable.append(error)
            return None
        except Untrusted as error:
            # A hint is only a hint: a superior of another federation is passed over. What an anchor says counts.
            is_anchor = superior in self._anchors
            (self._failures.of_chains if is_anchor else self._failures.of_superiors).append(error)
            return None
        return _Way(path=(*way.path, superior), statements=(*way.statements, statement), top=above)

    async def _configuration(self, entity: str, token: str | None) -> EntityStatement:
        if token is None:
            token = await self._ask((entity, entity), lambda: fetch_configuration(self._client, entity))
        if entity in self._configurations:
            return self._configurations[entity]
        statement = verify_entity_configuration(
            token, now=self._now, allow_insecure_loopback=self._allow_insecure_loopback
        )
        if statement.subject != entity:
            raise Untrusted(
                Code.ISSUER_SUBJECT_MISMATCH, f"At the address of {entity} stands the statement of another entity."
            )
        self._configurations[entity] = statement
        return statement

    async def _ask(self, question: tuple[str, str], fetch: Callable[[], Awaitable[str]]) -> str:
        """The answer about (who is asked, about whom); asked once, however many ways need it."""
        if question not in self._answers:
            if self._left <= 0:
                self._failures.was_cut = True
                raise Untrusted(Code.CHAIN_TOO_LONG, f"More than {self._limits.requests} requests were needed.")
            self._left -= 1
            self._answers[question] = asyncio.ensure_future(fetch())
        return await self._answers[question]

    def _judge(self, statements: tuple[str, ...]) -> Resolution:
        chain = verify_chain(
            statements,
            anchors=self._anchors,
            now=self._now,
            allow_insecure_loopback=self._allow_insecure_loopback,
        )
        return Resolution(statements=statements, chain=chain)


def _fetch_endpoint(superior: EntityStatement) -> str:
    """Raises Untrusted: METADATA_INVALID for a leaf, which has no subordinates."""
    metadata: Mapping[str, str] = superior.metadata.get("federation_entity", {})
    endpoint = metadata.get("federation_fetch_endpoint")
    if endpoint is None:
        raise Untrusted(Code.METADATA_INVALID, f"{superior.subject} has no fetch endpoint: it vouches for nobody.")
    return endpoint
