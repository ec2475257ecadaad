from datetime import timedelta
from itertools import pairwise

import pytest

from federation.chain import MAX_CHAIN_STATEMENTS, verify_chain
from federation.errors import Untrusted
from federation.keys import build_jwks, generate_private_jwk, public_jwk, thumbprint
from schemas.code import Code
from tests.unit.federation.parties import HOUR, NOW, Party, hint

SCHOOL = Party("https://school-a.example")
NETWORK = Party("https://hub.example/net/north")
STATE = Party("https://state.example")
ANCHORS = {NETWORK.entity: {NETWORK.jkt}}
STATE_ANCHORS = {STATE.entity: {STATE.jkt}}


def flat(*, school=None, about=None, network=None) -> list[str]:
    """School -> network, each statement changed as a test wants it."""
    return [
        SCHOOL.configuration(**(hint(NETWORK) | (school or {}))),
        NETWORK.about(SCHOOL, **(about or {})),
        NETWORK.configuration(**(network or {})),
    ]


def two_hops(*, school=None, about=None, above=None, state=None) -> list[str]:
    """School -> network -> state."""
    return [
        SCHOOL.configuration(**(hint(NETWORK) | (school or {}))),
        NETWORK.about(SCHOOL, **(about or {})),
        STATE.about(NETWORK, **(above or {})),
        STATE.configuration(**(state or {})),
    ]


def line(length: int) -> tuple[list[str], dict[str, set[str]]]:
    """A chain through `length` entities, and the anchor at its end."""
    parties = [Party(f"https://entity-{i}.example") for i in range(length)]
    statements = [parties[0].configuration(**(hint(parties[1]) if length > 1 else {}))]
    statements += [above.about(below) for below, above in pairwise(parties)]
    if length > 1:
        statements.append(parties[-1].configuration())
    return statements, {parties[-1].entity: {parties[-1].jkt}}


def refusal(statements, anchors=ANCHORS, **keywords) -> Code:
    with pytest.raises(Untrusted) as caught:
        verify_chain(statements, anchors=anchors, **({"now": NOW} | keywords))
    return caught.value.code


def test_member_of_a_network():
    chain = verify_chain(flat(), anchors=ANCHORS, now=NOW)
    assert (chain.subject, chain.anchor) == (SCHOOL.entity, NETWORK.entity)
    assert chain.path == (SCHOOL.entity, NETWORK.entity)
    assert chain.keys == {SCHOOL.jkt: SCHOOL.public}
    assert chain.keys_of[NETWORK.entity] == {NETWORK.jkt: NETWORK.public}
    assert chain.metadata == {"federation_entity": {"organization_name": "Invented School"}}


def test_network_of_networks():
    chain = verify_chain(two_hops(), anchors=STATE_ANCHORS, now=NOW)
    assert chain.path == (SCHOOL.entity, NETWORK.entity, STATE.entity)
    assert set(chain.keys_of) == set(chain.path)


def test_an_anchor_is_a_chain_of_its_own():
    chain = verify_chain([NETWORK.configuration()], anchors=ANCHORS, now=NOW)
    assert chain.path == (NETWORK.entity,)
    assert chain.keys == {NETWORK.jkt: NETWORK.public}


@pytest.mark.parametrize("length", [1, 2, 3, 5, 12, MAX_CHAIN_STATEMENTS - 1])
def test_chains_of_any_length(length):
    statements, anchors = line(length)
    assert len(verify_chain(statements, anchors=anchors, now=NOW).path) == length


def test_too_long_or_empty():
    statements, anchors = line(MAX_CHAIN_STATEMENTS)
    assert refusal(statements, anchors) is Code.CHAIN_TOO_LONG
    assert refusal([]) is Code.CHAIN_TOO_LONG


@pytest.mark.parametrize("which", ["school", "about", "above", "state"])
def test_chain_expires_with_its_first_statement(which):
    soon = NOW + timedelta(minutes=5)
    chain = verify_chain(two_hops(**{which: {"expires_at": soon}}), anchors=STATE_ANCHORS, now=NOW)
    assert chain.expires_at == soon
    assert refusal(two_hops(**{which: {"expires_at": NOW}}), STATE_ANCHORS) is Code.STATEMENT_EXPIRED
    early = {"issued_at": NOW + HOUR, "expires_at": NOW + 2 * HOUR}
    assert refusal(two_hops(**{which: early}), STATE_ANCHORS) is Code.STATEMENT_NOT_YET_VALID


def test_anchors():
    assert refusal(flat(), {}) is Code.ANCHOR_UNKNOWN
    assert refusal(flat(), STATE_ANCHORS) is Code.ANCHOR_UNKNOWN
    assert refusal(flat(), {NETWORK.entity: {SCHOOL.jkt}}) is Code.KEY_NOT_PINNED
    assert refusal(flat(), {NETWORK.entity: set()}) is Code.KEY_NOT_PINNED
    assert refusal(two_hops(), ANCHORS) is Code.ANCHOR_UNKNOWN


def test_forged_superior_key():
    forger = Party(NETWORK.entity)
    assert refusal([flat()[0], forger.about(SCHOOL), forger.configuration()]) is Code.KEY_NOT_PINNED
    assert refusal([flat()[0], forger.about(SCHOOL), NETWORK.configuration()]) is Code.KEY_UNKNOWN
    named_alike = NETWORK.configuration(keys=[NETWORK.public], signed_by=forger.private)
    assert refusal([flat()[0], forger.about(SCHOOL), named_alike]) is Code.KEY_UNKNOWN


def test_swapped_leaf_key():
    thief = Party(SCHOOL.entity)
    assert refusal([thief.configuration(**hint(NETWORK)), *flat()[1:]]) is Code.KEY_UNKNOWN
    listed_only = flat(school={"keys": [thief.public, SCHOOL.public], "signed_by": thief.private})
    assert refusal(listed_only) is Code.KEY_UNKNOWN


def test_a_key_is_trusted_once_the_superior_lists_it():
    new = generate_private_jwk("ES256")
    rotated = {"keys": [SCHOOL.public, public_jwk(new)], "signed_by": new}
    both = {"keys": [SCHOOL.public, public_jwk(new)]}
    chain = verify_chain(flat(school=rotated, about=both), anchors=ANCHORS, now=NOW)
    assert set(chain.keys) == {SCHOOL.jkt, thumbprint(new)}
    # What only the subject says of its keys is not relied on.
    assert set(verify_chain(flat(school=both), anchors=ANCHORS, now=NOW).keys) == {SCHOOL.jkt}


def test_an_anchor_hands_over_to_a_new_key():
    new = generate_private_jwk("ES256")
    both = {"keys": [NETWORK.public, public_jwk(new)]}
    chain = verify_chain(flat(about={"signed_by": new}, network=both), anchors=ANCHORS, now=NOW)
    assert set(chain.keys_of[NETWORK.entity]) == {NETWORK.jkt, thumbprint(new)}


def test_issuer_and_subject_must_join():
    other = Party("https://school-b.example")
    assert refusal([flat()[0], NETWORK.about(other), NETWORK.configuration()]) is Code.CHAIN_BROKEN
    assert refusal([flat()[0], NETWORK.configuration()]) is Code.CHAIN_BROKEN
    assert refusal(flat()[::-1]) is Code.ANCHOR_UNKNOWN
    assert refusal([flat()[1], *flat()[1:]]) is Code.ISSUER_SUBJECT_MISMATCH
    assert refusal([flat()[0], flat()[0], *flat()[1:]]) is Code.ISSUER_SUBJECT_MISMATCH
    skipped = [flat()[0], NETWORK.about(SCHOOL), STATE.configuration()]
    assert refusal(skipped, STATE_ANCHORS) is Code.ISSUER_SUBJECT_MISMATCH


def test_a_circle_is_no_chain():
    circle = [
        SCHOOL.configuration(**hint(NETWORK)),
        NETWORK.about(SCHOOL),
        STATE.about(NETWORK),
        NETWORK.about(STATE),
        NETWORK.configuration(),
    ]
    assert refusal(circle) is Code.CHAIN_BROKEN


def test_a_superior_that_the_subject_does_not_name():
    assert refusal(flat(school=hint(STATE))) is Code.SUPERIOR_NOT_HINTED
    assert refusal(flat(school={"authority_hints": ()})) is Code.SUPERIOR_NOT_HINTED


def test_unknown_critical_claims_anywhere():
    jwks = build_jwks([SCHOOL.public])
    for changed in (
        [SCHOOL.raw(authority_hints=[NETWORK.entity], crit=["x"]), *flat()[1:]],
        [flat()[0], NETWORK.raw(sub=SCHOOL.entity, jwks=jwks, crit=["x"]), flat()[2]],
        [*flat()[:2], NETWORK.raw(crit=["x"])],
    ):
        assert refusal(changed) is Code.CRITICAL_HEADER_UNKNOWN


def test_loopback_addresses_need_the_flag():
    school, network = Party("http://127.0.0.1:8001"), Party("http://127.0.0.1:8000/net/north")
    statements = [school.configuration(**hint(network)), network.about(school), network.configuration()]
    anchors = {network.entity: {network.jkt}}
    verify_chain(statements, anchors=anchors, now=NOW, allow_insecure_loopback=True)
    assert refusal(statements, anchors) is Code.ENTITY_ID_INVALID


# Constraints ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by_state", "by_network", "holds"), [(1, 0, True), (2, None, True), (0, None, False)])
def test_path_length(by_state, by_network, holds):
    def limit(most):
        return {} if most is None else {"constraints": {"max_path_length": most}}

    statements = two_hops(above=limit(by_state), about=limit(by_network))
    if holds:
        verify_chain(statements, anchors=STATE_ANCHORS, now=NOW)
    else:
        assert refusal(statements, STATE_ANCHORS) is Code.CONSTRAINT_VIOLATED


@pytest.mark.parametrize(
    ("names", "holds"),
    [
        ({"permitted": [".example"]}, True),
        ({"permitted": ["school-a.example", "hub.example"]}, True),
        ({"permitted": ["HUB.example", ".EXAMPLE"]}, True),
        ({"permitted": ["hub.example"]}, False),
        ({"permitted": []}, False),
        ({"permitted": [".school-a.example", "hub.example"]}, False),
        ({"permitted": [".example"], "excluded": ["school-a.example"]}, False),
        ({"excluded": [".other.example"]}, True),
        ({}, True),
    ],
)
def test_naming_constraints_hold_for_all_below(names, holds):
    statements = two_hops(above={"constraints": {"naming_constraints": names}})
    if holds:
        verify_chain(statements, anchors=STATE_ANCHORS, now=NOW)
    else:
        assert refusal(statements, STATE_ANCHORS) is Code.CONSTRAINT_VIOLATED


@pytest.mark.parametrize("names", [{"permitted": "hub.example"}, {"excluded": [7]}])
def test_naming_constraints_that_are_none(names):
    statements = flat(about={"constraints": {"naming_constraints": names}})
    assert refusal(statements) is Code.STATEMENT_INVALID


def test_entity_types_that_are_not_allowed_are_taken_out():
    metadata = {"federation_entity": {}, "nic_other": {"a": 1}, "nic_third": {"b": 2}}
    for constraints, left in (({}, set(metadata)), ({"allowed_entity_types": ["nic_other"]}, {"nic_other"})):
        statements = two_hops(school={"metadata": metadata}, above={"constraints": constraints})
        chain = verify_chain(statements, anchors=STATE_ANCHORS, now=NOW)
        assert set(chain.metadata) == left | {"federation_entity"}
    statements = flat(school={"metadata": metadata}, about={"constraints": {"allowed_entity_types": []}})
    assert set(verify_chain(statements, anchors=ANCHORS, now=NOW).metadata) == {"federation_entity"}


# Metadata ---------------------------------------------------------------------------------------------------------


def test_superiors_values_come_first_and_policies_after_from_the_top_down():
    chain = verify_chain(
        two_hops(
            school={"metadata": {"nic_other": {"color": "red", "tags": ["a", "z"]}}},
            about={
                "metadata": {"nic_other": {"color": "blue"}, "nic_absent": {"x": 1}},
                "metadata_policy": {"nic_other": {"tags": {"subset_of": ["a", "b"]}}},
            },
            above={
                "metadata_policy": {"nic_other": {"color": {"one_of": ["blue"]}, "tags": {"subset_of": ["a", "c"]}}}
            },
        ),
        anchors=STATE_ANCHORS,
        now=NOW,
    )
    assert chain.metadata == {"nic_other": {"color": "blue", "tags": ["a"]}}


def test_values_for_an_intermediate_do_not_reach_the_subject():
    statements = two_hops(school={"metadata": {"nic_other": {"a": 1}}}, above={"metadata": {"nic_other": {"a": 2}}})
    assert verify_chain(statements, anchors=STATE_ANCHORS, now=NOW).metadata == {"nic_other": {"a": 1}}


def test_policy_conflicts():
    metadata = {"metadata": {"nic_other": {"a": "x"}}}
    one_of = {"metadata_policy": {"nic_other": {"a": {"one_of": ["y"]}}}}
    other = {"metadata_policy": {"nic_other": {"a": {"one_of": ["z"]}}}}
    critical = {"metadata_policy": {"nic_other": {"a": {"regexp": "y"}}}}
    assert refusal(flat(school=metadata, about=one_of)) is Code.METADATA_POLICY_CONFLICT
    assert refusal(two_hops(about=one_of, above=other), STATE_ANCHORS) is Code.METADATA_POLICY_CONFLICT
    verify_chain(flat(school=metadata, about=critical), anchors=ANCHORS, now=NOW)
    demanded = NETWORK.raw(
        sub=SCHOOL.entity, jwks=build_jwks([SCHOOL.public]), metadata_policy_crit=["regexp"], **critical
    )
    assert refusal([flat()[0], demanded, flat()[2]]) is Code.METADATA_POLICY_CONFLICT


def test_what_superiors_made_of_the_metadata_must_still_be_metadata():
    node = {"nic_node": {"jwks": build_jwks([generate_private_jwk("Ed25519")]), "versions": [1]}}
    spoilt = {"metadata_policy": {"nic_node": {"versions": {"value": "one"}}}}
    removed = {"metadata_policy": {"nic_node": {"jwks": {"value": None}}}}
    kept = {"metadata_policy": {"nic_node": {"versions": {"superset_of": [1]}}}}
    assert verify_chain(flat(school={"metadata": node}, about=kept), anchors=ANCHORS, now=NOW).metadata == node
    assert refusal(flat(school={"metadata": node}, about=spoilt)) is Code.METADATA_INVALID
    assert refusal(flat(school={"metadata": node}, about=removed)) is Code.METADATA_INVALID
