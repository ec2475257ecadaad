from gettext import NullTranslations

from nic_node.evidence.sentence import Sentence


class Shouting(NullTranslations):
    def gettext(self, message):
        return message.upper().replace("{NAME}", "{name}").replace("{PLACE}", "{place}")

    def ngettext(self, one, many, n):
        return (one if n == 1 else many).replace("result", "RESULT")


def test_a_sentence_is_english_until_it_is_translated():
    sentence = Sentence("both {place}", {"place": Sentence("rural")})
    assert str(sentence) == "both rural"
    assert sentence.said(Shouting()) == "BOTH RURAL"


def test_a_count_chooses_the_form():
    def told(count):
        return Sentence("{count} result", plural="{count} results", count=count)

    assert [told(count).said() for count in (0, 1, 2)] == ["0 results", "1 result", "2 results"]
    assert told(2).said(Shouting()) == "2 RESULTs"
