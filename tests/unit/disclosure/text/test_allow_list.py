import pytest

from nic_node.disclosure.text.allow_list import build_allow_list
from nic_node.disclosure.text.tokens import tokenise
from tests.unit.disclosure.projects import ALLOW_LIST


@pytest.mark.parametrize(
    "word", ["students", "Referrals", "probing", "weekly", "carried", "stopped", "rubrics", "semanas"]
)
def test_plain_words_and_their_forms(word):
    assert ALLOW_LIST.is_word(word)


@pytest.mark.parametrize("word", ["Vang", "Uchenna", "Nacho", "Xiu", "Teo"])
def test_names_are_no_words(word):
    assert not ALLOW_LIST.is_word(word)


@pytest.mark.parametrize("word", ["Monday", "Mondays", "Hmong", "IEPs", "Desmos", "Bloom's", "NWEA"])
def test_capitals_with_another_reason(word):
    assert ALLOW_LIST.is_capital(word)


def length(text, allow=ALLOW_LIST):
    tokens = tokenise(text)
    return allow.phrase_at(text, tokens, 0)


def test_programme_names_of_several_words():
    assert length("Saxon Math is old") == 2
    assert length("Wilson Reading System helped") == 3
    assert length("Fountas & Pinnell levels") == 2
    assert length("Orton-Gillingham cards") == 2
    assert length("saxon math") == 0
    assert length("Saxon, Math") == 0


def test_a_network_adds_its_own():
    allow = build_allow_list(["Beacon Hour", "Zumbrotta"])
    assert length("Beacon Hour ran daily", allow) == 2
    assert allow.is_capital("Zumbrotta")
    assert length("Beacon Hour ran daily") == 0
