"""Whatever is sent to Share, no refusal and no log line says it again: it may hold a child's name."""

import json
import logging

import pytest
from structlog.testing import capture_logs

from nic_node.publishing.api import api_routes
from tests.unit.publishing.conftest import Site

CANARY = "Quillfeather"
VALUES = (CANARY, [CANARY], {CANARY: CANARY}, 9_871_235, None)


def bodies(fields: list[str]) -> list[str]:
    """Unknown fields, each known one with values of every kind, and what is no JSON at all."""
    known = [json.dumps(dict.fromkeys(fields, value)) for value in VALUES]
    unknown = [json.dumps({"surprise": CANARY}), json.dumps([CANARY]), json.dumps(CANARY)]
    broken = [f'{{"{CANARY}": "{CANARY}', f'{{"{CANARY}": 1, "{CANARY}": 2}}', f'{{"text": NaN, "a": "{CANARY}"}}']
    return [*known, *unknown, *broken, json.dumps({"text": f"{CANARY}\x00"}), f'{{"text": "{CANARY} \\ud800"}}']


async def test_no_refusal_and_no_log_line_repeats_what_was_sent(
    site: Site, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    draft_id = await site.world.drafted(await site.world.closed_project())
    refused = 0
    with capture_logs() as lines, caplog.at_level(logging.DEBUG):
        for person in (site.ada, site.ben):
            await person.get("/share")
            for route in api_routes():
                if route.body is None or not route.path.startswith("/publishing"):
                    continue
                path = route.path.removeprefix("/publishing").replace("{id}", str(draft_id))
                for body in bodies(list(route.body.fields)):
                    answer = await person.client.request(
                        route.method,
                        f"/api/v1/publishing{path}",
                        data=body.encode(),
                        headers={
                            "X-CSRF-Token": person.token,
                            "X-Person": str(person.number),
                            "Content-Type": "application/json",
                        },
                    )
                    said = await answer.text()
                    assert answer.status != 500, (route.path, body)
                    if answer.status >= 400:
                        refused += 1
                        assert CANARY not in said, (route.path, body)
                        assert "9871235" not in said, (route.path, body)
    assert refused > 100
    told = capfd.readouterr()
    for text in (repr(lines), caplog.text, told.out, told.err):
        assert CANARY not in text
        assert "9871235" not in text
