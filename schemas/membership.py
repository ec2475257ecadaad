"""What a school and a network say to each other: invitation, application, moves, hints, credentials, acks.

Envelopes (POST /v1/relay, POST /v1/submissions) are not JSON: 64 KiB of bytes each, see federation.envelope.
"""

import re
from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, validate, validates_schema

from schemas.base64url import decode_base64url, encode_base64url
from schemas.canonical import canonical_bytes, read_json
from schemas.code import Code
from schemas.document import DocumentSchema, load_document, verify_version
from schemas.fields import (
    Base64Url,
    Choice,
    Number,
    Shaped,
    Text,
    Whole,
    YesNo,
    entity_field,
    jkt_field,
    jws_field,
    origin_field,
    record_id_field,
    sha256_field,
    time_field,
    token_field,
    version_field,
    web_address_field,
)
from schemas.invalid import InvalidDocument
from schemas.jwk import JWKS, RSA_3072_BYTES
from schemas.limits import CHECKPOINT_MAX_BYTES, INVITATION_MAX_BYTES, LEAF_MAX_BYTES
from schemas.states import STATES
from schemas.vocab import LEVELS, MEMBERSHIP_REASONS, STAGES
from schemas.vocab.context import NCES_LOCALES

APPLICATION_TYP = "nic-application+jwt"
APPLICATION_CONTENT_TYPE = f"application/{APPLICATION_TYP}"
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
CONFIRMATION_CODE = re.compile(r"[A-Z0-9-]{6,40}", re.ASCII)
GRADES = ("pk", "k", *(str(grade) for grade in range(1, 13)))
ENROLMENT_MAX = 100_000
APPEAL_STATES = ("open", "granted", "declined")
APPEAL_LENGTH = 2_000
SCHOOL_TYPE, NETWORK_TYPE = "nic_node", "nic_network"
ENTITY_TYPES = (SCHOOL_TYPE, NETWORK_TYPE)
EVIDENCE_MOST = 20


class InvitationSchema(DocumentSchema):
    """Pins a network: its entity id, its federation key, and a token that lets one school apply."""

    v = version_field()
    kind = Choice({"invitation"}, required=True)
    network = entity_field(required=True)
    name = Text(120, required=True)
    jkt = jkt_field(required=True)
    token = token_field(required=True)
    exp = time_field(required=True)


class ContactSchema(DocumentSchema):
    """The person whom the coordinator talks to."""

    name = Text(120, required=True)
    email = Shaped(EMAIL, "an e-mail address", required=True)
    role = Text(80)
    phone = Text(40)


class ProfileSchema(DocumentSchema):
    """The school as it is, for vetting and for the lattice; it goes to the network's coordinators and no further.

    A network that applies to one above it says its name alone; a school says its level too.
    """

    name = Text(200, required=True)
    level = Choice(LEVELS)
    district = Text(200)
    directory_id = Text(40)
    website = web_address_field()
    low_grade = Choice(GRADES)
    high_grade = Choice(GRADES)
    locale = Whole()
    enrolment = Whole(0, ENROLMENT_MAX)
    lunch_percent = Number(0, 100)
    english_learners_percent = Number(0, 100)
    disabilities_percent = Number(0, 100)
    stage = Choice(STAGES)

    @validates_schema
    def verify_codes(self, data: dict[str, Any], **kwargs: Any) -> None:
        if "locale" in data and data["locale"] not in NCES_LOCALES:
            raise ValidationError("This is not one of the twelve NCES locale codes, 11 to 43.", "locale")
        low, high = data.get("low_grade"), data.get("high_grade")
        if low and high and GRADES.index(low) > GRADES.index(high):
            raise ValidationError("The lowest grade lies above the highest.", "low_grade")


class ApplicationSchema(DocumentSchema):
    """Claims of an application: a JWT that the enclosed federation key signs, to one network.

    `entity_type` is left out by schools; a network that applies to one above it says so.
    """

    iss = entity_field(required=True)
    aud = entity_field(required=True)
    jti = token_field(required=True)
    iat = time_field(required=True)
    exp = time_field(required=True)
    jwks = fields.Nested(JWKS, required=True)
    http_jwks = fields.Nested(JWKS, required=True)
    contact = fields.Nested(ContactSchema(), required=True)
    profile = fields.Nested(ProfileSchema(), required=True)
    policy_sha256 = sha256_field(required=True)
    charter_sha256 = sha256_field(required=True)
    invitation = token_field()
    entity_type = Choice(ENTITY_TYPES)

    @validates_schema
    def verify_level(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("entity_type", SCHOOL_TYPE) == SCHOOL_TYPE and "level" not in data["profile"]:
            raise ValidationError("A school says its level.", "profile")


class ApplicationAnswerSchema(DocumentSchema):
    """202 to an application."""

    id = token_field(required=True)
    state = Choice(STATES, required=True)


class MoveSchema(DocumentSchema):
    """One move of a membership, as it is shown to the member whom it concerns."""

    at = time_field(required=True)
    from_state = Choice(STATES, data_key="from", attribute="from")
    to_state = Choice(STATES, required=True, data_key="to", attribute="to")
    reason = Choice(MEMBERSHIP_REASONS, required=True)
    note = Text(1_000, multiline=True)


class AppealStatusSchema(DocumentSchema):
    """How a school's newest appeal stands: `voices` of the `needed` coordinators grant it by now.

    `earliest`: from when the only coordinator of a network may grant it; members see it until then.
    """

    at = time_field(required=True)
    state = Choice(APPEAL_STATES, required=True)
    voices = Whole(0, required=True)
    needed = Whole(1, 2, required=True)
    earliest = time_field()


class RenewalStatusSchema(DocumentSchema):
    """From when a member may ask for its next term, and when it did."""

    opens = time_field(required=True)
    asked = time_field()


class ApplicationStatusSchema(DocumentSchema):
    """How an application stands; `moves` from the oldest to the newest; `expires` of an approved membership.

    A decision that leaves the state as it is (a renewal, an appeal declined) is a move from the state to itself.
    """

    id = token_field(required=True)
    state = Choice(STATES, required=True)
    version = Whole(1, required=True)
    confirmed = YesNo(required=True)
    expires = time_field()
    moves = fields.List(fields.Nested(MoveSchema()), required=True, validate=validate.Length(1, 1_000))
    appeal = fields.Nested(AppealStatusSchema())
    renewal = fields.Nested(RenewalStatusSchema())


class ConfirmationSchema(DocumentSchema):
    """The one-time code that the coordinator gave through the school's published contact."""

    code = Shaped(CONFIRMATION_CODE, "a code of capital letters, digits and hyphens", required=True)


class TransitionSchema(DocumentSchema):
    """A coordinator moves a membership; `if_version` is the version that the coordinator saw."""

    to_state = Choice(STATES, required=True, data_key="to", attribute="to")
    reason = Choice(MEMBERSHIP_REASONS, required=True)
    if_version = Whole(1, required=True)
    note = Text(1_000, multiline=True)


class LeaveSchema(DocumentSchema):
    """A member leaves; signed by RFC 9421, so the body only says which version it saw."""

    if_version = Whole(1)


class RenewalSchema(DocumentSchema):
    """A member asks for its next term, and accepts policy and charter as they stand; signed by RFC 9421."""

    policy_sha256 = sha256_field(required=True)
    charter_sha256 = sha256_field(required=True)


class AppealSchema(DocumentSchema):
    """A revoked school asks to be let in again, and accepts policy and charter as they stand; signed by RFC 9421."""

    text = Text(APPEAL_LENGTH, multiline=True, required=True)
    policy_sha256 = sha256_field(required=True)
    charter_sha256 = sha256_field(required=True)


class OpenAppealSchema(DocumentSchema):
    """What members see of an appeal: who, since when, until when it can't be granted by one alone."""

    entity = entity_field(required=True)
    at = time_field(required=True)
    earliest = time_field()


class OpenAppealsSchema(DocumentSchema):
    """GET {net}/v1/appeals, signed by a member."""

    appeals = fields.List(fields.Nested(OpenAppealSchema()), required=True, validate=validate.Length(0, 1_000))


class HintSchema(DocumentSchema):
    """The log has grown: wakes the puller, and nothing else."""

    origin = origin_field(required=True)
    size = Whole(0, required=True)


class BlindSignRequestSchema(DocumentSchema):
    """A JWS of type nic-issue+jws over {network, epoch, blinded_msg} (schemas/leaf.py)."""

    jws = jws_field(2_000, required=True)


class BlindSignAnswerSchema(DocumentSchema):
    epoch = Whole(1, required=True)
    blind_sig = Base64Url(RSA_3072_BYTES, required=True)


class RetractionSchema(DocumentSchema):
    """A retract leaf that is sent in the open, by who left or was revoked."""

    leaf = jws_field(LEAF_MAX_BYTES, required=True)


class IncidentSchema(DocumentSchema):
    """A member tells its coordinators that this record of its own should not have left; the signature says who."""

    record = record_id_field(required=True)


class AckSchema(DocumentSchema):
    """A member's promise: what was retracted below this index is erased here."""

    origin = origin_field(required=True)
    erased_to = Whole(0, required=True)


class AcksSchema(DocumentSchema):
    """GET {log}/acks: entity id -> index below which it has erased what was retracted."""

    class Meta:
        unknown = INCLUDE

    @validates_schema(pass_original=True)
    def verify_entries(self, data: dict[str, Any], original: dict[str, Any], **kwargs: Any) -> None:
        for entity, index in original.items():
            _ENTITY.deserialize(entity)
            _INDEX.deserialize(index)


class ForkProofSchema(DocumentSchema):
    """The longer tree's root at the shorter one's size, and the consistency proof from there (federation.tlog.fork)."""

    root = Base64Url(32, required=True)
    path = fields.List(Base64Url(32), required=True, validate=validate.Length(0, 64))


class ForkSchema(DocumentSchema):
    """Two signed notes of one log that no honest log could both have signed; of one size they need no proof."""

    origin = origin_field(required=True)
    seen_at = time_field(required=True)
    first = Base64Url(1, CHECKPOINT_MAX_BYTES, required=True)
    second = Base64Url(1, CHECKPOINT_MAX_BYTES, required=True)
    proof = fields.Nested(ForkProofSchema())


class EvidenceSchema(DocumentSchema):
    """GET /v1/evidence."""

    forks = fields.List(fields.Nested(ForkSchema()), required=True, validate=validate.Length(0, EVIDENCE_MOST))


_ENTITY = entity_field(required=True)
_INDEX = Whole(0, required=True)

INVITATION = InvitationSchema()
APPLICATION = ApplicationSchema()
APPLICATION_ANSWER = ApplicationAnswerSchema()
APPLICATION_STATUS = ApplicationStatusSchema()
CONFIRMATION = ConfirmationSchema()
TRANSITION = TransitionSchema()
LEAVE = LeaveSchema()
RENEWAL = RenewalSchema()
APPEAL = AppealSchema()
OPEN_APPEALS = OpenAppealsSchema()
HINT = HintSchema()
BLIND_SIGN_REQUEST = BlindSignRequestSchema()
BLIND_SIGN_ANSWER = BlindSignAnswerSchema()
RETRACTION = RetractionSchema()
INCIDENT = IncidentSchema()
ACK = AckSchema()
ACKS = AcksSchema()
FORK = ForkSchema()
EVIDENCE = EvidenceSchema()


def build_invitation_link(invitation: dict[str, Any]) -> str:
    """The link that a coordinator hands over: `{network}/join#...`, the document in the fragment.

    What stands behind '#' is never sent to a server, so no access log holds the token.
    """
    return f"{invitation['network']}/join#{encode_base64url(canonical_bytes(load_document(INVITATION, invitation)))}"


def read_invitation(text: str) -> dict[str, Any]:
    """The invitation in a link, or in what stands behind its '#'; surrounding space does not matter.

    InvalidDocument (invitation-invalid) for anything else. Whether it has expired is for the caller to say.
    """
    code = text.strip().rpartition("#")[2]
    if len(code) > INVITATION_MAX_BYTES:
        raise InvalidDocument(Code.INVITATION_INVALID, "This is too long for an invitation; copy the link again.")
    try:
        document = read_json(decode_base64url(code), max_bytes=INVITATION_MAX_BYTES)
        verify_version(document)
        return load_document(INVITATION, document)
    except ValueError as error:  # InvalidDocument is one too
        if isinstance(error, InvalidDocument) and error.code is Code.UNSUPPORTED_VERSION:
            raise
        sentence = "This is not an invitation link; copy the whole link again."
        raise InvalidDocument(Code.INVITATION_INVALID, sentence) from error
