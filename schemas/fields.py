"""marshmallow fields that take exactly one JSON type and convert nothing."""

import math
import re
from collections.abc import Collection
from typing import Any

from marshmallow import ValidationError, fields

from schemas.base64url import decode_base64url
from schemas.ids import ENTITY_ID, ENTITY_ID_MAX_LENGTH, ORIGIN, RECORD_ID
from schemas.limits import NUMBER_MAX, WIRE_VERSION
from schemas.text import is_wire_text

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
JKT = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
# C2SP signed-note: name, "+", key hash, "+", base64 of the type byte and a 32-byte Ed25519 key.
VERIFIER_KEY = re.compile(rf"{ORIGIN.pattern}\+[0-9a-f]{{8}}\+[A-Za-z0-9+/]{{44}}", re.ASCII)
WEB_ADDRESS_MAX_LENGTH = 500
WEB_ADDRESS = re.compile(r"https?://[!-~]+", re.ASCII)
CLASS_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
PRINTED_N_SMALL = "<15"
PEOPLE_MAX = 10_000_000
TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,128}", re.ASCII)


class Text(fields.String):
    """Text for people: 1 to `most` characters of wire text (schemas/text.py); newlines only if `multiline`."""

    def __init__(self, most: int, *, multiline: bool = False, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.most = most
        self.multiline = multiline

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("This must be text.")
        if len(value) > self.most:
            raise ValidationError(f"This text may have {self.most} characters, not {len(value)}.")
        if not is_wire_text(value, multiline=self.multiline):
            raise ValidationError(
                "This text is blank, not in Unicode's form NFC, or holds a character that is not allowed."
            )
        return value


class Whole(fields.Integer):
    """A JSON number without a fraction, from `least` to `most`; true and false are no numbers."""

    def __init__(self, least: int = 0, most: int = NUMBER_MAX, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.least = least
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValidationError("This must be a whole number.")
        if not self.least <= value <= self.most:
            raise ValidationError(f"This number must lie between {self.least} and {self.most}.")
        return value


class Number(fields.Float):
    """A finite JSON number, from `least` to `most`; true and false are no numbers."""

    def __init__(self, least: float, most: float, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.least = least
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise ValidationError("This must be a number.")
        if not self.least <= value <= self.most:
            raise ValidationError(f"This number must lie between {self.least:g} and {self.most:g}.")
        return value


class YesNo(fields.Boolean):
    """true or false; 1, 0 and words are neither."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("This must be true or false.")
        return value


class Choice(fields.String):
    """One id of a closed list."""

    def __init__(self, choices: Collection[str], **keywords: Any) -> None:
        super().__init__(**keywords)
        self.choices = frozenset(choices)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("This must be text.")
        if value not in self.choices:
            raise ValidationError("This is not an id of the closed list that belongs here.")
        return value


class Shaped(fields.String):
    """Text of one exact form; `what` names the form in the refusal."""

    def __init__(self, shape: re.Pattern[str], what: str, *, most: int | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.shape = shape
        self.what = what
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("This must be text.")
        if (self.most is not None and len(value) > self.most) or not self.shape.fullmatch(value):
            raise ValidationError(f"This must be {self.what}.")
        return value


class Base64Url(fields.String):
    """Unpadded base64url of `least` to `most` bytes (exactly `least` when `most` is left out)."""

    def __init__(self, least: int, most: int | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.least = least
        self.most = least if most is None else most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("This must be text.")
        try:
            size = len(decode_base64url(value))
        except ValueError as error:
            raise ValidationError("This must be base64url text without padding.") from error
        if not self.least <= size <= self.most:
            raise ValidationError(f"This must be base64url text of {self.least} to {self.most} bytes.")
        return value


class PrintedN(fields.Field[int | str]):
    """A number of people as it is printed: an integer, or '<15'."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | str:
        if value == PRINTED_N_SMALL:
            return PRINTED_N_SMALL
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= PEOPLE_MAX:
            raise ValidationError("This must be a whole number of people, or '<15'.")
        return value


def sha256_field(**keywords: Any) -> Shaped:
    """SHA-256 as 64 lowercase hexadecimal digits."""
    return Shaped(SHA256, "a SHA-256 hash of 64 lowercase hexadecimal digits", **keywords)


def jkt_field(**keywords: Any) -> Shaped:
    """An RFC 7638 key thumbprint."""
    return Shaped(JKT, "a key thumbprint of 43 base64url characters", **keywords)


def entity_field(**keywords: Any) -> Shaped:
    """An entity id."""
    return Shaped(ENTITY_ID, "an https address without query and fragment", most=ENTITY_ID_MAX_LENGTH, **keywords)


def web_address_field(**keywords: Any) -> Shaped:
    """An address of the web; whether a node may go there is decided where it goes."""
    return Shaped(WEB_ADDRESS, "a web address", most=WEB_ADDRESS_MAX_LENGTH, **keywords)


def origin_field(**keywords: Any) -> Shaped:
    """The origin of a log."""
    return Shaped(ORIGIN, "the origin of a log", **keywords)


def record_id_field(**keywords: Any) -> Shaped:
    """The id of a record."""
    return Shaped(RECORD_ID, "a record id: the log's origin, '#' and an index", **keywords)


def verifier_key_field(**keywords: Any) -> Shaped:
    """A signed-note verifier key."""
    return Shaped(VERIFIER_KEY, "a verifier key of the signed-note format", **keywords)


def jws_field(most: int, **keywords: Any) -> Shaped:
    """A compact JWS of `most` characters at most."""
    return Shaped(COMPACT_JWS, "a compact JWS", most=most, **keywords)


def token_field(**keywords: Any) -> Shaped:
    """A random token or identifier of unreserved characters, 128 at most."""
    return Shaped(TOKEN, "an identifier of letters, digits and '-._~'", **keywords)


def class_id_field(**keywords: Any) -> Shaped:
    """The id of a context class within its lattice."""
    return Shaped(CLASS_ID, "the id of a context class", **keywords)


def time_field(**keywords: Any) -> Whole:
    """A moment in whole seconds since 1970-01-01T00:00:00Z."""
    return Whole(0, **keywords)


def version_field(**keywords: Any) -> Whole:
    """`v`: version 1 of the wire."""
    return Whole(WIRE_VERSION, WIRE_VERSION, required=True, **keywords)
