"""Which addresses mail goes to: plain ones, with nothing in them that a header or a mail server reads otherwise."""

import re
from typing import Final

from marshmallow import ValidationError, validate

from nic_node.errors import InvalidInput
from nic_node.i18n import N_

ADDRESS_LENGTH: Final = 254
NAME_LENGTH: Final = 200
NOT_WHOLE: Final = N_("Type a whole e-mail address, such as name@school.example.")
_PLAIN: Final = re.compile(r"[!-~]+")
_UNWANTED: Final = frozenset('"(),:;<>[\\]')
_is_email: Final = validate.Email()


def is_address(text: str) -> bool:
    """One ASCII mailbox without comments, quotes or lists (RFC 5321, the Dot-string form)."""
    if not _PLAIN.fullmatch(text) or len(text) > ADDRESS_LENGTH or _UNWANTED & set(text):
        return False
    try:
        _is_email(text)
    except ValidationError:
        return False
    return True


def verified_address(text: str, *, field: str = "email") -> str:
    """The address without spaces around it.

    Raises:
        InvalidInput: under `field`.
    """
    address = text.strip()
    if not is_address(address):
        raise InvalidInput({field: [NOT_WHOLE]})
    return address


def one_line(text: str, length: int) -> str:
    """What may stand in a header: no line ends, no control characters, at most `length` characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:length]
