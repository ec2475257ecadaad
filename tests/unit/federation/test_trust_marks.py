import pytest

from federation.chain import verify_chain
from federation.errors import Untrusted
from federation.jws import sign_jws
from federation.trust_marks import verify_trust_mark, verify_trust_marks
from schemas.code import Code
from schemas.entity import TRUST_MARK_TYP
from tests.unit.federation.parties import HOUR, NOW, Party, hint

SCHOOL = Party("https://school-a.example")
OTHER = Party("https://school-b.example")
NETWORK = Party("https://hub.example/net/north")
SOUTH = Party("https://hub.example/net/south")
PUBLISHER = f"{NETWORK.entity}/marks/publisher"
WITNESS = f"{NETWORK.entity}/marks/witness"


def verify(token, **changes):
    values = {
        "network": NETWORK.entity,
        "network_keys": {NETWORK.jkt: NETWORK.public},
        "subject": SCHOOL.entity,
        "now": NOW,
        **changes,
    }
    return verify_trust_mark(token, **values)


def refusal(token, **changes) -> Code:
    with pytest.raises(Untrusted) as caught:
        verify(token, **changes)
    return caught.value.code


def raw(**claims) -> str:
    """A mark with any claims, truly signed by the network."""
    seconds = int(NOW.timestamp())
    payload = {
        "iss": NETWORK.entity,
        "sub": SCHOOL.entity,
        "trust_mark_type": PUBLISHER,
        "iat": seconds,
        "exp": seconds + 60,
        **claims,
    }
    return sign_jws({k: v for k, v in payload.items() if v is not None}, NETWORK.private, typ=TRUST_MARK_TYP)


def chain_with(marks, **network):
    statements = [
        SCHOOL.configuration(**hint(NETWORK), trust_marks=marks),
        NETWORK.about(SCHOOL),
        NETWORK.configuration(**network),
    ]
    return verify_chain(statements, anchors={NETWORK.entity: {NETWORK.jkt}}, now=NOW)


@pytest.mark.parametrize("role", ["publisher", "witness", "mirror"])
def test_a_role_is_given_and_recognised(role):
    mark = verify(NETWORK.mark(SCHOOL, role))
    assert (mark.role, mark.issuer, mark.subject) == (role, NETWORK.entity, SCHOOL.entity)
    assert mark.expires_at == NOW + 24 * HOUR


def test_marks_that_are_refused():
    assert refusal(NETWORK.mark(OTHER, "publisher")) is Code.ISSUER_SUBJECT_MISMATCH
    assert refusal(NETWORK.mark(SCHOOL, "publisher", expires_at=NOW)) is Code.TRUST_MARK_EXPIRED
    assert refusal(NETWORK.mark(SCHOOL, "publisher", issued_at=NOW + HOUR)) is Code.TRUST_MARK_EXPIRED
    assert refusal(NETWORK.mark(SCHOOL, "publisher", signed_by=SOUTH.private)) is Code.KEY_UNKNOWN
    assert refusal(SOUTH.mark(SCHOOL, "publisher")) is Code.KEY_UNKNOWN
    south = {"network": SOUTH.entity}
    assert refusal(NETWORK.mark(SCHOOL, "publisher"), **south) is Code.TRUST_MARK_NOT_ENTITLED
    assert refusal(raw(iss=SOUTH.entity)) is Code.TRUST_MARK_NOT_ENTITLED
    assert refusal(raw(delegation=NETWORK.mark(SOUTH, "publisher"))) is Code.TRUST_MARK_NOT_ENTITLED
    assert refusal(raw(exp=None)) is Code.TRUST_MARK_INVALID
    assert refusal(raw(trust_mark_type=f"{NETWORK.entity}/marks/king")) is Code.TRUST_MARK_INVALID
    assert refusal(raw(trust_mark_type=f"{SOUTH.entity}/marks/publisher")) is Code.TRUST_MARK_INVALID
    assert refusal(raw(sub=None)) is Code.TRUST_MARK_INVALID
    assert refusal(SCHOOL.configuration()) is Code.TOKEN_TYPE_WRONG


def test_roles_of_a_member():
    marks = {PUBLISHER: NETWORK.mark(SCHOOL, "publisher"), WITNESS: NETWORK.mark(SCHOOL, "witness")}
    assert set(verify_trust_marks(chain_with(marks), network=NETWORK.entity, now=NOW)) == {"publisher", "witness"}
    assert verify_trust_marks(chain_with({}), network=NETWORK.entity, now=NOW) == {}


def test_marks_that_do_not_hold_give_no_role_and_do_no_harm():
    marks = {
        PUBLISHER: NETWORK.mark(SCHOOL, "publisher", expires_at=NOW),
        WITNESS: NETWORK.mark(SCHOOL, "witness"),
        f"{NETWORK.entity}/marks/mirror": NETWORK.mark(SCHOOL, "publisher"),  # the wrapper says another type
        "https://elsewhere.example/marks/gold": SOUTH.mark(SCHOOL, "publisher"),
    }
    assert set(verify_trust_marks(chain_with(marks), network=NETWORK.entity, now=NOW)) == {"witness"}


def test_an_issuer_that_is_not_entitled():
    marks = {PUBLISHER: NETWORK.mark(SCHOOL, "publisher")}
    for issuers, holds in (([NETWORK.entity], True), ([], True), ([SOUTH.entity], False)):
        chain = chain_with(marks, trust_mark_issuers={PUBLISHER: issuers})
        if holds:
            assert set(verify_trust_marks(chain, network=NETWORK.entity, now=NOW)) == {"publisher"}
        else:
            with pytest.raises(Untrusted, match="does not let"):
                verify_trust_marks(chain, network=NETWORK.entity, now=NOW)
    with pytest.raises(Untrusted, match="not a superior"):
        verify_trust_marks(chain_with(marks), network=SOUTH.entity, now=NOW)


def test_types_that_the_anchor_gives_to_an_owner_need_a_delegation():
    marks = {PUBLISHER: NETWORK.mark(SCHOOL, "publisher")}
    owned = NETWORK.raw(trust_mark_owners={PUBLISHER: {"sub": SOUTH.entity, "jwks": {"keys": []}}})
    statements = [SCHOOL.configuration(**hint(NETWORK), trust_marks=marks), NETWORK.about(SCHOOL), owned]
    chain = verify_chain(statements, anchors={NETWORK.entity: {NETWORK.jkt}}, now=NOW)
    with pytest.raises(Untrusted, match="does not let"):
        verify_trust_marks(chain, network=NETWORK.entity, now=NOW)
    odd = NETWORK.raw(trust_mark_owners=7)
    chain = verify_chain([*statements[:2], odd], anchors={NETWORK.entity: {NETWORK.jkt}}, now=NOW)
    assert set(verify_trust_marks(chain, network=NETWORK.entity, now=NOW)) == {"publisher"}
