"""The coordinator's pages of epochs and log, and the same as JSON."""

import re

from sqlalchemy import update

from federation.keys import thumbprint
from nic_node.network.log.jobs import job_handlers
from nic_node.network.log.queue import EPOCHS, SEQUENCE
from nic_node.network.log.tables import EpochRecord
from tests.unit.network.log.served import Served
from tests.unit.network.log.stage import SCHOOLS, SLOT


async def text_of(browser, path: str) -> str:
    answer = await browser.get(path)
    text = await answer.text()
    assert answer.status == 200, text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


async def test_the_first_epoch_is_announced_on_its_page(served: Served) -> None:
    browser = await served.signed_in()
    assert "approve applications until the number" in await text_of(browser, "/network/1/epochs")
    refused = await browser.send("/network/1/epochs")
    assert refused.status == 409

    await served.stage.admit(*SCHOOLS)
    assert "Announce epoch 1" in await text_of(browser, "/network/1/epochs")
    assert (await browser.send("/network/1/epochs")).status == 303
    for kind in (SEQUENCE, EPOCHS):
        await job_handlers(served.node.local)[kind]({"log_id": 1})
    page = await text_of(browser, "/network/1/epochs")
    assert "Issuing credentials" in page
    assert "0 of 3" in page
    assert "Wait until it has" in page

    await served.stage.issue("ada")
    await served.stage.sequence()
    page = await text_of(browser, "/network/1/epochs")
    assert "1 of 3" in page
    assert re.search(r"Ada School https://ada.example issued Ben School https://ben.example not yet", page)


async def test_who_waits_is_shown_and_let_in_by_a_supplementary_epoch(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    browser = await served.signed_in()
    await stage.admit("dot", "eve")
    page = await text_of(browser, "/network/1/epochs")
    assert "2 of 3" in page
    assert "2 members came too late for this epoch" in page
    assert "What you change takes force with the next epoch" in await text_of(browser, "/network/1/policy")
    assert "as many members wait" in page
    assert "Announce supplementary epoch" not in page
    assert (await browser.call("POST", "/networks/1/epochs", {})).status == 409
    told = (await (await browser.call("GET", "/networks/1/epochs")).json())["supplement"]
    assert (told["waiting"], told["needed"]) == (2, 3)

    await stage.admit("fay")
    assert "Announce supplementary epoch 2" in await text_of(browser, "/network/1/epochs")
    assert (await browser.send("/network/1/epochs")).status == 303


async def test_an_epoch_whose_counts_do_not_add_up_alarms(served: Served) -> None:
    await served.stage.open_epoch()
    browser = await served.signed_in()
    assert "do not add up" not in await text_of(browser, "/network/1/epochs")
    await served.stage.move("cem", "approved", "left")
    await served.stage.sequence()
    assert "do not add up" not in await text_of(browser, "/network/1/epochs")
    async with served.node.database.writing() as session:
        await session.execute(update(EpochRecord).values(registered=4))
    assert "do not add up" in await text_of(browser, "/network/1/epochs")


async def test_the_log_page_shows_what_was_refused_and_takes_down(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    browser = await served.signed_in()
    assert "Nothing was refused" in await text_of(browser, "/network/1/log")
    index = await stage.publish("ada")
    stranger = stage.record("eve")
    await stage.submit(stranger.leaf, stranger.blob)
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()
    page = await text_of(browser, "/network/1/log")
    assert "pseudonym-unknown" in page
    assert "1 with their content" in page

    origin = (await stage.log()).origin
    for fields, sentence in (
        ({}, "Write the id of the record."),
        ({"record": "nothing", "reason": "identifies-someone"}, "the log’s name"),
        ({"record": f"{origin}#99", "reason": "identifies-someone"}, "has no such record"),
        ({"record": f"{origin}#{index}", "reason": "bored"}, "Choose a reason."),
    ):
        answer = await browser.send("/network/1/moderation", fields)
        said = (await answer.text()).replace("&#39;", "’").replace("log's", "log’s")
        assert (answer.status, sentence in said) == (422, True), (fields, sentence)
        if "record" in fields:
            assert f'value="{fields["record"]}"' in said
    done = await browser.send("/network/1/moderation", {"record": f"{origin}#{index}", "reason": "identifies-someone"})
    assert done.status == 303
    await stage.sequence()
    assert "0 with their content" in await text_of(browser, "/network/1/log")
    again = await browser.send("/network/1/moderation", {"record": f"{origin}#{index}", "reason": "identifies-someone"})
    assert (again.status, "taken down before" in await again.text()) == (422, True)


async def test_a_blocked_pseudonym_publishes_nothing_more(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    index = await stage.publish("ada")
    browser = await served.signed_in()
    await browser.get("/network/1/log")
    jkt = thumbprint(stage.pseudonym_key("ada"))
    wrong = await browser.send(
        "/network/1/moderation/blocks", {"jkt": "A" * 43, "from_index": "5", "reason": "harmful"}
    )
    assert (wrong.status, "knows no such pseudonym" in await wrong.text()) == (422, True)
    wrong = await browser.send("/network/1/moderation/blocks", {"jkt": jkt, "from_index": "0", "reason": "harmful"})
    assert (wrong.status, "from 1 on" in await wrong.text()) == (422, True)
    blocked = {"jkt": jkt, "from_index": str(index + 1), "reason": "harmful"}
    assert (await browser.send("/network/1/moderation/blocks", blocked)).status == 303
    await stage.sequence()
    record = stage.record("ada")
    await stage.submit(record.leaf, record.blob)
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()
    assert await stage.refusals() == [("record", "pseudonym-blocked")]


async def test_the_same_as_json(served: Served) -> None:
    stage = served.stage
    browser = await served.signed_in()
    await browser.get("/network/1/log")
    assert (await (await browser.call("GET", "/networks/1/epochs")).json())["items"] == []
    assert (await browser.call("POST", "/networks/1/epochs", {})).status == 409
    assert (await browser.call("POST", "/networks/1/epochs", {"x": 1})).status == 422
    await stage.admit(*SCHOOLS)
    answer = await browser.call("POST", "/networks/1/epochs", {})
    assert (answer.status, await answer.json()) == (201, {"epoch": 1})
    await stage.sequence()
    (epoch,) = (await (await browser.call("GET", "/networks/1/epochs")).json())["items"]
    assert (epoch["phase"], epoch["logged"], epoch["members"]) == ("issuing", True, 3)
    status = await (await browser.call("GET", "/networks/1/log")).json()
    assert (status["size"], status["signed_size"], status["trouble"]) == (5, 5, None)
    assert (await (await browser.call("GET", "/networks/1/log/refusals?limit=1")).json())["items"] == []
    assert (await browser.call("GET", "/networks/9/log")).status in (403, 404)
    wrong = {"record": "x", "reason": "none"}
    assert (await browser.call("POST", "/networks/1/log/moderations", wrong)).status == 422
    unknown = {"record": f"{status['origin']}#7", "reason": "identifies-someone"}
    assert (await browser.call("POST", "/networks/1/log/moderations", unknown)).status == 404
    block = {"jkt": "A" * 43, "from_index": 1}
    assert (await browser.call("POST", "/networks/1/log/blocks", block)).status == 404


async def test_strangers_see_nothing(served: Served) -> None:
    for path in ("/network/1/epochs", "/network/1/log"):
        assert (await served.node.browser().get(path)).status == 303


async def test_a_flagged_record_stands_beside_its_flags(served: Served) -> None:
    stage = served.stage
    await stage.open_epoch()
    index = await stage.publish("ada")
    target = f"{(await stage.log()).origin}#{index}"
    browser = await served.signed_in()
    assert "No flag waits" in await text_of(browser, "/network/1/moderation")
    for name in ("ben", "cem"):
        flag = stage.record(name, {"target": target, "code": "identifies-someone"}, kind="flag")
        await stage.submit(flag.leaf, flag.blob)
    stage.clock.forward(seconds=SLOT)
    await stage.sequence()
    page = await text_of(browser, "/network/1/moderation")
    assert "Flagged by 2 pseudonyms" in page
    assert "A person or a school could be recognized." in page
    assert "One record to look at" in await text_of(browser, "/network/1/applications")
    told = await (await browser.call("GET", "/networks/1/moderation")).json()
    assert [(one["record"], one["codes"]) for one in told["flagged"]] == [(target, {"identifies-someone": 2})]
    assert (await browser.send("/network/1/moderation/dismissals", {"record": target})).status == 303
    assert "No flag waits" in await text_of(browser, "/network/1/moderation")
    again = await browser.send("/network/1/moderation/dismissals", {"record": target})
    assert (again.status, "No flag of this record waits" in await again.text()) == (409, True)
    made = await (
        await browser.call("POST", "/networks/1/log/moderations", {"record": target, "reason": "harmful"})
    ).json()
    assert (made["state"], made["needed"]) == ("done", 1)
    late = await browser.call("POST", f"/networks/1/moderation/{made['id']}/undo", {"version": made["version"]})
    assert late.status == 409
