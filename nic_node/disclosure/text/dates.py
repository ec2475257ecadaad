"""Dates as people write them, told apart from scores and fractions."""

import re
from collections import Counter
from collections.abc import Iterator

MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|se[p]?tiembre|octubre|noviembre|diciembre"
)
SHORT_MONTHS = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
MONTH = rf"(?:(?:{MONTHS})\b|{SHORT_MONTHS})"
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
YEAR = r"(?:(?:19|20)\d\d)"
WEEKDAY = (
    r"(?:(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?|lunes|martes|miercoles|jueves|viernes|sabado|"
    r"domingo)\.?,?\s+)?"
)

WEEKDAY_BEFORE = re.compile(rf"\b{WEEKDAY[:-1]}$", re.IGNORECASE)
WRITTEN = re.compile(
    rf"\b{WEEKDAY}{MONTH}\s+(?:the\s+)?{DAY}(?![\d%])(?:(?:\s*(?:-|to|and|&)\s*{DAY}(?![\d%]))?)(?:,?\s+{YEAR}\b)?"
    rf"|\b{WEEKDAY}{DAY}\s+(?:of\s+|de\s+)?{MONTH}(?:,?\s+(?:de[l]?\s+)?{YEAR}\b)?"
    rf"|\b{MONTH},?\s+(?:of\s+|de\s+|del\s+)?{YEAR}\b",
    re.IGNORECASE,
)
NUMERIC = re.compile(
    r"(?<![\d/.-])(?:"
    r"(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\2(?:(?:19|20)\d\d|'?\d\d)"
    r")(?![\d/]|[.-]\d)"
)
SHORT = re.compile(r"(?<![\d/.-])(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?![\d/%]|[.-]\d)")
PAIR = re.compile(r"(?<![\d/.-])(\d{1,3})/(\d{1,3})(?![\d/])")

BEFORE_DATE = re.compile(
    r"\b(?:on|by|since|until|till|after|before|due|dated|starting|beginning|began|started|ended|effective|dates?|"
    r"(?:week|wk|night|day|morning|minutes|notes|meeting|letter|e-?mail) of|as of|el|desde|hasta|through|thru|notes?|"
    r"agenda|minutes|meeting|mtgs?|log|visit|obs(?:ervation)?|drill|assembly|trip|appt|confs?|absent|sick|missed|called|texted|"
    r"e-?mailed|enrolled|withdrew|updated|revised|retest|calls?|conferences?|night|sessions?|class|workshop|training|"
    r"walkthrough|plc|pd|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|\w+day|between|d\.?o\.?b|birthday|born)\.?[:,]?\s*$",
    re.IGNORECASE,
)
AFTER_A_PAIR = re.compile(r"\d/\d{1,2},?\s*(?:and|&|to|-|,)\s*$")
BEFORE_A_PAIR = re.compile(r"^,?\s*(?:and|&|to|-|,)\s*\d{1,2}/\d{1,2}(?![\d/])")
OPENS = re.compile(r"[(\[,;-]\s*$")
AFTER_DATE = re.compile(
    r"^\s*(?:[-:)\]]|to \d|meeting|session|visit|observation|test|quiz|probe|call|conference|notes?|agenda|log|"
    r"absen|fire drill|drill|field trip|incident|email|was (?:a|the) (?:snow|fire)|fight|walkthrough)",
    re.IGNORECASE,
)
AFTER_SCORE = re.compile(
    r"^\s*(?:of\b|correct|right|points?|questions?|items?|problems?|words?|students?|teachers?|families|staff|kids|"
    r"scholars|learners|sessions|times|days|met|passed|mastered|on the (?:quiz|test|exit)|hour|cup|inch|mile|page|"
    r"access)",
    re.IGNORECASE,
)
BEFORE_SCORE = re.compile(
    r"\b(?:scored?|scores?|got|earned|gets|getting|received|rose|went|about|roughly|nearly|almost|over|only|mastery|"
    r"average|averaged|score of|a|is|was)\s*$",
    re.IGNORECASE,
)
FRACTIONS = frozenset(
    {(1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5), (2, 5), (3, 5), (4, 5), (1, 8), (3, 8), (5, 8), (7, 8), (1, 10)}
)


def find_dates(text: str) -> Iterator[tuple[int, int]]:
    """[start, end) of each date in a folded text."""
    for pattern in (WRITTEN, NUMERIC):
        for match in pattern.finditer(text):
            if not _is_may_the_verb(text, match):
                yield match.span()
    bottoms = Counter(bottom for _top, bottom in PAIR.findall(text))
    for match in SHORT.finditer(text):
        if _is_short_date(text, match, is_repeated=bottoms[match.group(2)] > 1):
            weekday = WEEKDAY_BEFORE.search(text, 0, match.start())
            yield (weekday or match).start(), match.end()


def _is_may_the_verb(text: str, match: re.Match[str]) -> bool:
    """'may 3 students', 'march 2 by 2': a month in lower case before a bare number."""
    return re.match(r"(?:may|mar|march)\b", match.group()) is not None and not re.search(YEAR, match.group())


def _is_short_date(text: str, match: re.Match[str], *, is_repeated: bool) -> bool:
    """'On 2/11' is a date, '14/15' and '3/4 of the group' are not: told by what stands around it.

    `is_repeated`: the text has several pairs over the same number, as scores do ('9/15, 14/15').
    """
    before, after = text[max(match.start() - 24, 0) : match.start()], text[match.end() : match.end() + 24]
    if AFTER_SCORE.search(after) or BEFORE_SCORE.search(before):
        return False
    if BEFORE_DATE.search(before):
        return True
    if is_repeated:
        return False
    if OPENS.search(before) or AFTER_DATE.search(after):
        return True
    is_fraction = (int(match.group(1)), int(match.group(2))) in FRACTIONS
    is_of_two = AFTER_A_PAIR.search(before) or BEFORE_A_PAIR.search(after)
    return not is_fraction and (bool(is_of_two) or not re.search(r"[a-z]\s*$", before))
