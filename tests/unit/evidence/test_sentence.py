from gettext import NullTranslations

from nic_node.evidence.sentence import Sentence


class Shouting(NullTranslations):
    def gettext(self, message):
        return message.upper().replace("{NAME}", "{name}").replace("{PLACE}", "{place}")


def test_a_sentence_is_english_until_it_is_translated():
    sentence = Sentence("both {place}", {"place": Sentence("rural")})
    assert str(sentence) == "both rural"
    assert sentence.said(Shouting()) == "BOTH RURAL"
