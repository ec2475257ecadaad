"""A simulated network's keys, documents and terms. All of it is real but for the seed that the keys come from.

The keys of a term (RSA, HPKE), what blinds a credential and the members' federation keys are drawn anew each time,
since their libraries take no seed: nothing that is counted depends on their bytes.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any, Final

from federation import leaves
from federation.blindrsa import PREFIX_BYTES, blind, blind_sign, finalize, prepare, private_key, public_key
from federation.epochs import Epoch, EpochWindows, build_issue_request, message_to_blind, next_issue_from
from federation.keys import (
    Jwk,
    PrivateKey,
    derive_ed25519_jwk,
    generate_private_jwk,
    load_private,
    public_jwk,
    thumbprint,
)
from federation.leaves import sign_leaf
from federation.tlog.note import COSIGNATURE_V1, VerifierKey, build_vkey
from nic_node.disclosure.lattice import build_lattice
from nic_node.simulate.plan import DAY, Plan
from schemas.canonical import document_sha256
from schemas.ids import build_log_origin
from schemas.policy import DAY_SECONDS, POLICY_DEFAULTS, POLICY_FLOORS, build_policy
from schemas.states import APPLIED, APPROVED, LEFT

NETWORK: Final = "https://network.example/net/simulated"
GENERATION: Final = 1
_SECRET_BYTES: Final = 32


def entity_of(school: int) -> str:
    return f"https://school-{school:05d}.example"


@dataclass(slots=True)
class Term:
    """An epoch and what its secrets open; `pseudonyms` by the number of the school."""

    epoch: Epoch
    credential_key: Jwk
    submission_key: PrivateKey
    pseudonyms: dict[int, PrivateKey] = field(default_factory=dict)


class Founding:
    """Makes leaves; what becomes of them is for the log's judge."""

    def __init__(self, plan: Plan, rng: random.Random) -> None:
        self._plan = plan
        self._rng = rng
        self.origin = build_log_origin(NETWORK, GENERATION)
        self.log_private = self._ed25519()
        self.leaf_private = self._ed25519()
        self.log_key = build_vkey(self.origin, dict(self.log_private.public))
        self.witness_keys = {number: self._ed25519() for number in range(plan.witnesses)}
        self.policy = build_policy(
            network=NETWORK,
            # Half of the authors at most, so that a term still opens while some of a small network's are away.
            min_issued=max(POLICY_FLOORS["min_issued"], min(POLICY_DEFAULTS["min_issued"], plan.authors // 2)),
            active_seconds=plan.term_days * DAY_SECONDS,
        )
        self.documents: dict[str, Mapping[str, Any]] = {document_sha256(self.policy): self.policy}
        self.terms: dict[int, Term] = {}
        self._federation_keys: dict[int, Jwk] = {}

    def _ed25519(self) -> PrivateKey:
        return load_private(derive_ed25519_jwk(self._rng.randbytes(_SECRET_BYTES)))

    def _by_network(self, payload: Mapping[str, Any]) -> bytes:
        return sign_leaf(payload, self.leaf_private)

    # Members -----------------------------------------------------------------------------------------------------

    def genesis(self) -> bytes:
        return self._by_network(
            leaves.build_genesis(
                NETWORK, generation=GENERATION, log_key=self.log_key, leaf_jwk=dict(self.leaf_private.public)
            )
        )

    def admit(self, school: int) -> bytes:
        key = generate_private_jwk("ES256")
        if school < self._plan.authors:
            self._federation_keys[school] = key
        return self._member(school, thumbprint(key), APPLIED, APPROVED)

    def leave(self, school: int, jkt: str) -> bytes:
        return self._member(school, jkt, APPROVED, LEFT)

    def _member(self, school: int, jkt: str, from_state: str, to_state: str) -> bytes:
        return self._by_network(
            leaves.build_member(NETWORK, entity=entity_of(school), jkt=jkt, from_state=from_state, to_state=to_state)
        )

    # Terms -------------------------------------------------------------------------------------------------------

    def announce(self, number: int) -> bytes:
        rsa, submission = generate_private_jwk("RSA-3072"), generate_private_jwk("X25519")
        epoch = Epoch(
            network=NETWORK,
            number=number,
            rsa_jwk=public_jwk(rsa),
            submission_key=public_jwk(submission),
            policy_sha256=document_sha256(self.policy),
            lattice_sha256=self._lattice_of(number),
            witnesses=self.witnesses,
            windows=self.windows_of(number),
            min_issued=self.policy["min_issued"],
        )
        self.terms[number] = Term(epoch, rsa, load_private(submission))
        return self._by_network(leaves.build_epoch(epoch))

    @property
    def witnesses(self) -> tuple[VerifierKey, ...]:
        """In the order of their schools' numbers."""
        return tuple(
            build_vkey(f"{entity_of(school).removeprefix('https://')}/witness", dict(key.public), COSIGNATURE_V1)
            for school, key in self.witness_keys.items()
        )

    def _lattice_of(self, number: int) -> str:
        """Without classes: these records name no context."""
        lattice = build_lattice([], network=NETWORK, epoch=number, k=self.policy["context_k"])
        sha256 = document_sha256(lattice)
        self.documents[sha256] = lattice
        return sha256

    def windows_of(self, number: int) -> EpochWindows:
        """The first term's issuing and registering lie before the simulation begins."""
        opens = datetime.fromtimestamp(self._plan.opens_at + (number - 1) * self._plan.term_days * DAY, UTC)
        closes = opens + timedelta(seconds=self.policy["active_seconds"])
        # Where it would have begun for a term that follows one which ends as this one opens.
        issue_from = next_issue_from(EpochWindows(opens, opens, opens, opens), self.policy)
        issue_to = issue_from + timedelta(seconds=self.policy["issue_seconds"])
        return EpochWindows(issue_from, issue_to, opens, closes)

    def issue(self, number: int, school: int) -> tuple[bytes, bytes]:
        """A member's request that was answered, as a leaf, and the leaf that registers the pseudonym."""
        term = self.terms[number]
        private = term.pseudonyms[school] = self._ed25519()
        rsa = public_key(term.epoch.rsa_jwk)
        prepared = prepare(message_to_blind(NETWORK, number, private.jkt), token_bytes(PREFIX_BYTES))
        blinded = blind(rsa, prepared, random=token_bytes)
        request = build_issue_request(
            self._federation_keys[school], network=NETWORK, epoch=number, blinded_message=blinded.message
        )
        answer = blind_sign(private_key(term.credential_key), blinded.message, random=token_bytes)
        signature = finalize(rsa, prepared, answer, blinded.inverse)
        payload = leaves.build_pseudonym(
            NETWORK, epoch=number, jwk=dict(private.public), prepared_message=prepared, signature=signature
        )
        issued = self._by_network(leaves.build_issued(NETWORK, jws=request))
        return issued, sign_leaf(payload, private)

    def open(self, number: int, *, issued: int, registered: int) -> bytes:
        """`void` where too few members took part."""
        if issued < self.policy["min_issued"]:
            return self._by_network(leaves.build_void(NETWORK, epoch=number, issued=issued, registered=registered))
        lattice_sha256 = self.terms[number].epoch.lattice_sha256
        return self._by_network(
            leaves.build_open(
                NETWORK, epoch=number, issued=issued, registered=registered, lattice_sha256=lattice_sha256
            )
        )
