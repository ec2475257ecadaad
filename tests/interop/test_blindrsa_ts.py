"""Blind signatures with @cloudflare/blindrsa-ts (npm) at the other end: as the client, as the signer, as who verifies."""

import json
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from federation.blindrsa import blind, blind_sign, finalize, prepare, private_key, verify_signature
from federation.keys import Jwk, public_jwk
from schemas.base64url import decode_base64url, encode_base64url
from tests.fakes.network_log import epoch_keys

JUDGE = Path(__file__).parent / "judges" / "blind_rsa.mjs"
ENVIRONMENT = Path(__file__).parents[2] / ".judges" / "node"
MESSAGE = b'{"epoch":3,"jkt":"a pseudonym","network":"https://networks.example/net/valley","v":1}'
SECONDS = 60

pytestmark = pytest.mark.skipif(
    not (ENVIRONMENT / "node_modules" / "@cloudflare").exists(), reason="the judge is not there: make interop"
)


@pytest.fixture(scope="module")
def private() -> Jwk:
    return epoch_keys(1)[0]


def ask(step: str, **request: Any) -> dict[str, Any]:
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(
        [node, str(JUDGE), str(ENVIRONMENT)],
        input=json.dumps({"step": step, **request}).encode(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def read(text: str) -> bytes:
    return decode_base64url(text)


def is_valid_there(private: Jwk, prepared: bytes, signature: bytes) -> bool:
    answer = ask(
        "verify",
        jwk=public_jwk(private),
        prepared=encode_base64url(prepared),
        signature=encode_base64url(signature),
    )
    return bool(answer["valid"])


def test_we_sign_for_its_client_and_verify_what_it_made(private: Jwk) -> None:
    asked = ask("blind", jwk=public_jwk(private), message=encode_base64url(MESSAGE))
    signed = blind_sign(private_key(private), read(asked["blinded"]), random=secrets.token_bytes)
    made = ask(
        "finalize",
        jwk=public_jwk(private),
        prepared=asked["prepared"],
        signature=encode_base64url(signed),
        inverse=asked["inverse"],
    )
    verify_signature(private_key(private).public, read(asked["prepared"]), read(made["signature"]))


def test_it_signs_for_our_client_and_verifies_what_we_made(private: Jwk) -> None:
    prepared = prepare(MESSAGE, secrets.token_bytes(32))
    public = private_key(private).public
    blinded = blind(public, prepared, random=secrets.token_bytes)
    signed = read(ask("sign", jwk=dict(private), blinded=encode_base64url(blinded.message))["signature"])
    signature = finalize(public, prepared, signed, blinded.inverse)
    assert is_valid_there(private, prepared, signature)
    assert not is_valid_there(private, prepared[:-1] + b"x", signature)
