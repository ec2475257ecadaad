"""What the usual acts take: a number is two presses and the number, an action item one line.

A cycle's note is counted in test_cycle_pages.py.
"""

from html.parser import HTMLParser

from tests.unit.school.conftest import Stage
from tests.unit.school.measures.pages import shown


class Typed(HTMLParser):
    """What a page's form for `action` sends as it stands, and which of its fields wait for words."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.empty: list[str] = []
        self._action, self._is_in = action, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self._is_in = has.get("action") == self._action and has.get("method") == "post"
        elif self._is_in and tag in ("input", "textarea") and has.get("name"):
            kind, name, value = has.get("type"), has["name"] or "", has.get("value") or ""
            if kind in ("checkbox", "radio") and "checked" not in has:
                return
            self.sent[name] = value
            if not value and kind != "hidden":
                self.empty.append(name)


async def test_a_number_takes_two_presses_and_the_number(stage: Stage) -> None:
    measure = await stage.add_measure(group_size=61)
    add = f"/measures/{measure}/add"
    assert f'href="{add}"' in await shown(stage, "/measures"), "the first press"
    form = Typed(add)
    form.feed(await shown(stage, add))
    assert form.empty == ["value", "sd", "note"], "day and group's size stand there; the last two are for who wants"
    assert (await stage.browser.send(add, {**form.sent, "value": "94.2"})).status == 303, "the second"
    (number,) = (await (await stage.browser.call("GET", f"/measures/{measure}/observations")).json())["items"]
    assert (number["value"], number["period"]) == (94.2, stage.clock().date().isoformat())


async def test_an_action_item_takes_one_line(stage: Stage) -> None:
    form = Typed("/actions")
    form.feed(await shown(stage, "/actions"))
    assert form.empty == ["line"]
    assert (await stage.browser.send("/actions", {**form.sent, "line": "Order tables"})).status == 303
    assert "Order tables" in await shown(stage, "/actions")
