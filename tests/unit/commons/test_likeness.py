"""Moving the weights: for one person, in every order of hers, never for somebody else."""

import pytest

from nic_node.commons.my_school import USUAL, my_standpoint, set_weights, weights_of
from nic_node.errors import InvalidInput
from tests.fakes.library import described
from tests.unit.commons.conftest import Reader
from tests.unit.commons.test_learn_page import text_of, titles

PARTS = {"lunch": "0", "english_learners": "0", "disabilities": "0", "locale": "100", "enrolment": "0", "baseline": "0"}


async def test_moved_weights_order_my_searches(reader: Reader) -> None:
    await reader.library.open()
    await reader.library.add(described("In the country", "advisory"), "ada", context="rural")
    await reader.library.add(described("In the city", "advisory"), "ben", context="city")
    assert titles(await text_of(reader, "/learn?sort=similar")) == ["In the country", "In the city"]
    page = await text_of(reader, "/learn/likeness")
    assert 'value="30"' in page
    assert "Back to what is usual" not in page

    only_lunch = PARTS | {"locale": "0", "lunch": "100"}  # which both show alike, so that the newest comes first
    kept = await reader.send("/learn/likeness", only_lunch)
    assert (kept.status, kept.headers["Location"]) == (303, "/learn?sort=similar")
    assert titles(await text_of(reader, "/learn?sort=similar")) == ["In the city", "In the country"]
    assert "Back to what is usual" in await text_of(reader, "/learn/likeness")
    found = await (await reader.call("GET", "/practices/search", sort="similar")).json()
    assert [part["attribute"] for part in found["items"][0]["similarity"]["parts"]] == ["lunch"]

    assert (await reader.send("/learn/likeness/usual", {})).status == 303
    assert titles(await text_of(reader, "/learn?sort=similar")) == ["In the country", "In the city"]


async def test_weights_that_can_not_be_are_refused_beside_their_field(reader: Reader) -> None:
    for changes, says in (
        ({"lunch": "-1"}, "f-lunch"),
        ({"lunch": "nan"}, "f-lunch"),
        ({"locale": "101"}, "f-locale"),
        ({"locale": "0"}, "Let one of them count"),
    ):
        await reader.get("/learn/likeness")
        response = await reader.send("/learn/likeness", PARTS | changes)
        assert (response.status, says in await response.text()) == (422, True), changes
    body = {name: float(parts) for name, parts in PARTS.items()}
    assert (await (await reader.call("PUT", "/practices/likeness", body)).json())["locale"] == 100
    assert (await reader.call("PUT", "/practices/likeness", body | {"luck": 1})).status == 422
    assert (await reader.call("DELETE", "/practices/likeness")).status == 204
    assert (await (await reader.call("GET", "/practices/likeness")).json())["lunch"] == 30


async def test_they_are_one_persons_alone(reader: Reader) -> None:
    database = reader.library.database
    async with database.writing() as session:
        await set_weights(session, person_id=1, weights={"lunch": 0.5})
        assert (await weights_of(session, 1))["locale"] == 0
        assert await weights_of(session, 2) == dict(USUAL)
        assert (await my_standpoint(session, None)).weights == USUAL
        with pytest.raises(InvalidInput):
            await set_weights(session, person_id=1, weights={"luck": 0.5})
