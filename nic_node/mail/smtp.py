"""Handing one message to the mail server of the settings."""

import ssl
from email.message import EmailMessage

import aiosmtplib

from nic_node.config import Smtp


class NotSent(Exception):
    """A mail server did not take a message.

    Attributes:
        problem: an id of `states.PROBLEMS`.
        code: the server's answer, None when there was none.
        is_final: trying again can't help.
    """

    def __init__(self, problem: str, code: int | None = None, *, is_final: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.code = code
        self.is_final = is_final


async def send_message(smtp: Smtp, message: EmailMessage) -> None:
    """Deliver a message to the server, which answers for it from then on.

    Raises:
        NotSent: it did not take it.
    """
    try:
        await aiosmtplib.send(
            message,
            hostname=smtp.host,
            port=smtp.port,
            use_tls=smtp.tls == "tls",
            start_tls=smtp.tls == "starttls",
            tls_context=ssl.create_default_context(cafile=smtp.ca_file) if smtp.tls != "none" else None,
            username=smtp.user,
            password=smtp.password,
            timeout=smtp.seconds,
        )
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise _not_sent(error) from error


def _not_sent(error: Exception) -> NotSent:
    """Of what went wrong only the kind and the number are kept: the server's words may repeat the address."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [refused.code for refused in error.recipients]
        return NotSent("address", codes[0] if codes else None, is_final=all(_is_final(code) for code in codes))
    code = error.code if isinstance(error, aiosmtplib.SMTPResponseException) else None
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return NotSent("sign-in", code)
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return NotSent("sender", code)
    if isinstance(error, aiosmtplib.SMTPNotSupported) or _is_about_trust(error):
        return NotSent("not-secure")
    if isinstance(error, aiosmtplib.SMTPDataError) and code is not None:
        return NotSent("refused", code, is_final=_is_final(code))
    return NotSent("unreachable", code)


def _is_about_trust(error: Exception) -> bool:
    """A certificate that is not trusted, or no STARTTLS where it is asked for (the library has no class for that)."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__
    return "STARTTLS" in str(error)


def _is_final(code: int) -> bool:
    return 500 <= code <= 599
