import pytest

from nic_node.disclosure.text.folding import fold


def test_plain_text_stays_as_it_is():
    folded = fold("Ana read.")
    assert folded.text == "Ana read."
    assert folded.span(0, 3) == (0, 3)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Siobhán", "Siobhan"),
        ("Siobha\u0301n", "Siobhan"),  # combining acute
        ("Ｍａｒｉ", "Mari"),  # full width
        ("Mari\u00adsol", "Marisol"),  # soft hyphen
        ("Ma\u200dri", "Mari"),  # zero-width joiner
        ("М\u0430ri", "Mari"),  # Cyrillic M and a
        ("Øystein Łucja", "Oystein Lucja"),
        ("D’Andre “Dre”", 'D\'Andre "Dre"'),
        ("Li–Na", "Li-Na"),
        ("a\u202eb", "ab"),  # right-to-left override
        ("one\r\ntwo\u2028three", "one\n\ntwo\nthree"),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_what_looks_alike_is_folded_alike(written, folded):
    assert fold(written).text == folded


def test_a_span_is_told_in_code_points_of_the_input():
    text = "to Mari\u00adsol\u0301 now"
    folded = fold(text)
    start = folded.text.index("Marisol")
    assert text[slice(*folded.span(start, start + 7))] == "Mari\u00adsol\u0301"


def test_a_ligature_has_one_place():
    folded = fold("ﬁt")
    assert folded.text == "fit"
    assert folded.span(0, 1) == folded.span(0, 2) == (0, 1)
    assert folded.span(2, 3) == (1, 2)
