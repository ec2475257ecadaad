"""What others see: this node at its public address, and its clock beside those of its networks."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.entities import CLOCK_LEEWAY, read_time, verify_entity_configuration
from federation.errors import FederationError, Unreachable
from federation.jws import peek_jws
from nic_node.accounts.tables import AuditEntry
from nic_node.clock import Clock
from nic_node.config import Config
from nic_node.i18n import N_
from nic_node.keyring.keys import all_public_keys
from nic_node.keyring.purposes import KeyPurpose
from nic_node.membership.fetch import fetch_configuration
from nic_node.membership.read import current_memberships
from nic_node.operations.checks import Check, fail, ok, warn
from nic_node.peerhttp.client import PeerClient
from schemas.entity import ENTITY_STATEMENT_TYP
from schemas.limits import ENTITY_STATEMENT_MAX_BYTES

CLOCK_WARNS_FROM: Final = timedelta(seconds=10)
MOST_ASKED: Final = 3
"""Networks whose clock is compared with ours."""


async def check_reachable(session: AsyncSession, client: PeerClient, config: Config, *, now: datetime) -> Check:
    """Fetch our own entity configuration as any peer would, and see that it is ours."""
    values = {"url": config.public_url}
    try:
        token = await fetch_configuration(client, config.public_url)
        pinned = await all_public_keys(session, entity_id=config.entity_id, purpose=KeyPurpose.FEDERATION, now=now)
        verify_entity_configuration(
            token,
            now=now,
            pinned={key.kid for key in pinned},
            allow_insecure_loopback=config.allow_insecure_loopback,
        )
    except Unreachable as error:
        step = N_("Start the node (nic serve). If it runs: check the name, the proxy in front and its certificate.")
        sentence = N_("Nothing answers at %(url)s: %(why)s")
        return fail("reachability", sentence, step, **values, why=error.detail)
    except FederationError as error:
        step = N_("Another node or a proxy's own page answers there: correct NIC_PUBLIC_URL or the proxy.")
        sentence = N_("What answers at %(url)s isn't this node: %(why)s")
        return fail("reachability", sentence, step, **values, why=error.detail)
    if config.public_url.startswith("http://"):
        step = N_("For schools elsewhere set NIC_PUBLIC_URL to the https address that they use.")
        return warn("reachability", N_("It answers at %(url)s, which only this machine can reach."), step, **values)
    return ok("reachability", N_("It answers at %(url)s, with its own keys."), **values)


async def check_clock(session: AsyncSession, client: PeerClient, clock: Clock) -> Check:
    """Beside the clocks of networks, which put the time into what they sign, and beside what was done here before."""
    newest = await session.scalar(select(func.max(AuditEntry.at)))
    if newest is not None and newest > clock() + CLOCK_LEEWAY:
        return fail(
            "clock",
            N_("Something was done here at %(then)s, which is still ahead: the clock was set back, or is wrong."),
            N_("Set the clock (timedatectl set-ntp true). Others refuse what is dated wrongly."),
            then=newest.strftime("%Y-%m-%d %H:%M UTC"),
        )
    offs = [
        off
        for membership in (await current_memberships(session))[:MOST_ASKED]
        if (off := await _off_by(client, membership.network, clock)) is not None
    ]
    if not offs:
        return ok(
            "clock", N_("%(now)s. No network answers whose clock it could be compared with."), now=_words(clock())
        )
    off = min(offs, key=abs)
    values = {"seconds": round(abs(off.total_seconds())), "now": _words(clock())}
    step = N_("Set the clock (timedatectl set-ntp true). Over 60 seconds nobody takes this node's requests.")
    if abs(off) > CLOCK_LEEWAY:
        return fail("clock", N_("%(now)s: %(seconds)s seconds off those of its networks."), step, **values)
    if abs(off) > CLOCK_WARNS_FROM:
        return warn("clock", N_("%(now)s: %(seconds)s seconds off those of its networks."), step, **values)
    return ok("clock", N_("%(now)s, as those of its networks."), **values)


async def _off_by(client: PeerClient, network: str, clock: Clock) -> timedelta | None:
    """Theirs minus ours; None where it can't be told. A statement is made when it is asked for."""
    try:
        token = await fetch_configuration(client, network)
        unverified = peek_jws(
            token, typ=ENTITY_STATEMENT_TYP, max_bytes=ENTITY_STATEMENT_MAX_BYTES, extra_header_names=None
        )
        return read_time(float(unverified.payload["iat"])) - clock()
    except (FederationError, KeyError, TypeError, ValueError):
        return None


def _words(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
