import pytest

from nic_node.disclosure.text.tokens import camel_parts, name_key, starts_sentence, tokenise


def test_words_keep_their_apostrophes_and_places():
    tokens = tokenise("D'Andre's 12 notes, K-8.")
    assert [(token.text, token.start, token.end) for token in tokens] == [
        ("D'Andre's", 0, 9),
        ("notes", 13, 18),
        ("K", 20, 21),
    ]
    assert tokens[0].stem == "dandre"
    assert [token.capital for token in tokens] == [True, False, True]


@pytest.mark.parametrize(
    ("word", "key"), [("Vang's", "vang"), ("O'Neill", "oneill"), ("Santos'", "santos"), ("YER", "yer")]
)
def test_names_are_compared_without_case_possessive_and_apostrophe(word, key):
    assert name_key(word) == key


@pytest.mark.parametrize(
    ("text", "word", "starts"),
    [
        ("Mark it.", "Mark", True),
        ("We met. Mark it.", "Mark", True),
        ("Then Mark left.", "Mark", False),
        ("Steps:\n- Mark it", "Mark", True),
        ("1. Mark it", "Mark", True),
        ("She said “Mark it”.".replace("“", '"'), "Mark", True),
        ("With Dr. Mark today", "Mark", False),
        ("Ask T. Mark today", "Mark", False),
        ("Read a-Mark", "Mark", False),
        ("so - Mark it", "Mark", True),
        ("   Mark it", "Mark", True),
    ],
)
def test_where_any_word_has_a_capital(text, word, starts):
    assert starts_sentence(text, text.index(word)) is starts


def test_words_run_together_come_apart():
    assert camel_parts("RiverbendReads") == ["Riverbend", "Reads"]
    assert camel_parts("plain") == ["plain"]
    assert camel_parts("王小明") == ["王小明"]
