"""A context class in words: where a practice was tried, as coarsely as the network may say it."""

from collections.abc import Mapping
from gettext import NullTranslations

from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_, NARROW_NO_BREAK_SPACE
from schemas.vocab import CONTEXT, GRADE_BANDS, Band

NOT_SHOWN = N_("Kind of school not shown")
LUNCH = N_("lunch {share}")
GRADES = {
    "pk-2": N_("pre-K to grade 2"),
    "3-5": N_("grades 3\N{EN DASH}5"),
    "6-8": N_("grades 6\N{EN DASH}8"),
    "9-12": N_("grades 9\N{EN DASH}12"),
}

Bands = Mapping[str, str]


def place_words(bands: Bands, catalogue: NullTranslations = ENGLISH) -> str:
    """'Town or rural', else the level, else that the kind of school is not shown: a row of the ledger."""
    band = _band("locale", bands) or _band("level", bands)
    return catalogue.gettext(band.label if band else NOT_SHOWN)


def context_words(bands: Bands, catalogue: NullTranslations = ENGLISH) -> str:
    """'Town or rural, lunch 60 % or more': a row of the forest plot."""
    lunch = _band("lunch", bands)
    place = place_words(bands, catalogue)
    if lunch is None:
        return place
    share = Sentence(LUNCH, {"share": lower_first(catalogue.gettext(lunch.label))}).said(catalogue)
    return keep_percents(f"{place}, {share}")


def grades_words(grade_bands: object, catalogue: NullTranslations = ENGLISH) -> str:
    """'grades 6-8', several with commas; '' for none."""
    known = [band for band in GRADE_BANDS if isinstance(grade_bands, list | tuple) and band in grade_bands]
    return ", ".join(catalogue.gettext(GRADES[band]) for band in known)


def lower_first(words: str) -> str:
    return words[:1].lower() + words[1:]


def keep_percents(words: str) -> str:
    """'10 %' never breaks over two lines."""
    return words.replace(" %", f"{NARROW_NO_BREAK_SPACE}%")


def _band(attribute: str, bands: Bands) -> Band | None:
    return CONTEXT[attribute].bands.get(bands.get(attribute, ""))
