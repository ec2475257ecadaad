"""RFC 9421's own example of an Ed25519 signature (B.2.6), through the parts that our profile is made of."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key
from http_message_signatures import HTTPMessageSigner, InvalidSignature, MappingKeyResolver
from http_message_signatures.algorithms import ED25519

from federation.keys import ed25519_jwk, encode_base64url, load_private, load_public
from nic_node.peerhttp.signing import SignedMessage
from nic_node.peerhttp.verifying import OwnClockVerifier

VECTOR: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "vectors" / "rfc9421_b26.json").read_text(encoding="utf-8")
)
RAW_PUBLIC = base64.b64decode(VECTOR["public_key_raw_base64"])
LABEL = "sig-b26"


def message(**extra: str) -> SignedMessage:
    return SignedMessage(VECTOR["method"], VECTOR["url"], dict(VECTOR["headers"]) | extra)


def signed(**changed: str) -> SignedMessage:
    components = " ".join(f'"{name}"' for name in VECTOR["components"])
    headers = {
        "Signature-Input": f'{LABEL}=({components});created={VECTOR["created"]};keyid="{VECTOR["keyid"]}"',
        "Signature": f"{LABEL}=:{VECTOR['signature']}:",
    }
    return message(**headers | changed)


def verifier() -> OwnClockVerifier:
    keys = MappingKeyResolver(
        public_keys={VECTOR["keyid"]: load_public(ed25519_jwk(RAW_PUBLIC)).handle}, private_keys={}
    )
    opened = OwnClockVerifier(signature_algorithm=ED25519, key_resolver=keys)
    opened.allow_label_only_selection = True  # the example has no tag
    return opened


def test_the_private_key_of_the_rfc_is_read_and_belongs_to_its_public_key() -> None:
    private = load_der_private_key(base64.b64decode(VECTOR["private_key_pkcs8_der_base64"]), None)
    jwk = ed25519_jwk(RAW_PUBLIC) | {"d": encode_base64url(private.private_bytes_raw())}
    assert load_private(jwk).public == ed25519_jwk(RAW_PUBLIC)


def test_our_message_and_key_give_the_rfc_s_base_and_signature() -> None:
    private = load_der_private_key(base64.b64decode(VECTOR["private_key_pkcs8_der_base64"]), None)
    jwk = ed25519_jwk(RAW_PUBLIC) | {"d": encode_base64url(private.private_bytes_raw())}
    parameters = VECTOR["signature_base"].rpartition('"@signature-params": ')[2]
    signer = HTTPMessageSigner(signature_algorithm=ED25519)
    base, _, _ = signer._build_signature_base(
        message(),
        covered_component_ids=signer._parse_covered_component_ids(VECTOR["components"]),
        signature_params={"created": VECTOR["created"], "keyid": VECTOR["keyid"]},
    )
    assert base == VECTOR["signature_base"]
    assert base.endswith(parameters)
    handle = load_private(jwk).handle
    assert base64.b64encode(handle.sign(base.encode())).decode() == VECTOR["signature"]


@pytest.mark.filterwarnings("ignore::http_message_signatures.signatures.SignatureVerifyWarning")
def test_the_rfc_s_signature_verifies_though_it_is_years_old() -> None:
    (result,) = verifier().verify(signed(), max_age=None, expect_label=LABEL)
    assert result.parameters == {"created": VECTOR["created"], "keyid": VECTOR["keyid"]}
    assert result.covered_components['"@method"'] == "POST"


@pytest.mark.filterwarnings("ignore::http_message_signatures.signatures.SignatureVerifyWarning")
@pytest.mark.parametrize("header", ["Date", "Content-Type", "Content-Length"])
def test_and_not_over_anything_else(header: str) -> None:
    with pytest.raises(InvalidSignature):
        verifier().verify(signed(**{header: "x"}), max_age=None, expect_label=LABEL)
