import pytest

from federation.errors import Untrusted
from federation.metadata_policy import apply_policy, merge_policies, read_policy, verify_critical
from schemas.code import Code

# OpenID Federation 1.0 section 6.1.5: the anchor's policy, the intermediate's, and what they make of a leaf's metadata.
ANCHOR = {
    "grant_types": {
        "default": ["authorization_code"],
        "subset_of": ["authorization_code", "refresh_token"],
        "superset_of": ["authorization_code"],
    },
    "token_endpoint_auth_method": {
        "one_of": ["private_key_jwt", "self_signed_tls_client_auth"],
        "essential": True,
    },
    "token_endpoint_auth_signing_alg": {"one_of": ["PS256", "ES256"]},
    "subject_type": {"value": "pairwise"},
    "contacts": {"add": ["helpdesk@federation.example.org"]},
}
INTERMEDIATE = {
    "grant_types": {"subset_of": ["authorization_code"]},
    "token_endpoint_auth_method": {"one_of": ["self_signed_tls_client_auth"]},
    "contacts": {"add": ["helpdesk@org.example.org"]},
}
MERGED = {
    "grant_types": {
        "default": ["authorization_code"],
        "superset_of": ["authorization_code"],
        "subset_of": ["authorization_code"],
    },
    "token_endpoint_auth_method": {"one_of": ["self_signed_tls_client_auth"], "essential": True},
    "token_endpoint_auth_signing_alg": {"one_of": ["PS256", "ES256"]},
    "subject_type": {"value": "pairwise"},
    "contacts": {"add": ["helpdesk@federation.example.org", "helpdesk@org.example.org"]},
}
LEAF = {
    "redirect_uris": ["https://rp.example.org/callback"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "self_signed_tls_client_auth",
    "contacts": ["rp_admins@rp.example.org"],
}
RESOLVED = {
    "redirect_uris": ["https://rp.example.org/callback"],
    "grant_types": ["authorization_code"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "self_signed_tls_client_auth",
    "subject_type": "pairwise",
    "contacts": ["rp_admins@rp.example.org", "helpdesk@federation.example.org", "helpdesk@org.example.org"],
}


def policy(**operators):
    return read_policy({"nic_node": {"p": operators}})


def apply(before, /, **operators):
    """What the operators make of parameter p; 'absent' where there is none."""
    metadata = {} if before == "absent" else {"p": before}
    return apply_policy(policy(**operators), {"nic_node": metadata})["nic_node"].get("p", "absent")


def merge(superior, subordinate):
    return merge_policies(policy(**superior), policy(**subordinate))["nic_node"]["p"]


def refuses(act):
    with pytest.raises(Untrusted) as caught:
        act()
    assert caught.value.code is Code.METADATA_POLICY_CONFLICT


def test_example_of_the_specification():
    kind = "openid_relying_party"
    merged = merge_policies(read_policy({kind: ANCHOR}), read_policy({kind: INTERMEDIATE}))
    assert merged == {kind: MERGED}
    assert apply_policy(merged, {kind: LEAF}) == {kind: RESOLVED}


@pytest.mark.parametrize(
    ("essential", "before", "after"),
    [
        (True, ["a", "e"], ["a"]),
        (False, ["a", "e"], ["a"]),
        (True, ["d", "e"], []),
        (False, ["d", "e"], []),
        (False, "absent", "absent"),
    ],
)
def test_table_of_essential_and_subset_of(essential, before, after):
    assert apply(before, essential=essential, subset_of=["a", "b", "c"]) == after


def test_essential_and_absent():
    refuses(lambda: apply("absent", essential=True, subset_of=["a"]))
    assert apply("absent", essential=True, default="x") == "x"


@pytest.mark.parametrize(
    ("before", "operators", "after"),
    [
        ("x", {"value": "y"}, "y"),
        ("x", {"value": None}, "absent"),
        ("absent", {"value": 7}, 7),
        ("absent", {"add": ["a"]}, ["a"]),
        (["b"], {"add": ["a", "b"]}, ["b", "a"]),
        ("absent", {"default": "d"}, "d"),
        ("x", {"default": "d"}, "x"),
        ("x", {"one_of": ["x", "y"]}, "x"),
        ("absent", {"one_of": ["x"]}, "absent"),
        (["a", "b"], {"superset_of": ["a"]}, ["a", "b"]),
        ([{"k": 1}], {"subset_of": [{"k": 1}]}, [{"k": 1}]),
        ("absent", {"add": ["a"], "superset_of": ["a"]}, ["a"]),
    ],
)
def test_operators(before, operators, after):
    assert apply(before, **operators) == after


@pytest.mark.parametrize(
    ("before", "operators"),
    [
        ("z", {"one_of": ["x", "y"]}),
        (True, {"one_of": [1]}),
        (["b"], {"superset_of": ["a"]}),
        ("text", {"add": ["a"]}),
        ("text", {"subset_of": ["a"]}),
        ("text", {"superset_of": ["a"]}),
    ],
)
def test_metadata_that_can_not_comply(before, operators):
    refuses(lambda: apply(before, **operators))


@pytest.mark.parametrize(
    "operators",
    [
        {"value": ["a"], "add": ["b"]},
        {"value": None, "default": "x"},
        {"value": "x", "one_of": ["y"]},
        {"value": ["a"], "subset_of": ["b"]},
        {"value": ["a"], "superset_of": ["b"]},
        {"value": None, "essential": True},
        {"add": ["a"], "one_of": ["a"]},
        {"add": ["a"], "subset_of": ["b"]},
        {"one_of": ["a"], "subset_of": ["a"]},
        {"one_of": ["a"], "superset_of": ["a"]},
        {"subset_of": ["a"], "superset_of": ["a", "b"]},
        {"add": "a"},
        {"one_of": "a"},
        {"essential": "yes"},
        {"default": None},
    ],
)
def test_policies_that_contradict_themselves(operators):
    refuses(lambda: policy(**operators))


@pytest.mark.parametrize("claim", [None, [], "x", {"nic_node": []}, {"nic_node": {"p": "x"}}])
def test_claims_that_are_no_policy(claim):
    refuses(lambda: read_policy(claim))


@pytest.mark.parametrize(
    ("superior", "subordinate", "merged"),
    [
        ({"value": ["a", "b"]}, {"value": ["b", "a"]}, {"value": ["a", "b"]}),
        ({"add": ["a"]}, {"add": ["b", "a"]}, {"add": ["a", "b"]}),
        ({"default": "x"}, {"default": "x"}, {"default": "x"}),
        ({"one_of": ["a", "b"]}, {"one_of": ["b", "c"]}, {"one_of": ["b"]}),
        ({"subset_of": ["a"]}, {"subset_of": ["b"]}, {"subset_of": []}),
        ({"superset_of": ["a"]}, {"superset_of": ["b"]}, {"superset_of": ["a", "b"]}),
        ({"essential": True}, {"essential": False}, {"essential": True}),
        ({"essential": False}, {"essential": True}, {"essential": True}),
        ({"one_of": ["a"]}, {"essential": True}, {"one_of": ["a"], "essential": True}),
    ],
)
def test_merging(superior, subordinate, merged):
    assert merge(superior, subordinate) == merged


@pytest.mark.parametrize(
    ("superior", "subordinate"),
    [
        ({"value": "a"}, {"value": "b"}),
        ({"default": 1}, {"default": True}),
        ({"one_of": ["a"]}, {"one_of": ["b"]}),
        ({"one_of": ["a"]}, {"value": "b"}),
        ({"subset_of": ["a"]}, {"add": ["b"]}),
        ({"superset_of": ["a", "b"]}, {"subset_of": ["a"]}),
    ],
)
def test_a_subordinate_can_not_undo_what_stands_above(superior, subordinate):
    refuses(lambda: merge(superior, subordinate))


def test_merging_leaves_its_arguments_alone():
    superior, subordinate = policy(add=["a"]), policy(add=["b"])
    merge_policies(superior, subordinate)
    assert superior == policy(add=["a"])
    assert subordinate == policy(add=["b"])


def test_unknown_operators_are_passed_over_unless_critical():
    assert read_policy({"nic_node": {"p": {"regexp": "x", "value": 1}}}) == {"nic_node": {"p": {"value": 1}}}
    verify_critical([])
    refuses(lambda: verify_critical(["regexp"]))


def test_types_that_the_subject_does_not_have_are_not_added():
    assert apply_policy(read_policy({"other": {"p": {"value": 1}}}), {"nic_node": {}}) == {"nic_node": {}}


def test_scope_is_a_list_of_words():
    scope = read_policy({"oauth_client": {"scope": {"subset_of": ["read", "write"], "default": "read"}}})
    assert apply_policy(scope, {"oauth_client": {"scope": "write admin"}}) == {"oauth_client": {"scope": "write"}}
    assert apply_policy(scope, {"oauth_client": {}}) == {"oauth_client": {"scope": "read"}}
