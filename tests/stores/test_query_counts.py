"""No page of the school's rooms asks its database more often because there is more: each is counted in two sizes."""

from pathlib import Path

from bench.five_years import Size
from bench.school_pages import served_school

SMALL = Size(people=5, projects=4, running=2, cycles=2, observations=24, meetings=4, years=2)
LARGE = Size(people=9, projects=11, running=4, cycles=5, observations=36, meetings=12, years=4)
MOST = 90
"""Statements of any page, those of session, person and shell included."""


async def counted(folder: Path, size: Size) -> dict[str, int]:
    async with served_school(folder, size) as pages:
        return {name: await pages.open(address) for name, address in pages.addresses().items()}


async def test_more_work_makes_no_more_statements(tmp_path: Path) -> None:
    small, large = [await counted(tmp_path / name, size) for name, size in (("small", SMALL), ("large", LARGE))]
    assert len(small) > 50
    assert {name: (small[name], large[name]) for name in large if large[name] > small[name]} == {}
    assert {name: count for name, count in large.items() if count > MOST} == {}
