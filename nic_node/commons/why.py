"""Why a practice is shown to this school: how alike the two schools are, in words."""

from gettext import NullTranslations

from markupsafe import Markup

from nic_node.evidence.similarity import Similarity
from nic_node.i18n import N_


def why_words(likeness: Similarity, catalogue: NullTranslations) -> Markup:
    """The reasons of a match: what is alike, and in bold how they differ."""
    if not likeness.comparable:
        return Markup("<b>{}</b>").format(catalogue.gettext(N_("Another level of school than yours.")))
    alike, different = likeness.said(catalogue)
    if not alike and not different:
        return Markup("{}").format(catalogue.gettext(N_("How like yours their school is can't be told.")))
    if not different:
        return Markup("{}.").format(_upper_first(alike))
    if not alike:
        return Markup("<b>{}.</b>").format(_upper_first(different))
    return Markup("{}; <b>{}</b>.").format(_upper_first(alike), different)


def _upper_first(words: str) -> str:
    return words[:1].upper() + words[1:]
