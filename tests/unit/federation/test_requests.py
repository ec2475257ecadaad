from datetime import UTC, datetime

import pytest

from federation.errors import Untrusted
from federation.requests import COVERED, build_key_id, split_key_id, verify_parameters
from schemas.code import Code

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ENTITY = "https://school-a.example"


def parameters(**changes):
    values = {
        "created": SECONDS,
        "keyid": build_key_id(ENTITY, "kid"),
        "nonce": "n" * 22,
        "alg": "ed25519",
        "tag": "nic-v1",
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def refusal(components=COVERED, **changes) -> Code:
    with pytest.raises(Untrusted) as caught:
        verify_parameters(components, parameters(**changes), now=NOW)
    return caught.value.code


@pytest.mark.parametrize("created", [SECONDS - 60, SECONDS, SECONDS + 60])
def test_fresh_signatures(created):
    found = verify_parameters((*COVERED, "content-digest"), parameters(created=created), now=NOW)
    assert (found.entity_id, found.kid, found.nonce) == (ENTITY, "kid", "n" * 22)
    assert found.created.timestamp() == created


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"created": SECONDS - 61}, Code.REQUEST_STALE),
        ({"expires": SECONDS - 1}, Code.REQUEST_STALE),
        ({"created": SECONDS + 61}, Code.REQUEST_FROM_FUTURE),
        ({"created": 10**30}, Code.REQUEST_MALFORMED),
        ({"created": float(SECONDS)}, Code.REQUEST_MALFORMED),
        ({"created": True}, Code.REQUEST_MALFORMED),
        ({"created": None}, Code.REQUEST_COMPONENT_MISSING),
        ({"nonce": "short"}, Code.REQUEST_MALFORMED),
        ({"nonce": "n" * 129}, Code.REQUEST_MALFORMED),
        ({"nonce": None}, Code.REQUEST_COMPONENT_MISSING),
        ({"keyid": ENTITY}, Code.REQUEST_MALFORMED),
        ({"tag": "nic-v2"}, Code.REQUEST_TAG_WRONG),
        ({"alg": "hmac-sha256"}, Code.ALGORITHM_REFUSED),
    ],
)
def test_parameters_that_are_refused(changes, code):
    assert refusal(**changes) is code


@pytest.mark.parametrize("components", [("@method",), ("@target-uri",), ()])
def test_components_that_must_be_covered(components):
    assert refusal(components) is Code.REQUEST_COMPONENT_MISSING


@pytest.mark.parametrize("text", ["", "#", "a#", "#b", "a#b#c"])
def test_key_ids_that_are_none(text):
    with pytest.raises(Untrusted):
        split_key_id(text)
