"""A mail's row as a message on the wire (RFC 5322): plain text first, the HTML as its alternative."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from nic_node.config import Smtp
from nic_node.mail.tables import Mail


def build_message(mail: Mail, smtp: Smtp, *, language: str, now: datetime) -> EmailMessage:
    """The library's policy refuses line ends in a header; what comes here has none."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=smtp.from_name, addr_spec=smtp.from_address)
    message["To"] = Address(display_name=mail.to_name, addr_spec=mail.to_address)
    if mail.reply_to:
        message["Reply-To"] = Address(addr_spec=mail.reply_to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers it
    message["Content-Language"] = language
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058: the mail program's own button
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
