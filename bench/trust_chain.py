"""Validating a cached chain of two hops, against the bare ES256 verifications inside it.

School -> network -> state: four statements as they rest in the database, parsed, checked and verified anew.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from bench.pairs import Result, compare
from federation.chain import verify_chain
from federation.entities import build_entity_configuration, build_subordinate_statement
from federation.keys import PublicKey, generate_private_jwk, load_public, public_jwk, thumbprint, verify_bytes
from nic_node.network.statements import ENDPOINTS
from schemas.base64url import decode_base64url

N = 20
NOW = datetime(2026, 10, 27, 12, 0, tzinfo=UTC)
TIMES: dict[str, Any] = {"issued_at": NOW, "expires_at": NOW + timedelta(hours=24)}
SCHOOL, NETWORK, STATE = "https://alder.example", "https://hub.example/net/north", "https://state.example"


def run() -> Result:
    private = {entity: generate_private_jwk("ES256") for entity in (SCHOOL, NETWORK, STATE)}
    public = {entity: public_jwk(key) for entity, key in private.items()}
    statements = [
        build_entity_configuration(
            private[SCHOOL], entity=SCHOOL, keys=[public[SCHOOL]], authority_hints=[NETWORK],
            metadata={"nic_node": {"jwks": {"keys": [_http_key()]}, "versions": [1]}}, **TIMES,
        ),
        _about(private[NETWORK], NETWORK, SCHOOL, public[SCHOOL], {"allowed_entity_types": ["nic_node"]}),
        _about(private[STATE], STATE, NETWORK, public[NETWORK], {"max_path_length": 1}),
        build_entity_configuration(
            private[STATE], entity=STATE, keys=[public[STATE]],
            metadata={"federation_entity": {name: STATE + path for name, path in ENDPOINTS.items()}}, **TIMES,
        ),
    ]  # fmt: skip
    anchors = {STATE: {thumbprint(public[STATE])}}
    signers = [load_public(public[entity]) for entity in (SCHOOL, NETWORK, STATE, STATE)]
    signed = [_signed(signer, token) for signer, token in zip(signers, statements, strict=True)]

    def verify_chains() -> None:
        for _ in range(N):
            verify_chain(statements, anchors=anchors, now=NOW)

    def verify_bare() -> None:
        for _ in range(N):
            for key, signing_input, signature in signed:
                verify_bytes(key, signing_input, signature)

    return compare("trust-chain", verify_chains, verify_bare, n=N)


def _about(private: Any, issuer: str, subject: str, key: Any, constraints: dict[str, Any]) -> str:
    return build_subordinate_statement(
        private, issuer=issuer, subject=subject, keys=[key], constraints=constraints,
        source_endpoint=issuer + ENDPOINTS["federation_fetch_endpoint"], **TIMES,
    )  # fmt: skip


def _http_key() -> dict[str, Any]:
    public = public_jwk(generate_private_jwk("Ed25519"))
    return {**public, "kid": thumbprint(public)}


def _signed(key: PublicKey, token: str) -> tuple[PublicKey, bytes, bytes]:
    signing_input, _, signature = token.rpartition(".")
    return key, signing_input.encode(), decode_base64url(signature)
