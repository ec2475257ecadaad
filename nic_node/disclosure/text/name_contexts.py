"""What stands around a word with a capital and tells that it names somebody, though it is a word too."""

from collections.abc import Sequence

from nic_node.disclosure.text.allow_list import AllowList
from nic_node.disclosure.text.name_words import NEVER_AN_INITIAL, PARTICLES, PLACE_WORDS
from nic_node.disclosure.text.tokens import Token, is_stopped_initial
from nic_node.disclosure.text.usage import ONLY_PERSONS, does_what_people_do, word_after

RELATIVES = frozenset(
    {
        "mom", "mother", "dad", "father", "parent", "parents", "aunt", "uncle", "grandma", "grandmother", "grandpa",
        "grandfather", "abuela", "abuelo", "brother", "brothers", "sister", "sisters", "cousin", "stepdad", "stepmom",
        "stepfather", "stepmother", "guardian", "nanny", "tutor", "twin", "mama", "tia", "tio",
    }
)  # fmt: skip
HOUSEHOLDS = frozenset({"family", "families", "household", "kids", "siblings", "twins", "brothers", "sisters"})
TO_SOMEBODY = frozenset(
    {"ask", "asked", "hug", "hugged", "invite", "invited", "remind", "reminded", "tell", "thank", "thanked", "told"}
)
# A letter after one of these is its name, and the stop ends the sentence: 'We changed group B. Students liked it.'
LETTERED = frozenset(
    {
        "answer", "block", "building", "choice", "class", "cohort", "column", "condition", "day", "form", "grade",
        "group", "level", "list", "option", "part", "period", "phase", "plan", "room", "row", "section", "set", "step",
        "table", "team", "tier", "track", "type", "unit", "version", "vitamin", "week",
    }
)  # fmt: skip
HIS_OR_HER = frozenset({"his", "her", "himself", "herself"})
NEAR = 5  # tokens
# What is taught with: a capitalised word right before it is the thing's name ('Barton lessons'); after a person's name
# one writes a possessive. Words that are verbs too ('Diego tests well') are not here.
TEACHING_THINGS = frozenset(
    {
        "app", "apps", "assessment", "assessments", "curriculum", "diagram", "diagrams", "effect", "flashcards",
        "framework", "inventory", "kit", "kits", "lesson", "lessons", "manipulatives", "matrix", "method", "methods",
        "module", "modules", "novel", "novels", "passages", "platform", "poem", "poems", "probes", "projector",
        "protocol", "protocols", "quizzes", "rubric", "rubrics", "software", "subscription", "taxonomy", "textbook",
        "textbooks", "theorem", "workbook", "workbooks", "worksheet", "worksheets",
    }
)  # fmt: skip

ACTIVITIES = frozenset(
    {
        "board", "box", "challenge", "chant", "dance", "dash", "fair", "game", "hunt", "jar", "job", "marathon",
        "match", "menu", "party", "play", "puzzle", "quest", "race", "raffle", "relay", "show", "sing", "song",
        "sort", "spinner", "sprint", "store", "swap", "toss", "tournament", "walk", "wheel",
    }
)  # fmt: skip
NEVER_IN_A_NAME = frozenset({"not", "no", "do", "it", "is", "with", "or"})

# What one learns about, after an article: 'The Iditarod unit', 'a Wilcoxon test', where no person can stand.
LEARNT_ABOUT = frozenset(
    {
        "dynasty", "empire", "expedition", "legend", "legends", "myth", "myths", "stories", "story", "tale", "tales",
        "test", "tests", "theme", "themes", "treaty", "tribe", "tribes", "unit", "units",
    }
)  # fmt: skip
ARTICLES = frozenset({"a", "an", "the"})


def acts(text: str, tokens: Sequence[Token], index: int, allow: AllowList) -> bool:
    """Whether a sentence's first word does what a person does, or a name follows it: 'Maria de los Santos'."""
    gap, following = _gap_after(text, tokens, index), index + 1
    while gap == " " and tokens[following].stem in PARTICLES:
        gap, following = _gap_after(text, tokens, following), following + 1
    if gap == " " and tokens[following].capital and tokens[following].stem != "i":
        return True
    if gap in {"-", ", ", "/"} and tokens[following].capital:  # 'Hans-Peter', 'Amos, Esther and Ruth'
        return not (allow.is_capital(tokens[following].text) or allow.is_word(tokens[following].text))
    return does_what_people_do(text, tokens, index)


def is_name_for_certain(text: str, tokens: Sequence[Token], index: int, allow: AllowList) -> bool:
    """'Summer missed the packet', 'May lost her place', "April's mom", 'told June', 'by T. White'."""
    token = tokens[index]
    if token.text.isupper():
        return False
    return _follows_an_initial(text, tokens, index) or (
        token.stem in allow.names
        and (
            _is_told_or_related(text, tokens, index)
            or (token.starts and allow.is_capital(token.text) and _lives(text, tokens, index))
        )
    )


def _is_told_or_related(text: str, tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.text.endswith("'s"):
        return _gap_after(text, tokens, index) == " " and tokens[index + 1].lower in RELATIVES
    return index > 0 and tokens[index - 1].lower in TO_SOMEBODY and _gap_after(text, tokens, index - 1) == " "


def _lives(text: str, tokens: Sequence[Token], index: int) -> bool:
    """What no subject, season or country does, or does with his or her own."""
    near = {other.lower for other in tokens[index + 1 : index + 1 + NEAR]}
    owns = bool(near & HIS_OR_HER) and does_what_people_do(text, tokens, index)
    return owns or word_after(text, tokens, index) in ONLY_PERSONS


def heads_a_household(text: str, tokens: Sequence[Token], index: int) -> bool:
    """'the Battle family', 'the Best twins'."""
    return _gap_after(text, tokens, index) == " " and tokens[index + 1].lower in HOUSEHOLDS


def names_a_thing(text: str, tokens: Sequence[Token], index: int, allow: AllowList) -> bool:
    """'Barton lessons', 'the Marshall rubric', 'Ridgeway Phonics lessons', 'the Iditarod unit'."""
    if tokens[index].text.endswith(("'s", "'")) or _gap_after(text, tokens, index) != " ":
        return False
    thing = index + 1
    while tokens[thing].capital and allow.is_capital(tokens[thing].text) and _gap_after(text, tokens, thing) == " ":
        thing += 1
    after_article = index > 0 and tokens[index - 1].lower in ARTICLES
    return tokens[thing].text in TEACHING_THINGS or (after_article and tokens[thing].text in LEARNT_ABOUT)


def names_an_activity(text: str, tokens: Sequence[Token], index: int, allow: AllowList) -> bool:
    """Whether the words with a capital around this one, all plain, end as what a class does ends: 'Exit Slips'."""
    first, last = index, index + 1
    while first > 0 and _is_plain_capital(tokens[first - 1], allow) and _gap_after(text, tokens, first - 1) == " ":
        first -= 1
        if index - first > NEAR:
            return False
    while last < len(tokens) and _is_plain_capital(tokens[last], allow) and _gap_after(text, tokens, last - 1) == " ":
        last += 1
        if last - index > NEAR:
            return False
    stems = [token.lower for token in tokens[first:last]]
    end = tokens[last - 1].lower
    plural = end.endswith("s") and not end.endswith(("ss", "us", "is")) and end not in allow.names | PLACE_WORDS
    named = any(stem in allow.names for stem in stems)
    return not named and last - first > 1 and (plural or end in ACTIVITIES or not NEVER_IN_A_NAME.isdisjoint(stems))


def _is_plain_capital(token: Token, allow: AllowList) -> bool:
    return token.capital and (allow.is_word(token.text) or allow.is_capital(token.text))


def _follows_an_initial(text: str, tokens: Sequence[Token], index: int) -> bool:
    """'Notes by T. Ball': an initial in the middle of a sentence, and no letter that names a group or a grade."""
    if index < 2 or text[tokens[index - 1].end : tokens[index].start] != ". ":
        return False
    initial, before = tokens[index - 1], tokens[index - 2]
    alone = text[initial.start - 1] in " (" and is_stopped_initial(text, initial)
    named = alone and initial.text not in NEVER_AN_INITIAL and not initial.starts
    return named and before.lower not in LETTERED and not tokens[index].text.isupper()


def _gap_after(text: str, tokens: Sequence[Token], index: int) -> str:
    return text[tokens[index].end : tokens[index + 1].start] if index + 1 < len(tokens) else ""
