"""The spiral of inquiry: six stages in any order, each of which can be returned to (Halbert & Kaser, 2013)."""

from collections.abc import Mapping

from nic_node.i18n import N_

STAGES: Mapping[str, str] = {
    "scan": N_("Scan: what is going on for our students?"),
    "focus": N_("Focus: where do we put our energy?"),
    "hunch": N_("Hunch: what leads to it, and what do we do to it?"),
    "learning": N_("New learning: how and where do we learn more?"),
    "action": N_("Action: what do we do differently?"),
    "check": N_("Check: have we made enough of a difference?"),
}
