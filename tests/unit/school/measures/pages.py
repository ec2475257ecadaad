"""What tests of measures' pages share: opening a page, sending its form, a week of numbers."""

from typing import Any

from tests.unit.school.conftest import Stage

WEEK = "date,percent\n2026-10-19,93.1\n2026-10-20,94\n2026-10-21,92.5\n2026-10-22,93.3\n2026-10-23,91.9\n"
ODD = WEEK + "2026-10-24,\n2026-10-26,0.00\n"


async def shown(stage: Stage, path: str, status: int = 200) -> str:
    response = await stage.browser.get(path)
    text = await response.text()
    assert response.status == status, text[:2000]
    return text


async def sent(stage: Stage, path: str, fields: dict[str, Any], status: int = 303) -> tuple[str, str]:
    """Open the page, send its form; where it leads, and what it says."""
    await stage.browser.get(path)
    response = await stage.browser.send(path, fields)
    text = await response.text()
    assert response.status == status, text[:2000]
    return response.headers.get("Location", ""), text
