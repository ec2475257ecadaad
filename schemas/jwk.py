"""Public keys as JSON (RFC 7517, 7518, 8037). A private member is refused wherever a key may stand."""

from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, validate, validates_schema

from schemas.document import DocumentSchema
from schemas.fields import Base64Url, Choice, Text

PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
RSA_3072_BYTES = 384
EXPONENT_65537 = "AQAB"


class Es256Jwk(DocumentSchema):
    kty = Choice({"EC"}, required=True)
    crv = Choice({"P-256"}, required=True)
    x = Base64Url(32, required=True)
    y = Base64Url(32, required=True)


class Ed25519Jwk(DocumentSchema):
    kty = Choice({"OKP"}, required=True)
    crv = Choice({"Ed25519"}, required=True)
    x = Base64Url(32, required=True)


class X25519Jwk(DocumentSchema):
    kty = Choice({"OKP"}, required=True)
    crv = Choice({"X25519"}, required=True)
    x = Base64Url(32, required=True)


class Rsa3072Jwk(DocumentSchema):
    kty = Choice({"RSA"}, required=True)
    n = Base64Url(RSA_3072_BYTES, required=True)
    e = Choice({EXPONENT_65537}, required=True)


class AnyJwk(DocumentSchema):
    """A key of a JWKS. RFC 7517 section 4: members that are not understood are ignored."""

    class Meta:
        unknown = INCLUDE

    kty = Text(16, required=True)
    kid = Text(128, required=True)
    use = Choice({"sig", "enc"})
    alg = Text(32)

    @validates_schema
    def refuse_private_members(self, data: dict[str, Any], **kwargs: Any) -> None:
        if PRIVATE_MEMBERS & data.keys():
            raise ValidationError("This key holds a private member; publish the public key only.")


class Jwks(DocumentSchema):
    """OpenID Federation 1.0 section 3.1.1: every key has a kid, unique within the set."""

    class Meta:
        unknown = INCLUDE

    keys = fields.List(fields.Nested(AnyJwk()), required=True, validate=validate.Length(1, 16))

    @validates_schema
    def refuse_repeated_kids(self, data: dict[str, Any], **kwargs: Any) -> None:
        kids = [key["kid"] for key in data["keys"]]
        if len(set(kids)) != len(kids):
            raise ValidationError("Two keys of this set have the same kid.", "keys")


ES256_JWK = Es256Jwk()
ED25519_JWK = Ed25519Jwk()
X25519_JWK = X25519Jwk()
RSA_3072_JWK = Rsa3072Jwk()
JWKS = Jwks()
