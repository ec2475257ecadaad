"""What every page is held to, whoever sees it and however wide: axe, no sideways scrolling, one title."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.demo.browser.people import DESK, HEIGHTS, PHONE

WIDTHS = (DESK, PHONE)
TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("main *")].filter(it => it.getBoundingClientRect().right > room + 1)
    .slice(0, 5).map(it => it.outerHTML.slice(0, 160));
}"""


async def faults_of(page: Page) -> list[str]:
    """Look at the page at both widths and say what is wrong with it; an empty list when nothing is."""
    found = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        found += [f"{width} px: {fault}" for fault in [*await _axe(page), *await _layout(page, width)]]
    return found


async def _axe(page: Page) -> list[str]:
    results = await Axe().run(page)
    return [
        f"{violation['id']}: {violation['help']}: {[node['html'][:200] for node in violation['nodes'][:3]]}"
        for violation in results.response["violations"]
    ]


async def _layout(page: Page, width: int) -> list[str]:
    found = []
    if await page.locator("h1:visible").count() != 1:
        found.append(f"{await page.locator('h1:visible').count()} page titles")
    wide = await page.evaluate("document.documentElement.scrollWidth") > width
    if wide:
        found.append(f"it scrolls sideways: {await page.evaluate(TOO_WIDE)}")
    return found
