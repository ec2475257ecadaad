"""Whether a word that is also a name ('Mark', 'Will', 'May') is used as the word where it stands."""

import re
from collections.abc import Mapping, Sequence

from nic_node.disclosure.text.tokens import Token

CALENDAR = frozenset(
    {
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
        "november", "december", "spring", "summer", "autumn", "fall", "winter", "monday", "tuesday", "wednesday",
        "thursday", "friday", "saturday", "sunday",
    }
)  # fmt: skip
BEFORE_CALENDAR = frozenset(
    {
        "in", "by", "since", "until", "till", "of", "during", "last", "next", "this", "early", "late", "mid",
        "every", "each", "before", "after", "through", "from", "between", "to", "for", "our", "the", "end",
        "beginning", "start",
    }
)  # fmt: skip
AFTER_CALENDAR = frozenset(
    {
        "testing", "break", "school", "term", "semester", "conference", "conferences", "results", "data",
        "benchmark", "benchmarks", "session", "sessions", "meeting", "meetings", "screening", "assessment",
        "assessments", "window", "reading", "camp", "bridge", "program", "slide", "quarter", "probe",
        "probes",
    }
)  # fmt: skip
AFTER_A_VERB = frozenset(
    {
        "the", "a", "an", "our", "your", "their", "his", "its", "my", "each", "every", "all", "any", "this", "that",
        "these", "those", "some", "both", "one", "two", "three", "four", "five", "it", "they", "we", "you", "i",
        "he", "she", "there", "students", "teachers", "families", "staff", "everyone", "anyone", "us", "them", "of",
        "what", "whether", "how", "everybody", "anybody", "somebody", "someone", "nobody", "another", "more", "parents",
        "kids",
    }
)  # fmt: skip
# Words that have a capital every day in a school, and are somebody's surname now and then.
EVERYDAY_CAPITALS = frozenset(
    {
        "english", "french", "german", "spanish", "irish", "welsh", "polish", "reading", "writing", "music", "science",
        "history", "band", "day", "week", "grade", "unit", "level", "title", "step", "term", "school", "home", "page",
        "block", "hall", "house", "field", "park",
    }
)  # fmt: skip
SUBJECTS = frozenset(
    {
        "art", "band", "choir", "civics", "drama", "economics", "ela", "english", "gym", "health", "history", "library",
        "math", "music", "orchestra", "pe", "reading", "science", "spanish", "stem", "theater", "writing",
    }
)  # fmt: skip
LANGUAGES = frozenset(  # 'in Spanish and Karen'
    {
        "amharic", "arabic", "burmese", "chinese", "dari", "english", "french", "haitian", "hmong", "karen", "korean",
        "mam", "mandarin", "nepali", "oromo", "pashto", "portuguese", "russian", "somali", "spanish", "swahili",
        "tagalog", "tigrinya", "ukrainian", "urdu", "vietnamese",
    }
)  # fmt: skip
COLORS = frozenset(
    {
        "red", "blue", "green", "white", "black", "brown", "gray", "grey", "gold", "golden", "silver", "rose", "violet",
        "ruby", "amber", "scarlet", "ivory", "jade", "coral", "olive", "purple", "orange", "yellow", "pink",
    }
)  # fmt: skip
COLORED = frozenset(
    {
        "card", "cards", "cohort", "day", "days", "folder", "folders", "group", "groups", "house", "level", "room",
        "table", "tables", "team", "teams", "zone",
    }
)  # fmt: skip
SUBJECT_GLUE = frozenset({", ", "/", " and ", " or ", " & ", ", and ", ", or "})
PEOPLES = frozenset({"black", "white", "brown", "native"})
AFTER_A_PEOPLE = frozenset(
    {
        "and", "or", "students", "student", "families", "family", "boys", "girls", "children", "teachers", "staff",
        "youth", "learners", "men", "women", "community", "communities", "parents",
    }
)  # fmt: skip
PERSON_VERBS = frozenset(
    {
        "also", "always", "arrives", "asked", "asks", "ate", "became", "began", "bought", "brought", "built", "came",
        "can", "can't", "cannot", "caught", "chose", "comes", "could", "couldn't", "did", "didn't", "does", "doesn't",
        "draws", "drew", "enjoys", "explains", "feels", "fell", "felt", "finished", "finishes", "forgets", "forgot",
        "fought", "found", "gave", "gets", "gives", "goes", "got", "grew", "had", "has", "hasn't", "heard", "held",
        "helped", "helps", "hid", "hopes", "is", "isn't", "joined", "keeps", "kept", "knew", "knows", "leads", "learns",
        "led", "left", "let", "likes", "listens", "lives", "lost", "loves", "made", "makes", "met", "might", "missed",
        "misses", "moved", "must", "needs", "never", "paid", "plays", "prefers", "put", "ran", "read", "reads",
        "refuses", "rode", "runs", "said", "sang", "sat", "says", "seems", "sent", "should", "sits", "slept", "speaks",
        "spent", "spoke", "started", "starts", "stays", "still", "stood", "struggles", "takes", "taught", "rose",
        "tells",
        "thinks", "thought", "threw", "told", "took", "tries", "understands", "understood", "uses", "walks", "wanted",
        "wants", "was", "wasn't", "went", "will", "woke", "won", "won't", "worked", "works", "would", "writes", "wrote",
    }
)  # fmt: skip
# Between a name and what it does: 'Grace even smiled', 'Will quickly read'.
ADVERBS = frozenset(
    {
        "already", "almost", "both", "even", "just", "mostly", "now", "often", "once", "rarely", "really", "simply",
        "sometimes", "soon", "then", "usually",
    }
)  # fmt: skip
ONLY_PERSONS = frozenset(  # what no season and no subject does
    {
        "asked", "asks", "ate", "cried", "forgets", "forgot", "hugged", "laughed", "listens", "likes", "loves",
        "missed", "misses", "read", "reads", "refused", "refuses", "said", "sat", "says", "sits", "slept", "smiled",
        "spoke", "thinks", "thought", "threw", "told", "wanted", "wants", "wrote", "whispered", "yelled",
    }
)  # fmt: skip
# What words that are names too begin: 'Grace periods', 'Grant writing'.
BEGINS: Mapping[str, frozenset[str]] = {
    "grace": frozenset({"period", "periods"}),
    "grant": frozenset({"writing", "writer", "money", "funds", "funding", "application", "applications", "proposal"}),
    "rich": frozenset({"discussion", "discussions", "text", "texts", "task", "tasks", "talk", "problems", "language"}),
    "hunter": frozenset({"green"}),
    "art": frozenset({"class", "classes", "room", "supplies", "project", "projects", "show", "work"}),
    "page": frozenset({"numbers", "limits"}),
    "rose": frozenset({"bud", "thorn"}),
    "joy": frozenset({"of"}),
    "faith": frozenset({"community", "communities", "leaders", "groups"}),
    "hope": frozenset({"theory"}),
}


def is_used_as_word(text: str, tokens: Sequence[Token], index: int) -> bool:
    """For a capitalised word at a token: 'May testing', 'Mark the answers', 'Will students', 'Day 45' are no names."""
    token = tokens[index]
    before = tokens[index - 1].lower if index else ""
    after = word_after(text, tokens, index)
    if re.match(r"\s?\d", text[token.end : token.end + 2]) or after in BEGINS.get(token.stem, ()):
        return True
    if token.stem in CALENDAR and (before in BEFORE_CALENDAR or after in AFTER_CALENDAR):
        return True
    if is_listed_with(text, tokens, index, SUBJECTS) or is_color_of_a_group(text, tokens, index):
        return True
    if token.stem in PEOPLES:
        return after in AFTER_A_PEOPLE
    if token.stem in EVERYDAY_CAPITALS and not token.text.endswith("'s"):
        return after == "and" or not does_what_people_do(text, tokens, index)
    return token.starts and after in AFTER_A_VERB


def is_listed_with(text: str, tokens: Sequence[Token], index: int, kind: frozenset[str]) -> bool:
    """Whether a word is one of a kind, and another of it stands in the same list: 'Art, Music and PE'."""
    if tokens[index].stem not in kind:
        return False
    for other in (index - 2, index - 1, index + 1, index + 2):
        left, right = sorted((index, other))
        named = 0 <= other < len(tokens) and tokens[other].stem in kind - {tokens[index].stem}
        if named and text[tokens[left].end : tokens[right].start] in SUBJECT_GLUE:
            return True
    return False


def is_color_of_a_group(text: str, tokens: Sequence[Token], index: int) -> bool:
    """'Group Red', 'the Violet Table'."""
    before = tokens[index - 1].lower if index and text[tokens[index - 1].end : tokens[index].start] == " " else ""
    after = (
        tokens[index + 1].lower
        if text[tokens[index].end : tokens[index].end + 1] == " " and tokens[index + 1 :]
        else ""
    )
    return tokens[index].stem in COLORS and not COLORED.isdisjoint({before, after})


def does_what_people_do(text: str, tokens: Sequence[Token], index: int) -> bool:
    """Whether the word after a token is what a person does: 'Faith lost her place', 'Mark smiled'."""
    after = word_after(text, tokens, index)
    if after == "and":  # 'Hope and her partner', 'Rose and April'; not 'Joy and curiosity'
        following = tokens[index + 2 : index + 3]
        return any(token.capital or token.lower in AFTER_A_VERB for token in following)
    if after in ADVERBS or after.endswith("ly"):
        after = word_after(text, tokens, index + 1)
    return after in PERSON_VERBS or after.endswith("ed")


def word_after(text: str, tokens: Sequence[Token], index: int) -> str:
    """The next word, if it stands in lower case right after a space or comma."""
    if index + 1 >= len(tokens) or text[tokens[index].end : tokens[index + 1].start] not in {" ", ", "}:
        return ""
    following = tokens[index + 1]
    return "" if following.capital else following.lower
