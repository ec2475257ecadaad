from datetime import timedelta
from secrets import token_bytes

import pytest

from federation import leaves
from federation.blindrsa import blind, blind_sign, finalize, prepare, private_key, public_key
from federation.epochs import (
    EpochStatus,
    Phase,
    accepts_records,
    build_issue_request,
    erase_submission_key_at,
    message_to_blind,
    next_issue_from,
    phase,
    plan_windows,
    read_epoch,
    seals_records,
    verify_credential,
    verify_epoch_policy,
    verify_issue_request,
)
from federation.errors import Untrusted
from federation.keys import public_jwk, thumbprint
from schemas.base64url import encode_base64url
from schemas.policy import build_policy
from schemas.problem import Code
from tests.fakes.network_log import (
    NETWORK,
    START,
    NetworkLog,
    epoch_keys,
    federation_key,
    issue_credential,
    pseudonym_key,
)

ANNOUNCED, OPEN, VOID = EpochStatus.ANNOUNCED, EpochStatus.OPEN, EpochStatus.VOID
POLICY = build_policy(
    network=NETWORK, slot_seconds=10, issue_seconds=100, register_slots=7, active_seconds=1000, min_issued=3
)
WINDOWS = plan_windows(POLICY, START)  # issuing 0 to 100, registering to 170, active to 1170


def at(seconds):
    return START + timedelta(seconds=seconds)


def test_windows_follow_from_the_policy():
    assert (WINDOWS.issue_from, WINDOWS.issue_to, WINDOWS.active_from, WINDOWS.active_to) == (
        at(0), at(100), at(170), at(1170),
    )  # fmt: skip


def test_the_next_epoch_opens_as_this_one_ends_and_issues_before():
    following = plan_windows(POLICY, next_issue_from(WINDOWS, POLICY))
    assert following.active_from == WINDOWS.active_to
    assert following.issue_to < WINDOWS.active_to


@pytest.mark.parametrize(
    ("status", "seconds", "expected"),
    [
        (ANNOUNCED, -1, Phase.ANNOUNCED), (ANNOUNCED, 0, Phase.ISSUING), (ANNOUNCED, 99, Phase.ISSUING),
        (ANNOUNCED, 100, Phase.REGISTERING), (ANNOUNCED, 169, Phase.REGISTERING), (ANNOUNCED, 500, Phase.REGISTERING),
        (ANNOUNCED, 1170, Phase.CLOSED), (OPEN, 165, Phase.OPEN), (OPEN, 170, Phase.OPEN), (OPEN, 1169, Phase.OPEN),
        (OPEN, 1170, Phase.CLOSED), (VOID, -1, Phase.VOID), (VOID, 5000, Phase.VOID),
    ],
)  # fmt: skip
def test_phases(status, seconds, expected):
    assert phase(WINDOWS, status, at(seconds)) is expected


@pytest.mark.parametrize(
    ("status", "seconds", "seals", "accepts"),
    [
        (ANNOUNCED, 300, False, False), (VOID, 300, False, False), (OPEN, 300, True, True), (OPEN, 1139, True, True),
        (OPEN, 1140, False, True), (OPEN, 1199, False, True), (OPEN, 1200, False, False),
    ],
)  # fmt: skip
def test_sealing_ends_three_slots_before_and_accepting_three_after(status, seconds, seals, accepts):
    now = at(seconds)
    assert seals_records(WINDOWS, status, now, slot_seconds=10) is seals
    plain = {"slot_seconds": 10, "kind": "practice", "supersedes": False}
    assert accepts_records(WINDOWS, status, now, **plain) is accepts
    # Answers and corrections come under the practice's own pseudonym, also after its epoch.
    for late in ({"kind": "answer"}, {"supersedes": True}):
        assert accepts_records(WINDOWS, status, now, **plain | late) is (status is OPEN)


def test_the_submission_key_is_kept_a_week():
    assert erase_submission_key_at(WINDOWS) == at(1170) + timedelta(days=7)


def test_an_epoch_reads_back_from_its_leaf():
    epoch = NetworkLog().epoch_of(3, keys=1)
    assert read_epoch(leaves.build_epoch(epoch)) == epoch
    assert epoch.quorum == 1


def test_an_epoch_keeps_to_its_policy():
    epoch = read_epoch(leaves.build_epoch(NetworkLog().epoch_of(1)))
    fitting = build_policy(network=NETWORK, min_issued=3)
    verify_epoch_policy(epoch, fitting)
    for changes, code in (
        ({"network": "https://other.example"}, Code.POLICY_HASH_WRONG),
        ({"register_slots": 8}, Code.EPOCH_INVALID),
        ({"min_issued": 4}, Code.EPOCH_INVALID),
    ):
        with pytest.raises(Untrusted) as refusal:
            verify_epoch_policy(epoch, fitting | changes)
        assert refusal.value.code is code


def test_a_request_is_verifiable_alone():
    jws = build_issue_request(federation_key("ada"), network=NETWORK, epoch=2, blinded_message=b"\7" * 384)
    request = verify_issue_request(jws)
    assert (request.jkt, request.network, request.epoch, request.blinded_message) == (
        thumbprint(federation_key("ada")), NETWORK, 2, b"\7" * 384,
    )  # fmt: skip
    assert len(jws) < 2000
    for altered in (jws[:-4] + ("AAAA" if jws[-4:] != "AAAA" else "BBBB"), jws[:-1], "a.b.c", ""):
        with pytest.raises(Untrusted):
            verify_issue_request(altered)


def test_a_request_is_always_the_same_but_for_its_signature():
    # The signer answers the same request alike: it compares what is asked, not the token.
    ask = {"network": NETWORK, "epoch": 2, "blinded_message": b"\7" * 384}
    first, second = (verify_issue_request(build_issue_request(federation_key("ada"), **ask)) for _ in range(2))
    assert first == second


def test_what_is_blinded_is_exactly_this():
    assert message_to_blind("https://n.example/net/a", 7, "x") == (
        b'{"epoch":7,"jkt":"x","network":"https://n.example/net/a","v":1}'
    )


JKT = thumbprint(pseudonym_key("ada"))


def verify_message(message, *, key=1, alter=0):
    prepared, signature = issue_credential(1, message)
    credential = {
        "msg": encode_base64url(prepared),
        "sig": encode_base64url(bytes([signature[0] ^ alter]) + signature[1:]),
    }
    verify_credential(credential, rsa_jwk=public_jwk(epoch_keys(key)[0]), network=NETWORK, epoch=1, jkt=JKT)


def test_a_credential_for_exactly_this_pseudonym_passes():
    verify_message(message_to_blind(NETWORK, 1, JKT))


GOOD = message_to_blind(NETWORK, 1, JKT)


def test_a_credential_that_was_blinded_when_it_was_signed_passes():
    rsa, _ = epoch_keys(1)
    prepared = prepare(GOOD, token_bytes(32))
    blinded = blind(public_key(rsa), prepared, random=token_bytes)
    answer = blind_sign(private_key(rsa), blinded.message, random=token_bytes)
    signature = finalize(public_key(rsa), prepared, answer, blinded.inverse)
    credential = {"msg": encode_base64url(prepared), "sig": encode_base64url(signature)}
    verify_credential(credential, rsa_jwk=public_jwk(rsa), network=NETWORK, epoch=1, jkt=JKT)


@pytest.mark.parametrize(
    ("message", "how", "code"),
    [
        (message_to_blind("https://other.example", 1, JKT), {}, Code.CREDENTIAL_NETWORK_WRONG),
        (message_to_blind(NETWORK, 2, JKT), {}, Code.CREDENTIAL_EPOCH_WRONG),
        (message_to_blind(NETWORK, 1, "A" * 43), {}, Code.CREDENTIAL_KEY_WRONG),
        (GOOD + b" ", {}, Code.CREDENTIAL_INVALID),
        (b"", {}, Code.CREDENTIAL_INVALID),
        (b'{"v":1}', {}, Code.CREDENTIAL_INVALID),
        (GOOD, {"key": 2}, Code.CREDENTIAL_INVALID),
        (GOOD, {"alter": 1}, Code.CREDENTIAL_INVALID),
    ],
)
def test_other_credentials_are_refused(message, how, code):
    with pytest.raises(Untrusted) as refusal:
        verify_message(message, **how)
    assert refusal.value.code is code
