"""Pictures of every page at desk and phone width, to be looked at; run by hand while `make demo` runs:

    .venv/bin/python -m tests.demo.browser.screenshots [DEMO-FOLDER] [NAME ...]

They lie in ./screenshots afterwards. The demo's first school gets the state that tests/demo/browser/stage.py makes.
"""

import asyncio
import pickle
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from nic_node.demo.cast import Cast
from tests.demo.browser.attach import attach
from tests.demo.browser.conftest import CHROMIUM, FLAGS
from tests.demo.browser.people import DESK, HEIGHTS, PHONE, someone
from tests.demo.browser.stage import Stage, set_stage
from tests.demo.browser.stops import NOBODY, STOPS, Seen

FOLDER = Path("screenshots")
STAGED = "stage.pickle"


async def take(folder: Path, names: list[str]) -> None:
    async with AsyncExitStack() as stack, async_playwright() as playwright:
        cast = await attach(folder, stack)
        stage = await staged(cast, folder / STAGED)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name in names or STOPS:
            await take_one(browser, cast, stage, name)
        await browser.close()


async def staged(cast: Cast, path: Path) -> Stage:
    """The stage of this demo: made once, then remembered, because its links are shown only once."""
    if not await asyncio.to_thread(path.exists):
        await asyncio.to_thread(path.write_bytes, pickle.dumps(await set_stage(cast)))
    stage: Stage = pickle.loads(await asyncio.to_thread(path.read_bytes))
    return stage


async def take_one(browser: Browser, cast: Cast, stage: Stage, name: str) -> None:
    stop = STOPS[name]
    async with someone(browser, stop.school(cast).node.url) as person:
        if stop.who != NOBODY:
            await person.sign_in(stop.email())
        for number, address in enumerate((stop.address, *stop.also), 1):
            await person.open(Seen(cast, stage).path(address))
            for width in (DESK, PHONE):
                await person.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
                file = f"{name.replace('.', '-')}{'' if number == 1 else f'-{number}'}-{width}.png"
                await person.page.screenshot(path=FOLDER / file, full_page=True)


if __name__ == "__main__":
    _, *words = sys.argv
    asyncio.run(take(Path(words[0] if words else "nic-demo"), words[1:]))
