"""What a record says, as the words that an index holds."""

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, get_ident
from types import SimpleNamespace

import pytest
import Stemmer
from hypothesis import example, given, settings
from hypothesis import strategies as st
from snowballstemmer.english_stemmer import EnglishStemmer

from nic_node.mirror import words
from nic_node.mirror.words import LONGEST_WORD, STOP_WORDS, index_text, plain_words, stem_words

WORDS = Path(__file__).parents[3] / "nic_node/disclosure/text/words/school.txt"

CASES = {
    "Calling the families": ["call", "famili"],
    "AN ÉCOLE, naïve; Straße": ["ecol", "naiv", "strass"],
    "9th-grade 2.5%": ["9th", "grade", "2", "5"],
    "snake_case don't": ["snake", "case", "don", "t"],
    "北京 ﬁne": ["北京", "fine"],
    "𝐂𝐚𝐥𝐥𝐬": ["call"],
    "𝐂𝐚𝐥𝐥𝐬 北京": ["Call", "北京"],  # it keeps its case there: see `plain_words`
    "   \n\t": [],
    "the of to": [],
}


@pytest.mark.parametrize("text", CASES)
def test_words_are_stems_without_accents_case_and_signs(text: str) -> None:
    assert stem_words(text) == CASES[text]


def test_stems_are_those_of_snowball_in_python() -> None:
    """Written by the same project from the same source; a record is forgotten by the words that it was indexed by."""
    lines = [line for line in WORDS.read_text().splitlines() if not line.startswith("#")]
    plain = [word for word in " ".join(lines).lower().split() if word.isascii() and word.isalpha()]
    words = [word + end for word in plain for end in ("", "s", "ing", "ness", "ational")]
    assert stem_words(" ".join(words)) == [EnglishStemmer().stemWord(w) for w in words if w not in STOP_WORDS]


def test_no_stemmer_is_used_by_two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """As its library asks: it keeps the word in hand in itself."""
    used: set[tuple[int, int]] = set()
    together = Barrier(4)

    class Watched:
        def __init__(self, language: str, cached: int) -> None:
            self._inner = Stemmer.Stemmer(language, cached)

        def stemWord(self, word: str) -> str:  # noqa: N802 - the library's name
            used.add((id(self), get_ident()))
            together.wait(timeout=60)
            return str(self._inner.stemWord(word))

    monkeypatch.setattr(words, "Stemmer", SimpleNamespace(Stemmer=Watched))
    with ThreadPoolExecutor(together.parties) as threads:
        stems = list(threads.map(stem_words, unseen := ["zebrafinches", "quaggafoals", "okapicalves", "tapirlings"]))
    assert stems == [[EnglishStemmer().stemWord(word)] for word in unseen]
    assert len(used) == len({stemmer for stemmer, _ in used}) == len({thread for _, thread in used}) == together.parties


SCRIPTS = st.text(st.sampled_from("aZ9 -_'éÉçßﬁ½²’—…Ｗ北京ȺꭰᎠ\u0301\u0130\u00a0\n") | st.characters(), max_size=12)


@settings(deadline=None, max_examples=300)
@given(SCRIPTS)
@example("𝐀")
@example("𝐀北")
@example("Ϲ")
def test_words_of_any_script_are_its_letters_without_accents_and_case(text: str) -> None:
    """But for case of letters that are capitals only once taken apart: beside another script these keep it."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in folded if not unicodedata.combining(c)).casefold()
    assert [word.casefold() for word in plain_words(text)] == re.findall(r"[^\W_]+", letters)


def test_no_word_is_longer_than_an_index_takes() -> None:
    assert [len(word) for word in stem_words("b" * 5000)] == [LONGEST_WORD]


def test_everything_that_people_wrote_is_indexed_and_nothing_else() -> None:
    payload = {
        "title": "Titles",
        "problem": {"category": "chronic-absence", "statement": "statements", "label": "labels"},
        "idea": {"category": "other", "summary": "summaries", "label": "ideas"},
        "steps": [{"does": "doing", "who": "principal"}, {"does": "again"}],
        "adaptable": [{"what": "hours"}],
        "materials": [{"kind": "letter", "title": "letters", "text": "dear"}],
        "conditions": "conditions",
        "lessons": {"worked": "worked", "would_change": "changed", "watch_out": "watched"},
        "changed": [{"what": "days", "why": "reasons"}, {"what": "weeks"}],
        "rung": "described",
        "decision": "adopt",
    }
    title, rest = index_text("practice", payload)
    assert title == "titl"
    assert rest.split() == stem_words(
        "statements labels summaries ideas doing again hours letters dear conditions worked changed watched days"
        " reasons weeks"
    )
    assert index_text("question", {"text": "Who calls?"}) == ("", "call")
    assert index_text("flag", {"code": "duplicate"}) == ("", "")
