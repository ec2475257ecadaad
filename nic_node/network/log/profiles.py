"""What the lattice is made from: the contexts that the network vetted, without names."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from nic_node.disclosure.draft import ContextProfile
from nic_node.network.members import member_profiles


async def profiles_of(session: AsyncSession, network_id: int, entities: Collection[str]) -> list[ContextProfile]:
    """The members' contexts, in the order of nothing that names them."""
    profiles = await member_profiles(session, network_id, entities)
    return [context_of(profiles[entity]) for entity in sorted(profiles)]


def context_of(profile: Mapping[str, Any]) -> ContextProfile:
    """The context in a profile of the wire."""
    return ContextProfile(
        level=profile["level"],
        locale=profile.get("locale"),
        enrolment=profile.get("enrolment"),
        lunch=profile.get("lunch_percent"),
        english_learners=profile.get("english_learners_percent"),
        disabilities=profile.get("disabilities_percent"),
        stage=profile.get("stage"),
    )
