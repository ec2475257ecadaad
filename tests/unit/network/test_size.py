"""What the coordinator's page says a network's size buys: from nobody to more than 500 members."""

from typing import Any

from nic_node.network.tables import Member, Network
from schemas.vocab import LEVELS
from tests.unit.network.people_stage import StagedNode, found

LUNCH = (5, 30, 50, 90)


def members(network: Network, numbers: range, node: StagedNode) -> list[Member]:
    return [
        Member(
            network_id=network.id, public_id=f"m{number}", entity=f"https://school-{number}.example", jkt=f"k{number}",
            name=f"School {number}", state="approved", keys={}, http_keys={}, contact={}, settled={}, policy_sha256="p",
            charter_sha256="c", applied_at=node.clock(), profile=profile(number),
        )
        for number in numbers
    ]  # fmt: skip


def profile(number: int) -> dict[str, Any]:
    levels = list(LEVELS)
    return {
        "name": f"School {number}",
        "level": levels[number % len(levels)],
        "enrolment": 90 + 7 * (number % 211),
        "lunch_percent": LUNCH[number // 3 % len(LUNCH)],
        "english_learners_percent": number % 53,
    }


async def test_the_page_tells_what_more_members_buy_at_every_size(coordinator: StagedNode) -> None:
    network = await found(coordinator)
    browser = await coordinator.signed_in()
    told: list[str] = []
    for numbers in (range(1), range(1, 40), range(40, 600)):
        async with coordinator.database.writing() as session:
            session.add_all(members(network, numbers, coordinator))
        page = await (await browser.get(f"/network/{network.id}/applications")).text()
        told.append(" ".join(page[page.index("What our size buys") :].split())[:600])
    assert "it takes 3 members that share one" in told[0]
    assert "add none" not in told[0]
    assert "At 80 members it would be" in told[1]
    assert "At 1200 members it would be" in told[2]


async def test_it_says_plainly_when_no_more_is_gained(coordinator: StagedNode) -> None:
    network = await found(coordinator)
    alike = members(network, range(8), coordinator)
    for member in alike:
        member.profile = {"name": member.name, "level": "middle", "enrolment": 300}
    async with coordinator.database.writing() as session:
        session.add_all(alike)
    browser = await coordinator.signed_in()
    page = await (await browser.get(f"/network/{network.id}/applications")).text()
    assert "Growing to 16 members like those of today would add none" in page
