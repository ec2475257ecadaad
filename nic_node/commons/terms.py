"""Dates as terms: a record carries no time, only the epoch in which its pseudonym holds."""

from collections.abc import Sequence
from datetime import datetime
from gettext import NullTranslations

from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_

# The first month of each, as a school counts its year.
SPRING, SUMMER, FALL = 1, 6, 8
TERMS = ((FALL, N_("fall {year}")), (SUMMER, N_("summer {year}")), (SPRING, N_("spring {year}")))


def term_words(starts: datetime, catalogue: NullTranslations = ENGLISH) -> str:
    """'fall 2026', by the day from which an epoch's pseudonyms may publish."""
    template = next(words for month, words in TERMS if starts.month >= month)
    return Sentence(template, {"year": starts.year}).said(catalogue)


def terms_words(starts: Sequence[datetime], catalogue: NullTranslations = ENGLISH) -> str:
    """'fall 2026', or 'fall 2026 to spring 2027' for several; '' for none."""
    if not starts:
        return ""
    first, last = (term_words(when, catalogue) for when in (min(starts), max(starts)))
    if first == last:
        return first
    return Sentence(N_("{first} to {last}"), {"first": first, "last": last}).said(catalogue)
