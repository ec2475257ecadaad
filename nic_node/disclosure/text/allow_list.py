"""What capitals may mean besides a person: words, weekdays, languages, acronyms, programmes.

The lists lie in `words/`: English and school words, words that have a capital anyway, words that are names too, and
a starter list of programmes. A network adds programmes of its own by its policy.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

from nic_node.disclosure.text.folding import fold
from nic_node.disclosure.text.tokens import Token, name_key, tokenise

ENDINGS = (
    ("ies", ("y",)), ("es", ("", "e")), ("s", ("",)), ("ied", ("y",)), ("ed", ("", "e")), ("ing", ("", "e")),
    ("ly", ("",)), ("ness", ("",)), ("able", ("", "e")), ("ful", ("",)), ("less", ("",)), ("ment", ("",)),
)  # fmt: skip
PREFIXES = ("un", "re", "non", "pre", "mis", "over", "co", "multi", "sub", "inter")
WORD_LISTS = ("english.txt", "school.txt", "spanish.txt")
LEAST_STEM = 3
PHRASE_GLUE = frozenset(" -&+./'")  # what may stand between the words of one programme's name


@dataclass(frozen=True)
class AllowList:
    """words: lower case; capitals: as written; names: words that name people too; phrases: by their first word."""

    words: frozenset[str]
    capitals: frozenset[str]
    names: frozenset[str]
    programmes: frozenset[str]
    phrases: dict[str, tuple[tuple[str, ...], ...]]
    literals: frozenset[str]

    def is_word(self, word: str) -> bool:
        """Whether a word is plain English (or opens a Spanish sentence), inflected or not."""
        lower = name_key(word)
        return self._is_inflected(lower) or any(
            lower.startswith(prefix)
            and len(lower) - len(prefix) > LEAST_STEM
            and self._is_inflected(lower[len(prefix) :])
            for prefix in PREFIXES
        )

    def _is_inflected(self, lower: str) -> bool:
        return lower in self.words or any(
            base in self.words or any(deeper in self.words for deeper in bases(base)) for base in bases(lower)
        )

    def is_capital(self, word: str) -> bool:
        """Whether a word has its capital for another reason than naming a person, a place or a school."""
        plain = word.removesuffix("'s").rstrip("'")
        key = name_key(word)
        single = plain.removesuffix("s")  # 'Grades', 'Walls'; not 'Frances'
        plural = single in self.capitals and (key not in self.names or single.lower() in self.words)
        return plain in self.capitals or key in self.programmes or plural

    def phrase_at(self, text: str, tokens: Sequence[Token], index: int) -> int:
        """How many words the longest programme name of several words has that begins at a token; 0 for none."""
        longest = 0
        for phrase in self.phrases.get(tokens[index].stem, ()) if tokens[index].capital else ():
            found = tokens[index : index + len(phrase)]
            if len(phrase) > longest and tuple(token.stem for token in found) == phrase and _are_glued(text, found):
                longest = len(phrase)
        return longest


def bases(word: str) -> Iterator[str]:
    """The words that this one may be an inflected form of."""
    for ending, replacements in ENDINGS:
        stem = word[: -len(ending)]
        if not word.endswith(ending) or len(stem) < LEAST_STEM:
            continue
        for replacement in replacements:
            yield stem + replacement
        if stem[-1] == stem[-2]:
            yield stem[:-1]


def build_allow_list(programmes: Iterable[str] = ()) -> AllowList:
    """The bundled lists and a network's own programmes, compiled; reads the package's own files."""
    capitals = _words("capitals.txt")
    hyphenated = [word for word in capitals if "-" in word]  # 'Post-it' is two tokens
    entries = [*hyphenated, *(fold(entry).text for entry in (*_lines("programmes.txt"), *programmes))]
    phrases: dict[str, list[tuple[str, ...]]] = {}
    singles = set()
    for entry in entries:
        keys = tuple(token.stem for token in tokenise(entry))
        if len(keys) == 1:
            singles.add(keys[0])
        elif keys:
            phrases.setdefault(keys[0], []).append(keys)
    return AllowList(
        words=frozenset(word for name in WORD_LISTS for word in _words(name)),
        capitals=frozenset(capitals),
        names=frozenset(_words("names.txt")),
        programmes=frozenset(singles),
        phrases={first: tuple(found) for first, found in phrases.items()},
        literals=frozenset(entry.lower() for entry in entries),
    )


def _are_glued(text: str, tokens: Sequence[Token]) -> bool:
    return all(set(text[left.end : right.start]) <= PHRASE_GLUE for left, right in pairwise(tokens))


def _lines(name: str) -> list[str]:
    content = files(__package__).joinpath("words", name).read_text(encoding="utf-8")
    return [line for line in content.splitlines() if line and not line.startswith("#")]


def _words(name: str) -> list[str]:
    return [fold(word).text for line in _lines(name) for word in line.split()]
