"""Whether a word that is also a name ('Mark', 'Will', 'May') is used as the word where it stands."""

from collections.abc import Sequence

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
        "what", "whether", "how",
    }
)  # fmt: skip


def is_used_as_word(text: str, tokens: Sequence[Token], index: int) -> bool:
    """For a capitalised word at a token: 'May testing', 'Mark the answers', 'Will students' are no names."""
    token = tokens[index]
    before = tokens[index - 1].lower if index else ""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    adjacent = following is not None and not text[token.end : following.start].strip()
    after = following.lower if following is not None and adjacent else ""
    if token.stem in CALENDAR and (before in BEFORE_CALENDAR or after in AFTER_CALENDAR):
        return True
    return token.starts and after in AFTER_A_VERB and following is not None and not following.capital
