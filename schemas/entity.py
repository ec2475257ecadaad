"""OpenID Federation 1.0: entity statements, metadata, trust marks, historical keys.

Unlike our own documents these may hold claims that we do not know: they are ignored unless `crit` names
them (section 3.1), and `federation` refuses an unknown critical claim. What we read is typed.
"""

from collections.abc import Mapping
from types import MappingProxyType

from marshmallow import INCLUDE, fields, validate

from schemas.document import DocumentSchema
from schemas.fields import (
    Choice,
    Text,
    Whole,
    entity_field,
    jkt_field,
    jws_field,
    origin_field,
    sha256_field,
    time_field,
    verifier_key_field,
    web_address_field,
)
from schemas.jwk import ED25519_JWK, JWKS, AnyJwk
from schemas.limits import TRUST_MARK_MAX_BYTES

ENTITY_STATEMENT_TYP = "entity-statement+jwt"
ENTITY_STATEMENT_CONTENT_TYPE = f"application/{ENTITY_STATEMENT_TYP}"
TRUST_MARK_TYP = "trust-mark+jwt"
TRUST_MARK_CONTENT_TYPE = f"application/{TRUST_MARK_TYP}"
TRUST_MARK_STATUS_TYP = "trust-mark-status-response+jwt"
HISTORICAL_KEYS_TYP = "jwk-set+jwt"
WELL_KNOWN_PATH = "/.well-known/openid-federation"

PUBLISHER, WITNESS, MIRROR = "publisher", "witness", "mirror"
TRUST_MARK_ROLES = (PUBLISHER, WITNESS, MIRROR)
TRUST_MARK_STATES = ("active", "expired", "revoked", "invalid")
REVOCATION_REASONS = ("unspecified", "compromised", "superseded")  # OpenID Federation 1.0 section 8.7.3


class OpenDocument(DocumentSchema):
    """A document of a standard that lets others add claims."""

    class Meta:
        unknown = INCLUDE


class FederationEntityMetadata(OpenDocument):
    """`federation_entity` (section 5.1.1); a leaf publishes no fetch and no list endpoint."""

    federation_fetch_endpoint = web_address_field()
    federation_list_endpoint = web_address_field()
    federation_resolve_endpoint = web_address_field()
    federation_trust_mark_endpoint = web_address_field()
    federation_trust_mark_status_endpoint = web_address_field()
    federation_trust_mark_list_endpoint = web_address_field()
    federation_historical_keys_endpoint = web_address_field()
    organization_name = Text(200)
    homepage_uri = web_address_field()
    policy_uri = web_address_field()
    logo_uri = web_address_field()
    contacts = fields.List(Text(200), validate=validate.Length(1, 10))


class NodeMetadata(OpenDocument):
    """`nic_node`: a school's node. `jwks` holds its http keys; a mirror and a witness say where and which key."""

    jwks = fields.Nested(JWKS, required=True)
    versions = fields.List(Whole(1, 1_000), required=True, validate=validate.Length(1, 16))
    organization_name = Text(200)
    mirror_url = web_address_field()
    witness_key = verifier_key_field()


class SuperiorEntry(OpenDocument):
    """A network above, and the thumbprints of its federation keys that the network below holds to."""

    entity = entity_field(required=True)
    jkts = fields.List(jkt_field(), required=True, validate=validate.Length(1, 16))


class NetworkMetadata(OpenDocument):
    """`nic_network`: the log, its keys, and the documents as they stand today. `jwks` holds its http keys."""

    jwks = fields.Nested(JWKS, required=True)
    versions = fields.List(Whole(1, 1_000), required=True, validate=validate.Length(1, 16))
    name = Text(120, required=True)
    generation = Whole(1, required=True)
    log_url = web_address_field(required=True)
    log_origin = origin_field(required=True)
    log_key = verifier_key_field(required=True)
    leaf_jwk = fields.Nested(ED25519_JWK, required=True)
    charter_sha256 = sha256_field(required=True)
    policy_sha256 = sha256_field(required=True)
    superiors = fields.List(fields.Nested(SuperiorEntry()), validate=validate.Length(1, 20))


class Metadata(OpenDocument):
    """Metadata by entity type; types of others pass unread."""

    federation_entity = fields.Nested(FederationEntityMetadata())
    nic_node = fields.Nested(NodeMetadata())
    nic_network = fields.Nested(NetworkMetadata())


class TrustMarkEntry(OpenDocument):
    trust_mark_type = Text(500, required=True)
    trust_mark = jws_field(TRUST_MARK_MAX_BYTES, required=True)


class Constraints(OpenDocument):
    """Section 6.2."""

    max_path_length = Whole(0, 100)
    naming_constraints = fields.Dict(keys=fields.String())
    allowed_entity_types = fields.List(Text(100))


class EntityStatement(OpenDocument):
    """Section 3.1: an entity configuration (iss = sub) or a subordinate statement."""

    iss = entity_field(required=True)
    sub = entity_field(required=True)
    iat = time_field(required=True)
    exp = time_field(required=True)
    jwks = fields.Nested(JWKS, required=True)
    authority_hints = fields.List(entity_field(), validate=validate.Length(1, 20))
    metadata = fields.Nested(Metadata())
    metadata_policy = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String()))
    metadata_policy_crit = fields.List(Text(100), validate=validate.Length(1, 20))
    constraints = fields.Nested(Constraints())
    crit = fields.List(Text(100), validate=validate.Length(1, 20))
    trust_marks = fields.List(fields.Nested(TrustMarkEntry()), validate=validate.Length(0, 50))
    trust_mark_issuers = fields.Dict(keys=fields.String(), values=fields.List(entity_field()))
    source_endpoint = web_address_field()


class TrustMark(OpenDocument):
    """Section 7.1: the claims of a trust mark."""

    iss = entity_field(required=True)
    sub = entity_field(required=True)
    trust_mark_type = Text(500, required=True)
    iat = time_field(required=True)
    exp = time_field()
    logo_uri = web_address_field()
    ref = web_address_field()
    delegation = jws_field(TRUST_MARK_MAX_BYTES)


class TrustMarkStatus(OpenDocument):
    """Section 8.4.2: the claims of a status response."""

    iss = entity_field(required=True)
    iat = time_field(required=True)
    trust_mark = jws_field(TRUST_MARK_MAX_BYTES, required=True)
    status = Choice(TRUST_MARK_STATES, required=True)


class Revocation(OpenDocument):
    revoked_at = time_field(required=True)
    reason = Choice(REVOCATION_REASONS)


class HistoricalKey(AnyJwk):
    """Section 8.7.2."""

    iat = time_field()
    nbf = time_field()
    exp = time_field(required=True)
    revoked = fields.Nested(Revocation())


class HistoricalKeys(OpenDocument):
    """Section 8.7: keys that an entity used before."""

    iss = entity_field(required=True)
    iat = time_field(required=True)
    keys = fields.List(fields.Nested(HistoricalKey()), required=True, validate=validate.Length(0, 100))


FEDERATION_ENTITY_METADATA = FederationEntityMetadata()
NODE_METADATA = NodeMetadata()
NETWORK_METADATA = NetworkMetadata()
ENTITY_STATEMENT = EntityStatement()
TRUST_MARK = TrustMark()
TRUST_MARK_STATUS = TrustMarkStatus()
HISTORICAL_KEYS = HistoricalKeys()

# Section 8.9: what OpenID Federation endpoints answer instead of our problem documents, with the HTTP status.
FEDERATION_ERRORS: Mapping[str, int] = MappingProxyType(
    {
        "invalid_request": 400,
        "invalid_client": 401,
        "invalid_issuer": 404,
        "invalid_subject": 404,
        "invalid_trust_anchor": 404,
        "invalid_trust_chain": 400,
        "invalid_metadata": 400,
        "not_found": 404,
        "server_error": 500,
        "temporarily_unavailable": 503,
        "unsupported_parameter": 400,
    }
)

METADATA_TYPES: Mapping[str, OpenDocument] = MappingProxyType(
    {
        "federation_entity": FEDERATION_ENTITY_METADATA,
        "nic_node": NODE_METADATA,
        "nic_network": NETWORK_METADATA,
    }
)


def trust_mark_type(network: str, role: str) -> str:
    """The type of the mark that says: this entity has this role in this network."""
    if role not in TRUST_MARK_ROLES:
        raise ValueError(f"{role!r} is not a role; roles are {', '.join(TRUST_MARK_ROLES)}")
    return f"{network}/marks/{role}"


def federation_error_document(error: str, description: str) -> dict[str, str]:
    """The JSON body of an error of an OpenID Federation endpoint; `error` is one of FEDERATION_ERRORS."""
    if error not in FEDERATION_ERRORS:
        raise ValueError(f"{error!r} is not an error of OpenID Federation 1.0")
    return {"error": error, "error_description": description}
