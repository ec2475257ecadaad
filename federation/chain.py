"""Trust chains: OpenID Federation 1.0, sections 4, 6 and 10.2, from statements that somebody else has fetched.

    ES[0]        entity configuration of the subject
    ES[1..i-1]   each superior's statement about the one below, up to the anchor's
    ES[i]        entity configuration of the trust anchor, signed by a key that we pinned

The chain is walked from the anchor down: each statement is verified by keys that are already trusted.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from federation.entities import EntityStatement, verify_entity_configuration, verify_subordinate_statement
from federation.errors import Untrusted, untrusted_document
from federation.keys import Jwk
from federation.metadata_policy import Policy, apply_policy, merge_policies, read_policy, verify_critical
from schemas.code import Code
from schemas.document import load_document
from schemas.entity import METADATA_TYPES
from schemas.invalid import InvalidDocument

MAX_CHAIN_STATEMENTS: Final = 32

Anchors = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class ResolvedChain:
    """What may be relied on of the chain's subject until `expires_at`.

    `path` runs from the subject to the anchor; `keys_of` holds the federation keys of each entity on it, as the one
    above vouches for them (the anchor's as it states them itself); `metadata` has every superior's policy applied.
    """

    subject: str
    anchor: str
    path: tuple[str, ...]
    expires_at: datetime
    metadata: Mapping[str, Mapping[str, Any]]
    keys_of: Mapping[str, Mapping[str, Jwk]] = field(repr=False)
    configuration: EntityStatement = field(repr=False)
    anchor_configuration: EntityStatement = field(repr=False)

    @property
    def keys(self) -> Mapping[str, Jwk]:
        """The subject's federation keys by kid."""
        return self.keys_of[self.subject]


def verify_chain(
    statements: Sequence[str], *, anchors: Anchors, now: datetime, allow_insecure_loopback: bool = False
) -> ResolvedChain:
    """The chain from a subject to one of our anchors (entity id -> pinned jkt); nothing is fetched.

    An anchor may be its own subject: a chain of its entity configuration alone.

    Raises:
        Untrusted: what entity statements raise; CHAIN_BROKEN, CHAIN_TOO_LONG, ANCHOR_UNKNOWN, KEY_NOT_PINNED,
            SUPERIOR_NOT_HINTED, CONSTRAINT_VIOLATED, METADATA_POLICY_CONFLICT, METADATA_INVALID.
    """
    if not 0 < len(statements) <= MAX_CHAIN_STATEMENTS:
        raise Untrusted(Code.CHAIN_TOO_LONG, f"A trust chain has 1 to {MAX_CHAIN_STATEMENTS} statements.")
    anchor = _verify_anchor(statements[-1], anchors, now=now, allow_insecure_loopback=allow_insecure_loopback)
    if len(statements) == 1:
        return _build_chain(anchor, [], anchor)
    superiors = _verify_superiors(statements[1:-1], anchor, now=now, allow_insecure_loopback=allow_insecure_loopback)
    configuration = _verify_subject(statements[0], superiors, now=now, allow_insecure_loopback=allow_insecure_loopback)
    return _build_chain(configuration, superiors, anchor)


def _verify_anchor(token: str, anchors: Anchors, *, now: datetime, allow_insecure_loopback: bool) -> EntityStatement:
    anchor = verify_entity_configuration(token, now=now, allow_insecure_loopback=allow_insecure_loopback)
    pinned = anchors.get(anchor.subject)
    if pinned is None:
        raise Untrusted(Code.ANCHOR_UNKNOWN, f"A trust chain ends at {anchor.subject}, which is no anchor of ours.")
    if anchor.kid not in pinned:
        raise Untrusted(Code.KEY_NOT_PINNED, f"The statement of {anchor.subject} is not signed by its agreed key.")
    return anchor


def _verify_superiors(
    tokens: Sequence[str], anchor: EntityStatement, *, now: datetime, allow_insecure_loopback: bool
) -> list[EntityStatement]:
    """The statements about subordinates, in the chain's order: the subject's superior first, the anchor's last."""
    downward: list[EntityStatement] = []
    above = anchor
    for token in reversed(tokens):
        above = verify_subordinate_statement(
            token,
            issuer=above.subject,
            issuer_keys=above.keys,
            now=now,
            allow_insecure_loopback=allow_insecure_loopback,
        )
        downward.append(above)
    if not downward:
        raise Untrusted(Code.CHAIN_BROKEN, "A trust chain has no statement of the anchor about anybody.")
    entities = [anchor.subject, *(statement.subject for statement in downward)]
    if len(set(entities)) != len(entities):
        raise Untrusted(Code.CHAIN_BROKEN, "A trust chain runs in a circle.")
    return downward[::-1]


def _verify_subject(
    token: str, superiors: Sequence[EntityStatement], *, now: datetime, allow_insecure_loopback: bool
) -> EntityStatement:
    configuration = verify_entity_configuration(token, now=now, allow_insecure_loopback=allow_insecure_loopback)
    superior = superiors[0]
    if configuration.subject != superior.subject:
        raise Untrusted(Code.CHAIN_BROKEN, "A trust chain's first two statements are about different entities.")
    # A kid is the key's thumbprint: being listed by the superior says that it is the very same key.
    if configuration.kid not in superior.keys:
        raise Untrusted(Code.KEY_UNKNOWN, f"{superior.issuer} does not vouch for the key of {configuration.subject}.")
    if superior.issuer not in configuration.authority_hints:
        raise Untrusted(
            Code.SUPERIOR_NOT_HINTED, f"{configuration.subject} does not name {superior.issuer} as its superior."
        )
    return configuration


def _build_chain(
    configuration: EntityStatement, superiors: Sequence[EntityStatement], anchor: EntityStatement
) -> ResolvedChain:
    path = (*(statement.subject for statement in superiors), anchor.subject)
    _verify_constraints(superiors)
    return ResolvedChain(
        subject=configuration.subject,
        anchor=anchor.subject,
        path=path,
        expires_at=min(statement.expires_at for statement in (configuration, *superiors, anchor)),
        metadata=_resolve_metadata(configuration, superiors),
        keys_of={statement.subject: statement.keys for statement in (anchor, *superiors)},
        configuration=configuration,
        anchor_configuration=anchor,
    )


# Constraints (section 6.2): each superior's, each on its own ------------------------------------------------------


def _verify_constraints(superiors: Sequence[EntityStatement]) -> None:
    """For superiors[j], j intermediates stand between its issuer and the chain's subject."""
    for below, statement in enumerate(superiors):
        most = statement.constraints.get("max_path_length")
        if most is not None and below > most:
            raise Untrusted(
                Code.CONSTRAINT_VIOLATED, f"{statement.issuer} allows {most} intermediates below it, not {below}."
            )
        permitted, excluded = (_read_names(statement, which) for which in ("permitted", "excluded"))
        for subordinate in superiors[: below + 1]:
            host = urlsplit(subordinate.subject).hostname or ""
            if _is_within(host, excluded or ()) or not (permitted is None or _is_within(host, permitted)):
                raise Untrusted(
                    Code.CONSTRAINT_VIOLATED, f"{statement.issuer} may not speak for {subordinate.subject}."
                )


def _read_names(statement: EntityStatement, which: str) -> list[str] | None:
    names = statement.constraints.get("naming_constraints", {}).get(which)
    if names is None or (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        return names
    raise Untrusted(Code.STATEMENT_INVALID, f"The naming constraints of {statement.issuer} are no lists of names.")


def _is_within(host: str, names: Iterable[str]) -> bool:
    """RFC 5280 section 4.2.1.10, URIs: a leading period stands for one label or more, else it is the host itself."""
    return any(host.endswith(name) if name.startswith(".") else host == name for name in map(str.lower, names))


# Metadata (sections 6.1.4 and 6.2.3) ------------------------------------------------------------------------------


def _resolve_metadata(
    configuration: EntityStatement, superiors: Sequence[EntityStatement]
) -> dict[str, dict[str, Any]]:
    """In this order: the superior's own values, the entity types that are allowed, the merged policy."""
    stated = superiors[0].metadata if superiors else {}
    metadata = {kind: {**values, **stated.get(kind, {})} for kind, values in configuration.metadata.items()}
    for statement in superiors:
        allowed = statement.constraints.get("allowed_entity_types")
        if allowed is not None:
            metadata = {k: v for k, v in metadata.items() if k == "federation_entity" or k in allowed}
    resolved = apply_policy(_merge_policies(superiors), metadata)
    if resolved != configuration.metadata:
        _verify_metadata(resolved)
    return resolved


def _verify_metadata(resolved: Mapping[str, Mapping[str, Any]]) -> None:
    """Section 6.1.4.2: what superiors made of the metadata must still be metadata."""
    for kind in METADATA_TYPES.keys() & resolved.keys():
        try:
            load_document(METADATA_TYPES[kind], resolved[kind])
        except InvalidDocument as error:
            raise untrusted_document(error, Code.METADATA_INVALID) from error


def _merge_policies(superiors: Sequence[EntityStatement]) -> Policy:
    policy: Policy = {}
    for statement in superiors:
        verify_critical(statement.payload.get("metadata_policy_crit", ()))
    for statement in reversed(superiors):
        policy = merge_policies(policy, read_policy(statement.metadata_policy))
    return policy
