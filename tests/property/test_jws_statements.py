"""Whatever a peer signs instead of a statement, mark or application: no exception but ours leaves."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from federation.applications import verify_application
from federation.chain import verify_chain
from federation.entities import verify_entity_configuration, verify_entity_id, verify_subordinate_statement
from federation.errors import Untrusted
from federation.keys import build_jwks
from federation.metadata_policy import apply_policy, merge_policies, read_policy
from federation.trust_marks import verify_trust_mark, verify_trust_marks
from tests.unit.federation.parties import NOW, Party, hint

SCHOOL = Party("https://school-a.example")
NETWORK = Party("https://hub.example/net/north")
ANCHORS = {NETWORK.entity: {NETWORK.jkt}}

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
# All that canonical JSON can say: who can't be signed can't be fuzzed.
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(texts, below, max_size=3),
    max_leaves=8,
)
words = st.sampled_from(["a", "b", "nic_node", "federation_entity", ".example", "school-a.example", SCHOOL.entity])
shapes = json_values | words | st.lists(words | json_values, max_size=3)
objects = st.dictionaries(words, shapes | st.dictionaries(words, shapes, max_size=3), max_size=3)
claims = st.fixed_dictionaries(
    {},
    optional={
        "metadata": objects | shapes,
        "metadata_policy": objects | shapes,
        "metadata_policy_crit": shapes,
        "constraints": st.fixed_dictionaries(
            {},
            optional={
                "max_path_length": shapes,
                "naming_constraints": st.dictionaries(st.sampled_from(["permitted", "excluded"]), shapes) | shapes,
                "allowed_entity_types": shapes,
            },
        )
        | shapes,
        "authority_hints": st.just([NETWORK.entity]) | shapes,
        "trust_marks": st.lists(
            st.fixed_dictionaries({}, optional={"trust_mark_type": shapes, "trust_mark": shapes}), max_size=2
        )
        | shapes,
        "trust_mark_issuers": objects | shapes,
        "trust_mark_owners": objects | shapes,
        "source_endpoint": shapes,
        "crit": shapes,
        "iat": shapes,
        "exp": shapes,
        "jwks": shapes,
        "iss": shapes,
    },
)
operators = st.dictionaries(
    st.sampled_from(["value", "add", "default", "one_of", "subset_of", "superset_of", "essential", "regexp"]),
    st.lists(words, max_size=3) | words | st.booleans() | st.none() | json_values,
    max_size=4,
)
policies = st.dictionaries(words, st.dictionaries(words | st.just("scope"), operators, max_size=3), max_size=3)


@given(claims)
def test_any_claims_of_a_configuration(changes):
    with suppress(Untrusted):
        statement = verify_entity_configuration(SCHOOL.raw(**changes), now=NOW)
        assert statement.subject == statement.issuer


@given(claims, claims, claims)
def test_any_claims_along_a_chain(of_school, of_statement, of_network):
    statements = [
        SCHOOL.raw(**({"authority_hints": [NETWORK.entity]} | of_school)),
        NETWORK.raw(**({"sub": SCHOOL.entity, "jwks": build_jwks([SCHOOL.public])} | of_statement)),
        NETWORK.raw(**of_network),
    ]
    with suppress(Untrusted):
        chain = verify_chain(statements, anchors=ANCHORS, now=NOW)
        assert chain.expires_at > NOW
        verify_trust_marks(chain, network=NETWORK.entity, now=NOW)


@given(claims, claims)
def test_constraints_and_policies_of_a_good_chain(of_statement, of_school):
    kept = {k: v for k, v in of_statement.items() if k in ("metadata", "metadata_policy", "constraints")}
    statements = [
        SCHOOL.raw(authority_hints=[NETWORK.entity], metadata=of_school.get("metadata", {"nic_other": {"a": ["b"]}})),
        NETWORK.raw(**({"sub": SCHOOL.entity, "jwks": build_jwks([SCHOOL.public])} | kept)),
        NETWORK.configuration(),
    ]
    with suppress(Untrusted):
        assert verify_chain(statements, anchors=ANCHORS, now=NOW).path == (SCHOOL.entity, NETWORK.entity)


@given(st.lists(st.sampled_from(range(4)), max_size=5), st.lists(st.text() | st.just("a.b.c"), max_size=2))
def test_no_other_order_of_true_statements_makes_a_chain(order, garbage):
    pool = [
        SCHOOL.configuration(**hint(NETWORK)),
        NETWORK.about(SCHOOL),
        NETWORK.configuration(),
        SCHOOL.about(NETWORK),
    ]
    statements = [pool[i] for i in order] + garbage
    if not garbage and order in ([0, 1, 2], [2]):
        verify_chain(statements, anchors=ANCHORS, now=NOW)
    else:
        with suppress(Untrusted):
            verify_chain(statements, anchors=ANCHORS, now=NOW)
            raise AssertionError(f"accepted: {order}")


@given(claims, st.dictionaries(texts, json_values, max_size=3))
def test_any_claims_elsewhere(changes, surplus):
    with suppress(Untrusted):
        verify_subordinate_statement(
            NETWORK.raw(**(surplus | changes)),
            issuer=NETWORK.entity,
            issuer_keys={NETWORK.jkt: NETWORK.public},
            now=NOW,
        )
    with suppress(Untrusted):
        verify_application(SCHOOL.raw(typ="nic-application+jwt", **changes), network=NETWORK.entity, now=NOW)
    with suppress(Untrusted):
        verify_trust_mark(
            NETWORK.raw(typ="trust-mark+jwt", **changes),
            network=NETWORK.entity,
            network_keys={NETWORK.jkt: NETWORK.public},
            subject=SCHOOL.entity,
            now=NOW,
        )


@given(
    policies | json_values,
    policies,
    st.dictionaries(words, st.dictionaries(words, json_values, max_size=3), max_size=3),
)
def test_any_policies(superior, subordinate, metadata):
    with suppress(Untrusted):
        merged = merge_policies(read_policy(superior), read_policy(subordinate))
        applied = apply_policy(merged, metadata)
        assert applied.keys() == metadata.keys()
        assert apply_policy(merged, applied) == applied


@given(st.text() | texts.map(lambda tail: "https://" + tail) | texts.map(lambda tail: SCHOOL.entity + tail))
def test_entity_ids_have_one_spelling(text):
    with suppress(Untrusted):
        assert verify_entity_id(text) == text
        assert text == text.strip().rstrip("/")
        assert not set(text) & set("?#@%\\ ")
