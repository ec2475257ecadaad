"""Chromium, the nodes that the demo's story left behind, and further state for pages that the story passes by."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from nic_node.demo.cast import Cast
from tests.demo.browser.stage import Stage, set_stage
from tests.demo.played import PlayedDemo

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="package")
def cast(played_demo: PlayedDemo) -> Cast:
    """The people and nodes of the story."""
    assert played_demo.seen is not None, played_demo.lines[-1]
    return played_demo.cast


@pytest.fixture(scope="package")
async def stage(cast: Cast) -> Stage:
    return await set_stage(cast)
