from federation.errors import FederationError, Unreachable, Untrusted, untrusted_document
from schemas.code import Code
from schemas.invalid import InvalidDocument


def test_an_error_names_its_code_and_its_sentence():
    error = Untrusted(Code.KEY_UNKNOWN, "Nobody knows this key.")
    assert str(error) == "Nobody knows this key. [key-unknown]"
    assert isinstance(error, FederationError)


def test_the_two_roots_stay_apart():
    later = Unreachable(Code.PEER_BUSY, "Come back later.", retry_after_seconds=30)
    assert later.retry_after_seconds == 30
    assert not isinstance(later, Untrusted)


def test_a_document_that_is_wrong_becomes_a_verdict():
    wrong = InvalidDocument(Code.INVALID_DOCUMENT, "This text is blank.", "/profile/name")
    assert untrusted_document(wrong).code is Code.INVALID_DOCUMENT
    verdict = untrusted_document(wrong, Code.APPLICATION_INVALID)
    assert (verdict.code, verdict.detail) == (Code.APPLICATION_INVALID, "This text is blank. (at /profile/name)")
