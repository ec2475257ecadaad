import pytest

from schemas.ids import (
    build_log_origin,
    build_log_url,
    build_network_id,
    build_record_id,
    is_entity_id,
    parse_record_id,
)

ENTITY_IDS = [
    "https://alder.example",
    "https://alder.example:8443",
    "https://alder.example/net/valley",
    "https://a-1.b.example/",
    "https://[2001:db8::1]:8443",
    "http://127.0.0.1:8001",
    "http://localhost:8001/net/valley",
    "http://[::1]:8001",
]
NO_ENTITY_IDS = [
    "",
    "alder.example",
    "http://alder.example",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "https://",
    "https://Alder.example",
    "https://user@alder.example",
    "https://alder.example?x=1",
    "https://alder.example#part",
    "https://alder.example//x",
    "https://alder.example/a+b",
    "https://alder.example/a b",
    "https://alder.example:0",
    "https://alder.example:123456",
    "https://-alder.example",
    "https://alder.example\n",
    "https://\u0430lder.example",
    "ftp://alder.example",
    "https://alder.example/" + "x" * 200,
]


@pytest.mark.parametrize("text", ENTITY_IDS)
def test_entity_ids(text):
    assert is_entity_id(text)


@pytest.mark.parametrize("text", NO_ENTITY_IDS)
def test_no_entity_ids(text):
    assert not is_entity_id(text)


def test_names_are_made_from_each_other():
    network = build_network_id("https://networks.example/", "valley")
    assert network == "https://networks.example/net/valley"
    assert build_log_url(network, 2) == "https://networks.example/net/valley/log/2"
    origin = build_log_origin(network, 2)
    assert origin == "networks.example/net/valley/log/2"
    assert parse_record_id(build_record_id(origin, 0)) == (origin, 0)


@pytest.mark.parametrize("slug", ["", "Valley", "a b", "-a", "a-", "a/b", "x" * 65, "é"])
def test_a_short_name_of_another_form_is_refused(slug):
    with pytest.raises(ValueError, match="short name"):
        build_network_id("https://networks.example", slug)


@pytest.mark.parametrize(
    "text", ["", "a", "a#", "#1", "a#01", "a#-1", "a#1 ", "a b#1", "a+b#1", "a#1#2", "a#1\n", "a#" + "9" * 16]
)
def test_no_record_ids(text):
    with pytest.raises(ValueError, match="record id"):
        parse_record_id(text)
