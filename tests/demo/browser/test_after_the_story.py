"""What the three schools made together, as the first school's own page says it."""

import pytest
from playwright.async_api import Browser

from nic_node.charts.forest import effect_words
from nic_node.demo.cast import LEADS, Cast, email_of
from nic_node.evidence.sentence import ENGLISH
from tests.demo.browser.people import DESK, PHONE, someone
from tests.demo.browser.stops import Seen, of_practice
from tests.demo.played import PlayedDemo


@pytest.mark.parametrize(("width", "scripts"), [(DESK, True), (PHONE, False)])
async def test_its_school_sees_who_tried_a_practice_and_what_that_came_to(
    chromium: Browser, cast: Cast, played_demo: PlayedDemo, width: int, scripts: bool
) -> None:
    assert played_demo.seen is not None
    ledger = played_demo.seen["ledger"]
    pooled = ledger["pooled"]
    async with someone(chromium, cast.schools["harbor"].node.url, width=width, scripts=scripts) as lead:
        await lead.sign_in(email_of(LEADS["harbor"]))
        await lead.open(of_practice(Seen(cast, None)))  # type: ignore[arg-type]  # this address needs no stage
        table = lead.page.locator("table.led")
        foot = await table.locator("tfoot td").all_text_contents()
        counted = [str(ledger[name]) for name in ("tried", "adopted", "adapted", "abandoned")]
        assert [text.strip() for text in foot] == counted == ["3", "2", "0", "1"]
        await lead.sees("Three results together", effect_words(pooled["estimate"], tuple(pooled["ci"]), ENGLISH))
        await lead.sees(effect_words(None, tuple(pooled["pi"]), ENGLISH))
