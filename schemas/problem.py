"""The HTTP status and the sentence of every wire code, and the RFC 9457 document that carries it.

The sentence is a msgid: whoever shows it to people translates it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from schemas.code import Code
from schemas.marks import N_

__all__ = ["PROBLEMS", "PROBLEM_CONTENT_TYPE", "Code", "ProblemType", "problem_document"]

PROBLEM_CONTENT_TYPE = "application/problem+json"
PROBLEM_TYPE_PREFIX = "urn:nic:problem:"


@dataclass(frozen=True)
class ProblemType:
    """HTTP status and the sentence that never changes from one occurrence to the next (RFC 9457 section 3.1.3)."""

    status: int
    title: str


PROBLEMS: Mapping[Code, ProblemType] = MappingProxyType(
    {
        Code.NOT_JSON: ProblemType(400, N_("The document is not JSON text in UTF-8.")),
        Code.DUPLICATE_KEY: ProblemType(400, N_("An object in the document holds the same key twice.")),
        Code.TOO_DEEP: ProblemType(400, N_("The document is nested too deeply.")),
        Code.DOCUMENT_TOO_LARGE: ProblemType(413, N_("The document is larger than the protocol allows.")),
        Code.NOT_CANONICAL: ProblemType(422, N_("The document is not in its canonical form (RFC 8785).")),
        Code.INVALID_DOCUMENT: ProblemType(422, N_("A field of the document is missing, unknown or wrong.")),
        Code.UNKNOWN_KIND: ProblemType(422, N_("The document is of a kind that this version does not have.")),
        Code.UNSUPPORTED_VERSION: ProblemType(422, N_("The document needs a newer program.")),
        Code.DOCUMENT_HASH_WRONG: ProblemType(422, N_("The document does not have the hash that it was asked for by.")),
        Code.DOCUMENT_MISSING: ProblemType(404, N_("The document is not here.")),
        Code.TOKEN_MALFORMED: ProblemType(400, N_("The token is not a compact JWS of the expected form.")),
        Code.TOKEN_TOO_LARGE: ProblemType(413, N_("The token is larger than the protocol allows.")),
        Code.TOKEN_TYPE_WRONG: ProblemType(400, N_("The token is of another type than the one expected here.")),
        Code.ALGORITHM_REFUSED: ProblemType(400, N_("The signature uses an algorithm that is not allowed here.")),
        Code.CRITICAL_HEADER_UNKNOWN: ProblemType(
            400, N_("The token demands an extension that this program does not know.")
        ),
        Code.KEY_UNKNOWN: ProblemType(401, N_("The signing key is not a known key of the signer.")),
        Code.KEY_INVALID: ProblemType(400, N_("The key is malformed or of the wrong kind.")),
        Code.SIGNATURE_INVALID: ProblemType(401, N_("The signature does not match.")),
        Code.ENTITY_ID_INVALID: ProblemType(400, N_("The entity id is not an https address of the allowed form.")),
        Code.STATEMENT_INVALID: ProblemType(400, N_("The entity statement lacks a claim or holds a wrong one.")),
        Code.ISSUER_SUBJECT_MISMATCH: ProblemType(
            400, N_("Issuer and subject of the statement are not the ones expected here.")
        ),
        Code.STATEMENT_EXPIRED: ProblemType(401, N_("The statement has expired.")),
        Code.STATEMENT_NOT_YET_VALID: ProblemType(401, N_("The statement is not valid yet.")),
        Code.KEY_NOT_PINNED: ProblemType(401, N_("The key is not the one that the invitation pinned.")),
        Code.SUPERIOR_NOT_HINTED: ProblemType(401, N_("The entity does not name this superior.")),
        Code.CHAIN_BROKEN: ProblemType(401, N_("The statements do not form a chain.")),
        Code.CHAIN_TOO_LONG: ProblemType(401, N_("The chain of statements is too long.")),
        Code.ANCHOR_UNKNOWN: ProblemType(401, N_("The chain does not end at a trust anchor of this node.")),
        Code.METADATA_INVALID: ProblemType(400, N_("The metadata of the entity is wrong.")),
        Code.METADATA_POLICY_CONFLICT: ProblemType(401, N_("The metadata does not satisfy a superior's policy.")),
        Code.CONSTRAINT_VIOLATED: ProblemType(401, N_("The chain violates a superior's constraint.")),
        Code.TRUST_MARK_INVALID: ProblemType(403, N_("The trust mark is not valid.")),
        Code.TRUST_MARK_EXPIRED: ProblemType(403, N_("The trust mark has expired.")),
        Code.TRUST_MARK_REVOKED: ProblemType(403, N_("The trust mark was revoked.")),
        Code.TRUST_MARK_MISSING: ProblemType(403, N_("The trust mark that this needs is missing.")),
        Code.TRUST_MARK_NOT_ENTITLED: ProblemType(403, N_("The issuer may not issue this trust mark.")),
        Code.REQUEST_UNSIGNED: ProblemType(401, N_("The request is not signed.")),
        Code.REQUEST_MALFORMED: ProblemType(401, N_("The signature headers of the request are malformed.")),
        Code.REQUEST_COMPONENT_MISSING: ProblemType(401, N_("The signature does not cover all that it must cover.")),
        Code.REQUEST_TAG_WRONG: ProblemType(401, N_("The signature was made for another purpose.")),
        Code.REQUEST_STALE: ProblemType(401, N_("The request was signed too long ago.")),
        Code.REQUEST_FROM_FUTURE: ProblemType(401, N_("The request is signed with a time in the future.")),
        Code.REQUEST_REPLAYED: ProblemType(401, N_("The request was received before.")),
        Code.REQUEST_DIGEST_MISSING: ProblemType(401, N_("The request has a body and no digest of it.")),
        Code.REQUEST_BODY_ALTERED: ProblemType(401, N_("The body is not the one that was signed.")),
        Code.BODY_TOO_LARGE: ProblemType(413, N_("The body of the request is too large.")),
        Code.BODY_ENCODED: ProblemType(415, N_("The body of the request must not be compressed.")),
        Code.SIGNER_UNKNOWN: ProblemType(401, N_("The signer is not known here.")),
        Code.NOT_A_MEMBER: ProblemType(403, N_("The entity is not a member of the network.")),
        Code.MEMBER_SUSPENDED: ProblemType(403, N_("The membership is suspended.")),
        Code.MEMBERSHIP_ENDED: ProblemType(403, N_("The membership has ended.")),
        Code.APPLICATION_INVALID: ProblemType(422, N_("The application is not valid.")),
        Code.APPLICATION_UNKNOWN: ProblemType(404, N_("There is no such application.")),
        Code.APPLICATION_PENDING: ProblemType(409, N_("An application of this entity is waiting already.")),
        Code.APPLICATION_EXPIRED: ProblemType(422, N_("The application was signed too long ago.")),
        Code.AUDIENCE_WRONG: ProblemType(422, N_("The document is addressed to another network.")),
        Code.POLICY_NOT_ACCEPTED: ProblemType(409, N_("The current policy and charter were not accepted.")),
        Code.CONFIRMATION_WRONG: ProblemType(422, N_("The code is not the one that was given.")),
        Code.CONFIRMATION_EXPIRED: ProblemType(422, N_("The code is no longer valid.")),
        Code.INVITATION_INVALID: ProblemType(422, N_("The invitation is not one of this network.")),
        Code.INVITATION_EXPIRED: ProblemType(422, N_("The invitation has expired.")),
        Code.INVITATION_USED: ProblemType(409, N_("The invitation was used already.")),
        Code.ILLEGAL_MOVE: ProblemType(409, N_("The membership cannot move from its state to that one.")),
        Code.MEMBER_KEY_TAKEN: ProblemType(422, N_("Another member has this key already.")),
        Code.MEMBER_UNKNOWN: ProblemType(422, N_("The log knows no member of this name or key.")),
        Code.STALE_VERSION: ProblemType(409, N_("It was changed in the meantime.")),
        Code.APPROVALS_MISSING: ProblemType(409, N_("More coordinators have to approve.")),
        Code.EPOCH_UNKNOWN: ProblemType(404, N_("The log announces no such epoch.")),
        Code.EPOCH_INVALID: ProblemType(422, N_("The epoch's announcement contradicts itself or the log.")),
        Code.EPOCH_SUPPLEMENT_WRONG: ProblemType(
            422, N_("The epoch runs beside another one and does not keep its policy, or does not end with it.")
        ),
        Code.EPOCH_OUT_OF_ORDER: ProblemType(422, N_("The epoch does not follow the one before it.")),
        Code.EPOCH_NOT_FINAL: ProblemType(409, N_("The epoch's announcement is not final yet.")),
        Code.EPOCH_NOT_ISSUING: ProblemType(409, N_("The epoch issues no credentials now.")),
        Code.EPOCH_NOT_REGISTERING: ProblemType(409, N_("The epoch registers no pseudonyms now.")),
        Code.EPOCH_NOT_OPEN: ProblemType(409, N_("The epoch is not open yet.")),
        Code.EPOCH_CLOSED: ProblemType(409, N_("The epoch is closed.")),
        Code.EPOCH_VOID: ProblemType(409, N_("The epoch was declared void.")),
        Code.EPOCH_COUNT_WRONG: ProblemType(422, N_("The epoch's counts differ from what the log shows.")),
        Code.EPOCH_TOO_FEW: ProblemType(422, N_("The epoch was opened with fewer credentials than it needs.")),
        Code.ISSUED_ALREADY: ProblemType(409, N_("The member has its credential of this epoch already.")),
        Code.ISSUE_REQUEST_INVALID: ProblemType(422, N_("The request for a credential is not valid.")),
        Code.ISSUED_SURPLUS: ProblemType(422, N_("More credentials were issued than there are members.")),
        Code.REGISTERED_SURPLUS: ProblemType(422, N_("More pseudonyms were registered than credentials were issued.")),
        Code.BLIND_MESSAGE_INVALID: ProblemType(422, N_("The blinded message is not valid for this key.")),
        Code.BLIND_SIGNATURE_INVALID: ProblemType(422, N_("The blind signature is wrong.")),
        Code.CREDENTIAL_INVALID: ProblemType(422, N_("The credential is not signed by the epoch's key.")),
        Code.CREDENTIAL_NETWORK_WRONG: ProblemType(422, N_("The credential was issued for another network.")),
        Code.CREDENTIAL_EPOCH_WRONG: ProblemType(422, N_("The credential was issued for another epoch.")),
        Code.CREDENTIAL_KEY_WRONG: ProblemType(422, N_("The credential was issued for another pseudonym.")),
        Code.PSEUDONYM_UNKNOWN: ProblemType(422, N_("The pseudonym is not registered in this epoch.")),
        Code.PSEUDONYM_DUPLICATE: ProblemType(409, N_("The pseudonym or its credential is registered already.")),
        Code.PSEUDONYM_LATE: ProblemType(422, N_("The pseudonym was registered after its epoch opened.")),
        Code.PSEUDONYM_BLOCKED: ProblemType(403, N_("The pseudonym is blocked.")),
        Code.POLICY_HASH_WRONG: ProblemType(422, N_("The policy is not the one that the epoch fixes.")),
        Code.LATTICE_HASH_WRONG: ProblemType(422, N_("The lattice is not the one that the epoch fixes.")),
        Code.LEAF_TOO_LARGE: ProblemType(413, N_("The leaf is larger than the protocol allows.")),
        Code.LEAF_MALFORMED: ProblemType(422, N_("The leaf is not a compact JWS of the expected form.")),
        Code.LEAF_TYPE_UNKNOWN: ProblemType(422, N_("The leaf is of a type that this version does not have.")),
        Code.LEAF_SIGNER_WRONG: ProblemType(422, N_("The leaf is signed by a key that may not sign this type.")),
        Code.LEAF_NETWORK_WRONG: ProblemType(422, N_("The leaf belongs to another network.")),
        Code.GENESIS_MISSING: ProblemType(422, N_("The log does not begin with its genesis leaf.")),
        Code.GENESIS_MISPLACED: ProblemType(422, N_("A genesis leaf stands elsewhere than at the log's beginning.")),
        Code.GENERATION_WRONG: ProblemType(422, N_("The log's generation does not follow its predecessor.")),
        Code.BLOB_TOO_LARGE: ProblemType(413, N_("The blob is larger than the protocol allows.")),
        Code.BLOB_HASH_WRONG: ProblemType(422, N_("The blob is not the one that its leaf commits to.")),
        Code.BLOB_LEAF_MISMATCH: ProblemType(
            422, N_("Blob and leaf name a different kind, network, epoch or pseudonym.")
        ),
        Code.BLOB_MISSING: ProblemType(404, N_("The blob is not here.")),
        Code.BLOB_WITHHELD: ProblemType(422, N_("The source withholds a blob that nobody retracted.")),
        Code.BLOB_RETRACTED: ProblemType(410, N_("The record was retracted by its author.")),
        Code.BLOB_MODERATED: ProblemType(410, N_("The record was taken down by the network.")),
        Code.RECORD_DUPLICATE: ProblemType(409, N_("The same blob was logged before.")),
        Code.RECORD_LATE: ProblemType(422, N_("The record came after its epoch had ended.")),
        Code.TARGET_UNKNOWN: ProblemType(422, N_("The record points at one that the log does not hold.")),
        Code.TARGET_GONE: ProblemType(422, N_("The record points at one that was retracted or taken down.")),
        Code.TARGET_KIND_WRONG: ProblemType(422, N_("The record points at one of the wrong kind.")),
        Code.TARGET_NOT_OWN: ProblemType(422, N_("The record belongs to another pseudonym.")),
        Code.OWN_PRACTICE: ProblemType(422, N_("A replication names a practice of its own author.")),
        Code.REPLICATED_ALREADY: ProblemType(
            409, N_("The author has a replication of this practice already and can only correct it.")
        ),
        Code.VERSION_NOT_ACCEPTED: ProblemType(422, N_("The epoch's policy does not accept records of this version.")),
        Code.RULE_PRINTED_N: ProblemType(422, N_("A number of people is not printed as the rules demand.")),
        Code.RULE_BAND: ProblemType(422, N_("A percentage is printed finer than the rules allow.")),
        Code.RULE_CELL_MINIMUM: ProblemType(422, N_("A group is smaller than the rules allow.")),
        Code.RULE_POINTS: ProblemType(422, N_("A series has points that the rules do not allow.")),
        Code.RULE_MEAN: ProblemType(422, N_("A mean is printed finer than the rules allow.")),
        Code.RULE_EVENTS: ProblemType(422, N_("A count is printed finer than the rules allow.")),
        Code.RULE_RUNG: ProblemType(422, N_("The record shows more than its rung allows.")),
        Code.RULE_DIRECTION: ProblemType(422, N_("The direction word does not stand as the rules demand.")),
        Code.RULE_SUBGROUP: ProblemType(422, N_("A subgroup and its whole stand beside each other.")),
        Code.RULE_CONTEXT: ProblemType(422, N_("The context is not a class of the epoch's lattice.")),
        Code.RULE_TEXT: ProblemType(422, N_("A text holds what may not leave a school.")),
        Code.RULE_POLICY: ProblemType(422, N_("The record breaks the policy of its epoch.")),
        Code.CHECKPOINT_MALFORMED: ProblemType(422, N_("The checkpoint is not a signed note of the expected form.")),
        Code.CHECKPOINT_ORIGIN_WRONG: ProblemType(422, N_("The checkpoint is one of another log.")),
        Code.CHECKPOINT_UNSIGNED: ProblemType(422, N_("The checkpoint is not signed by the log's key.")),
        Code.CHECKPOINT_UNWITNESSED: ProblemType(422, N_("Too few witnesses have signed the checkpoint.")),
        Code.CHECKPOINT_SHRUNK: ProblemType(422, N_("The checkpoint is smaller than one seen before.")),
        Code.CHECKPOINT_STALE: ProblemType(409, N_("The checkpoint is not the newest one known.")),
        Code.LOG_FORKED: ProblemType(409, N_("The log shows two histories.")),
        Code.LOG_FROZEN: ProblemType(409, N_("The log is frozen until a person has looked at its fork.")),
        Code.FORK_UNPROVEN: ProblemType(422, N_("The two notes do not prove that the log signed two histories.")),
        Code.LOG_INCOMPLETE: ProblemType(422, N_("A part of the log is missing.")),
        Code.INCLUSION_WRONG: ProblemType(422, N_("The leaf is not in the tree that the checkpoint signs.")),
        Code.CONSISTENCY_WRONG: ProblemType(422, N_("The new tree does not continue the old one.")),
        Code.TILE_MALFORMED: ProblemType(422, N_("A tile does not have the length that it must have.")),
        Code.TILE_WRONG: ProblemType(422, N_("A tile does not lead to the root that the checkpoint signs.")),
        Code.BUNDLE_MALFORMED: ProblemType(422, N_("A bundle of entries cannot be taken apart.")),
        Code.ENTRY_WRONG: ProblemType(422, N_("An entry is not the one that the tree commits to.")),
        Code.WITNESS_CONFLICT: ProblemType(409, N_("The witness has signed a tree of another size.")),
        Code.WITNESS_REQUEST_MALFORMED: ProblemType(
            400, N_("The request to the witness does not have the form that it must have.")
        ),
        Code.LOG_UNKNOWN: ProblemType(404, N_("The witness does not witness such a log.")),
        Code.SEQUENCER_FENCED: ProblemType(503, N_("Another process writes the log now.")),
        Code.ENVELOPE_MALFORMED: ProblemType(400, N_("The envelope does not have the form that it must have.")),
        Code.ENVELOPE_UNOPENED: ProblemType(422, N_("The envelope cannot be opened with the epoch's key.")),
        Code.ENVELOPE_REPLAYED: ProblemType(409, N_("The envelope was opened in an earlier slot.")),
        Code.SLOT_USED: ProblemType(429, N_("The member has sent its envelope of this slot already.")),
        Code.RELAY_REFUSED: ProblemType(502, N_("The relay could not pass the envelope on.")),
        Code.ADDRESS_MALFORMED: ProblemType(400, N_("The address is malformed.")),
        Code.ADDRESS_INSECURE: ProblemType(400, N_("The address does not use https.")),
        Code.ADDRESS_NOT_PUBLIC: ProblemType(400, N_("The address does not lie on the public internet.")),
        Code.PEER_UNREACHABLE: ProblemType(502, N_("The other node cannot be reached.")),
        Code.PEER_TIMED_OUT: ProblemType(504, N_("The other node did not answer in time.")),
        Code.PEER_CERTIFICATE: ProblemType(502, N_("The other node's certificate is not valid.")),
        Code.PEER_BUSY: ProblemType(503, N_("The other node is busy.")),
        Code.PEER_REFUSED: ProblemType(502, N_("The other node refused the request.")),
        Code.PEER_REDIRECTED: ProblemType(502, N_("The other node answered with a redirect.")),
        Code.PEER_CONTENT_TYPE: ProblemType(502, N_("The other node answered with the wrong type of content.")),
        Code.PEER_EMPTY: ProblemType(502, N_("The other node answered with nothing.")),
        Code.PEER_TOO_LARGE: ProblemType(502, N_("The other node's answer is too large.")),
        Code.PEER_ENCODING: ProblemType(502, N_("The other node's answer is compressed in a way that is not allowed.")),
        Code.INVALID_INPUT: ProblemType(422, N_("Some values need to be corrected.")),
        Code.BAD_REQUEST: ProblemType(400, N_("The request is malformed.")),
        Code.SIGN_IN_NEEDED: ProblemType(401, N_("This needs somebody to be signed in.")),
        Code.NOT_ALLOWED: ProblemType(403, N_("This is not allowed.")),
        Code.NOT_FOUND: ProblemType(404, N_("There is nothing here.")),
        Code.METHOD_NOT_ALLOWED: ProblemType(405, N_("The address does not take this method.")),
        Code.CONFLICT: ProblemType(409, N_("It is in a state that does not allow this.")),
        Code.GONE: ProblemType(410, N_("It is no longer here.")),
        Code.TOO_LARGE: ProblemType(413, N_("The upload is too large.")),
        Code.UNSUPPORTED_MEDIA_TYPE: ProblemType(415, N_("The address does not take this type of content.")),
        Code.TOO_MANY_REQUESTS: ProblemType(429, N_("There were too many requests.")),
        Code.INTERNAL_ERROR: ProblemType(500, N_("The node made a mistake.")),
        Code.NOT_CONFIGURED: ProblemType(503, N_("The operator has to set something up first.")),
        Code.OVERLOADED: ProblemType(503, N_("The node has too much to do now.")),
        Code.NOT_READY: ProblemType(503, N_("The node is not ready to answer.")),
        Code.MACHINE_TROUBLE: ProblemType(503, N_("The node’s machine lacks room, or its database.")),
    }
)


def problem_document(code: Code, detail: str = "", **extensions: Any) -> dict[str, Any]:
    """An RFC 9457 problem with our `code` member; `detail` is left out where there is nothing to add."""
    problem = PROBLEMS[code]
    document: dict[str, Any] = {
        "type": f"{PROBLEM_TYPE_PREFIX}{code}",
        "title": problem.title,
        "status": problem.status,
        "code": str(code),
    }
    if detail:
        document["detail"] = detail
    return {**document, **extensions}
