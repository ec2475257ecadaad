"""A network's charter and policy for everybody who wants to read them: as they are, and every version before."""

from typing import Any

from aiohttp import web

from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.membership.policy_words import policy_terms
from nic_node.network.read import network_by_slug
from nic_node.network.versions import Kind, version_of, versions_of
from nic_node.web.context import database
from nic_node.web.templating import render

MOST_DIGITS = 6


async def show_terms(request: web.Request) -> web.Response:
    """What stands behind a network's entity id in a browser."""
    async with database(request).reading() as session:
        network = await network_by_slug(session, request.match_info["slug"])
        policies = await versions_of(session, network, "policy")
        charters = await versions_of(session, network, "charter")
    policy = next(version for version in policies if version.is_today)
    charter = next(version for version in charters if version.is_today)
    values: dict[str, Any] = {
        "network": network,
        "policy": policy,
        "charter": charter,
        "policy_terms": policy_terms(policy.document),
        "versions": [*policies, *charters],
    }
    return await render(request, "network/terms.html", values)


async def show_policy_version(request: web.Request) -> web.Response:
    return await _version_page(request, "policy")


async def show_charter_version(request: web.Request) -> web.Response:
    return await _version_page(request, "charter")


async def _version_page(request: web.Request, kind: Kind) -> web.Response:
    number = request.match_info["version"]
    if not (number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS):
        raise NotFound(N_("There is no such version of charter or policy."))
    async with database(request).reading() as session:
        network = await network_by_slug(session, request.match_info["slug"])
        version = await version_of(session, network, kind, int(number))
    values = {
        "network": network,
        "version": version,
        "policy_terms": policy_terms(version.document, is_whole=True) if kind == "policy" else [],
    }
    return await render(request, "network/version.html", values)
