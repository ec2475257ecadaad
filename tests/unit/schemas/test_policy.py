import pytest

from schemas.canonical import canonical_bytes, document_sha256
from schemas.code import Code
from schemas.document import load_document
from schemas.invalid import InvalidDocument
from schemas.policy import LATTICE, POLICY_DEFAULTS, POLICY_FLOORS, build_policy, load_public_document
from tests.unit.schemas.protocol_examples import example

NETWORK = "https://networks.example/net/valley"


def refusal(data, **options):
    with pytest.raises(InvalidDocument) as refused:
        load_public_document(data, **options)
    return refused.value


def test_a_policy_has_the_agreed_defaults():
    policy = build_policy(network=NETWORK)
    agreed = {
        "approvals_required": 1,
        "membership_days": 365,
        "context_k": 5,
        "min_issued": 10,
        "slot_seconds": 24 * 3_600,
        "register_slots": 7,
        "cell_minimum": 10,
        "accepted_versions": [1],
        "retract_spread_seconds": 6 * 3_600,
        "versions_per_practice": 3,
        "version_gap_days": 30,
        "group_change_minimum": 10,
    }
    assert {name: policy[name] for name in agreed} == agreed
    assert policy.keys() == {"v", "kind", "network", "version", *POLICY_DEFAULTS}


@pytest.mark.parametrize("name", sorted(POLICY_FLOORS))
def test_a_policy_is_never_looser_than_the_floors(name):
    assert build_policy(network=NETWORK, **{name: POLICY_FLOORS[name]})
    with pytest.raises(InvalidDocument) as refused:
        build_policy(network=NETWORK, **{name: POLICY_FLOORS[name] - 1})
    assert refused.value.path == f"/{name}"


def test_the_floors_that_the_federation_promises():
    assert (POLICY_FLOORS["context_k"], POLICY_FLOORS["min_issued"]) == (3, 3)
    assert (POLICY_FLOORS["cell_minimum"], POLICY_FLOORS["register_slots"]) == (10, 7)


@pytest.mark.parametrize("name", ["accepted_versions", "context_ranking", "programmes"])
def test_lists_of_a_policy_name_nothing_twice(name):
    twice = {"accepted_versions": [1, 1], "context_ranking": ["level", "level"], "programmes": ["A", "A"]}
    with pytest.raises(InvalidDocument) as refused:
        build_policy(network=NETWORK, **{name: twice[name]})
    assert refused.value.path == f"/{name}"


def test_two_policies_share_no_list():
    build_policy(network=NETWORK)["accepted_versions"].append(2)
    assert build_policy(network=NETWORK)["accepted_versions"] == [1]


@pytest.mark.parametrize("kind", ["policy", "charter", "lattice"])
def test_a_document_is_asked_for_by_its_hash(kind):
    data = canonical_bytes(example(kind))
    assert load_public_document(data, sha256=document_sha256(example(kind))) == example(kind)
    assert refusal(data, sha256="0" * 64).code is Code.DOCUMENT_HASH_WRONG


def test_only_canonical_bytes_can_be_addressed():
    assert refusal(canonical_bytes(example("policy")) + b"\n").code is Code.NOT_CANONICAL


@pytest.mark.parametrize("kind", ["rumour", "", None, 1, ["policy"]])
def test_unknown_kind(kind):
    assert refusal(canonical_bytes(example("policy") | {"kind": kind})).code is Code.UNKNOWN_KIND


def test_later_version_and_no_object():
    assert refusal(canonical_bytes(example("charter") | {"v": 2})).code is Code.UNSUPPORTED_VERSION
    assert refusal(b"[]").code is Code.INVALID_DOCUMENT


def test_a_lattice_may_have_no_class():
    assert load_document(LATTICE, example("lattice") | {"classes": [], "attributes": []})


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda lattice: lattice["classes"].append(lattice["classes"][0]), "/classes"),
        (lambda lattice: lattice["classes"].append({**lattice["classes"][0], "id": "c9"}), "/classes"),
        (lambda lattice: lattice["attributes"].append("level"), "/attributes"),
        (lambda lattice: lattice["classes"][0].update(count=7), "/classes/0/count"),
        (lambda lattice: lattice["classes"][0]["bands"].update(state="NY"), "/classes/0/bands/state"),
        (lambda lattice: lattice["classes"][0]["bands"].update(lunch="61-up"), "/classes/0/bands/lunch"),
        (lambda lattice: lattice["classes"][0]["bands"].pop("stage"), "/classes/0/bands/stage"),
    ],
)
def test_a_lattice_holds_distinct_classes_of_bands_without_counts(change, path):
    lattice = example("lattice")
    change(lattice)
    with pytest.raises(InvalidDocument) as refused:
        load_document(LATTICE, lattice)
    assert refused.value.path == path
