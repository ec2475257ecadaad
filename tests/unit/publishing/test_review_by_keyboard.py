"""A reviewer with a keyboard alone, at a phone's width: every decision, the question, the words, the approval, undo."""

import pytest
from playwright.async_api import Page, async_playwright

from nic_node.web import csrf
from tests.demo.browser.conftest import CHROMIUM, FLAGS
from tests.unit.publishing.conftest import Site

FOUND = {
    "problem_statement": "In advisory, Mr. Castellanos at Rivermouth School began homework on January 12.",
    "idea_summary": "We borrowed the board from Beacon Hour.",
}
MOST_TABS = 60
FOCUSED = """() => {
    const at = document.activeElement, style = getComputedStyle(at);
    const seen = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    return {words: (at.innerText || at.value || at.name || '').trim(), name: at.name || '', seen};
}"""


async def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus says these words; the focus is to be seen wherever it stands."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        at = await page.evaluate(FOCUSED)
        if at["words"]:
            assert at["seen"], at
        if words in (at["words"], at["name"]):
            return
    raise AssertionError(f"no way to {words} by Tab")


async def press_enter(page: Page) -> None:
    async with page.expect_event("load"):
        await page.keyboard.press("Enter")


async def test_a_review_from_the_first_finding_to_undo(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # The server stands at another address than the configuration says, which is what forms are held to.
    monkeypatch.setattr(csrf, "verify_origin", lambda _request, _config: None)
    await site.world.open_epoch()
    draft_id = await site.world.drafted(await site.world.closed_project(**FOUND))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(
            viewport={"width": 390, "height": 844}, extra_http_headers={"X-Person": "2"}
        )
        page = await context.new_page()
        await page.goto(str(site.ben.client.make_url(f"/share/{draft_id}/review")))
        for choice in ("Agree with all 3 open changes", "Program"):
            await tab_to(page, choice)
            await press_enter(page)
        assert await page.get_by_text("4 of 4 findings decided").is_visible()
        await tab_to(page, "names_anyone")
        await page.keyboard.press("ArrowDown")
        await tab_to(page, "confirmation")
        await page.keyboard.type("nobody can be named")
        await press_enter(page)
        await tab_to(page, "Take the approval back")
        await press_enter(page)
        assert "You decide what leaves. Nothing has left yet." in await page.inner_text("body")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await browser.close()
