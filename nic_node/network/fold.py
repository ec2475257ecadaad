"""Text as it is sorted and searched: without case, accents and doubled spaces, computed by us for both databases."""

import re
import unicodedata


def fold(text: str) -> str:
    """'Peñasco  HIGH' -> 'penasco high'."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def words_of_name(text: str) -> frozenset[str]:
    """The words of a name, without punctuation: what two spellings of one school share."""
    return frozenset(re.findall(r"\w+", fold(text)))
