"""How an e-mail stands, and what kept it from being sent, in words."""

from typing import Final

from nic_node.i18n import N_

HELD: Final = "held"
WAITING: Final = "waiting"
SENT: Final = "sent"
DEAD: Final = "dead"
STATES: Final = (HELD, WAITING, SENT, DEAD)
"""held: this node sends no e-mail, a person has to; dead: given up, a person has to."""

PROBLEMS: Final = {
    "unreachable": N_("The mail server can't be reached, or broke off."),
    "not-secure": N_("The mail server does not offer the encryption that the settings ask for."),
    "sign-in": N_("The mail server does not accept the user name and password of the settings."),
    "sender": N_("The mail server does not let this node send under the address of the settings."),
    "address": N_("The mail server refuses the address: there may be no such mailbox."),
    "refused": N_("The mail server refuses the message."),
}
