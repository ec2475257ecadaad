"""Lies of relays: what becomes of an envelope between an author who does not say its name and a network."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import select

from federation.envelope import open_envelope
from federation.errors import Untrusted
from federation.records import SealedRecord
from nic_node.network.log.tables import LogEntry
from nic_node.peerhttp.signing import RequestSigner, build_signature_headers
from tests.fakes.dishonest_relay import DishonestRelay, honest
from tests.fakes.network_log import shared_key
from tests.unit.network.log.stage import SLOT, entity_of


@dataclass(frozen=True, kw_only=True)
class RelayLie:
    """A row: the relay's `behaviour`, and what is found of two authors' records once the slot has ended.

    found: 'both' or 'none' are in the log, then what the network said of what it did not take.
    """

    name: str
    alters: str
    behaviour: Callable[[DishonestRelay, bytes], Awaitable[None]]
    found: str


async def drops(relay: DishonestRelay, envelope: bytes) -> None:
    """It says that it took it."""


async def doubles(relay: DishonestRelay, envelope: bytes) -> None:
    await relay.bring(envelope)
    await relay.bring(envelope)


async def lets_another_double(relay: DishonestRelay, envelope: bytes) -> None:
    await relay.bring(envelope)
    await relay.bring(envelope, name="cem")


async def swaps(relay: DishonestRelay, envelope: bytes) -> None:
    """The later one first."""
    relay.kept.insert(0, envelope)
    if len(relay.kept) == 2:
        for kept in relay.kept:
            await relay.bring(kept)


async def delays(relay: DishonestRelay, envelope: bytes) -> None:
    """Until after the slot."""
    relay.kept.append(envelope)


async def alters(relay: DishonestRelay, envelope: bytes) -> None:
    await relay.bring(envelope[:-1] + bytes([envelope[-1] ^ 1]))


async def cuts(relay: DishonestRelay, envelope: bytes) -> None:
    await relay.bring(envelope[:-1])


async def exchanges(relay: DishonestRelay, envelope: bytes) -> None:
    """Something of its own in the author's place."""
    await relay.bring(await relay.network.stage.seal())


async def opens(relay: DishonestRelay, envelope: bytes) -> None:
    """With every key that it has; what it can read it keeps back."""
    origin = (await relay.network.stage.log()).origin
    try:
        open_envelope(shared_key("X25519", "the relay's own"), envelope, origin=origin, epoch=1)
    except Untrusted as error:
        relay.answers.append(error.code.value)
        await relay.bring(envelope)


def signed_as(entity: str, key: str) -> Callable[[DishonestRelay, bytes], Awaitable[None]]:
    """It signs with a key of its own in the name of another member, or of nobody."""

    async def behave(relay: DishonestRelay, envelope: bytes) -> None:
        stage = relay.network.stage
        headers = build_signature_headers(
            RequestSigner(entity_of(entity), shared_key("Ed25519", f"http {key}")),
            method="POST",
            target_uri=f"{stage.node.config.public_url}/net/north/v1/submissions",
            body=envelope,
            now=stage.clock(),
            nonce=secrets.token_urlsafe(16),
        )
        await relay.note(await relay.network.post(None, "/v1/submissions", envelope, **headers))

    return behave


LIES = (
    RelayLie(name="none, for comparison", alters="nothing", behaviour=honest, found="both"),
    RelayLie(name="drops them", alters="which arrive", behaviour=drops, found="none"),
    RelayLie(name="doubles them", alters="how often", behaviour=doubles, found="both"),
    RelayLie(name="two relays double them", alters="how often", behaviour=lets_another_double, found="both"),
    RelayLie(name="swaps them", alters="order", behaviour=swaps, found="both"),
    RelayLie(name="delays them", alters="time", behaviour=delays, found="none"),
    RelayLie(name="flips a bit", alters="ciphertext", behaviour=alters, found="none envelope-unopened"),
    RelayLie(name="cuts them off", alters="length", behaviour=cuts, found="none envelope-malformed"),
    RelayLie(name="exchanges them for its own", alters="all", behaviour=exchanges, found="none"),
    RelayLie(name="tries to open them", alters="secrecy", behaviour=opens, found="both envelope-unopened"),
    RelayLie(name="names itself another member", alters="name", behaviour=signed_as("cem", "ben"),
             found="none signer-unknown"),
    RelayLie(name="is no member", alters="name", behaviour=signed_as("eve", "eve"), found="none signer-unknown"),
)  # fmt: skip


async def carry(relay: DishonestRelay, records: list[SealedRecord]) -> str:
    """Two authors hand their envelopes to the relay, and the slot ends."""
    stage = relay.network.stage
    relay.kept, relay.answers = [], []
    for record in records:
        await relay.take(await stage.seal(record.leaf, record.blob))
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()
    arrived = "both" if await times_logged(relay, records) == [1, 1] else "none"
    return " ".join([arrived, *sorted(set(relay.answers) - {"202"})])


async def times_logged(relay: DishonestRelay, records: list[SealedRecord]) -> list[int]:
    async with relay.network.stage.node.database.reading() as session:
        leaves = list(await session.scalars(select(LogEntry.leaf)))
    return [leaves.count(record.leaf) for record in records]


async def send_again(relay: DishonestRelay, records: list[SealedRecord]) -> list[int]:
    """What did not arrive the authors send once more, by another relay; then the first one brings what it kept back."""
    stage = relay.network.stage
    missing = [one for one, times in zip(records, await times_logged(relay, records), strict=True) if not times]
    for record in missing:
        await stage.submit(record.leaf, record.blob, relay="cem")
    for envelope in relay.kept:
        await relay.bring(envelope)
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()
    return await times_logged(relay, records)
