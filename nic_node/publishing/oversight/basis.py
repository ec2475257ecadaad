"""On what ground something may leave, by how much it tells: for an officer to hold against, not legal advice."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nic_node.i18n import N_

LEGAL_BASIS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "measured": N_(
            "FERPA, 34 CFR 99.31(b)(1): de-identified records, in bands, no cell under 10 people. GDPR, recital 26:"
            " anonymous information."
        ),
        "direction": N_(
            "FERPA, 34 CFR 99.31(b)(1): one word about a group of 10 or more. GDPR, recital 26: anonymous information."
        ),
        "described": N_(
            "No education record: what staff did and learned, without names. GDPR, recital 26: anonymous information."
        ),
        "words": N_(
            "No education record: a question or an answer, without names. GDPR, recital 26: anonymous information."
        ),
    }
)
"""By rung of the record; of what has none, 'words'."""
