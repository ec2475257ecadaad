"""No page of the school's rooms asks its database more often because there is more: each is counted in two sizes."""

from pathlib import Path

from bench.five_years import Size
from bench.school_pages import LEADS_ON, OF_PEOPLE, served_school
from nic_node.school import routes as school
from nic_node.today import routes as today
from tests.stores.page_statements import MOST

SMALL = Size(people=5, projects=4, running=2, cycles=2, observations=24, meetings=4, years=2)
LARGE = Size(
    people=9, projects=13, running=4, cycles=5, measures=3, observations=36, meetings=12, years=4, times=2
)  # fmt: skip


async def counted(folder: Path, size: Size) -> dict[str, int]:
    async with served_school(folder, size) as pages:
        return {name: await pages.open(address) for name, address in pages.addresses().items()}


async def test_more_work_makes_no_more_statements(tmp_path: Path) -> None:
    small, large = [await counted(tmp_path / name, size) for name, size in (("small", SMALL), ("large", LARGE))]
    assert {name: (small[name], large[name]) for name in large if large[name] > small[name]} == {}
    assert {name: count for name, count in large.items() if count > MOST[name]} == {}


def test_the_bound_of_every_page_is_written_down() -> None:
    rooms = [*today.page_routes(), *school.page_routes()]
    assert {*MOST, *LEADS_ON} - {*OF_PEOPLE} == {route.name for route in rooms if route.method == "GET"}
