"""What gives a person away by its shape alone: e-mail, link, phone, number, room, address, date."""

import re
from collections.abc import Iterator

from federation.rules_text import EMAIL, PHONE, URL
from nic_node.disclosure.text.dates import find_dates
from nic_node.disclosure.text.marks import Mark, MarkType

TOP_DOMAINS = "com|org|net|edu|gov|us|io|co|ly|app|info|me|school|schools|tv|biz|be|gl|gle|mx|ca|uk|de|es"
BARE_URL = re.compile(
    rf"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{TOP_DOMAINS})\b(?:/[^\s<>\"]*)?(?!\.?\w)", re.IGNORECASE
)
HANDLE = re.compile(r"(?<![\w@])@[A-Za-z_]\w{2,}")
LOCAL_PHONE = re.compile(
    r"(?<![\w.,$/-])\d{3}[-.]\d{4}(?![\w%/-]|\.\d)|(?<=\bext\.\s)\d{2,5}\b|(?<=\bext\s)\d{2,5}\b|\bx\d{3,5}\b"
)
EXTENSION = re.compile(r",?\s*(?:ext(?:ension)?\.?|x)\s*#?\d{1,6}\b", re.IGNORECASE)
PHONE_DIGITS = re.compile(r"(?<![\w.,$-])(?:1[ .-]?)?\d{10}(?![\w%-])")

ID_NUMBER = re.compile(
    r"(?<![\w.,$/:-])#?\d{3}[- ]\d{2}[- ]\d{4}\b|(?<![\w.,$/:-])\d{3,4}[- ]\d{3,4}[- ]\d{4}(?![\w%-])|"
    r"(?<![\w.,$/:-])#\s?\d{3,}\b|(?<![\w.,$/:+-])\d{5,}(?![\w%]|[.,:/-]\d)"
)
ID_NAMED = re.compile(
    r"\b(?:id|ids|pin|ssn|sasid|ssid|suid|stu(?:dent)?\s*(?:no|num(?:ber)?|id|#)|code|passcode|password|pw|username|"
    r"user|login|badge|locker|case|file|record|account|acct|barcode|matricula|cps|medicaid|lunch\s*(?:no|number|pin|code)|"
    r"(?:student|staff|employee|state|meeting|class|access|join)\s*(?:id|code|number|no|pin))\b"
    r"\s*(?:#|no\.?|number|is|was|:|=|-)*\s*(?P<value>[A-Za-z0-9][\w-]*\d[\w-]*)",
    re.IGNORECASE,
)
ID_IN_GROUPS = re.compile(  # 'medical ID MA 4410 229 87': a number written in groups
    r"\b(?i:id|no\.|number|num|ssn|card|case|account|acct|policy|member|medicaid|passport|licen[sc]e|permit)\b"
    r"[ #:=-]{1,3}(?:(?:is|was)[ :]{1,2})?(?P<value>(?:[A-Z]{1,4}[ -])?\d{2,6}(?:[ -]\d{2,6}){1,4})(?![\w%/])"
)
LEAST_NAMED, LEAST_IN_GROUPS = 2, 6  # digits
SCHOOL_YEAR = re.compile(r"(?:19|20)\d\d[ -](?:20)?\d\d")
SECRET = re.compile(  # 'Acorn!2023'; 'password: tulip-dog'
    r"(?<![\w@#/.-])(?=[A-Za-z]{0,20}\d{0,8}[!@$])(?=[^\s/]{0,20}[A-Za-z])(?=[^\s/]{0,20}\d)"
    r"[A-Za-z\d]+[!@$][\w!@#$*?-]*\w"
    r"|\b(?i:password|passcode|passphrase|pwd|contrasena)\s?[:=]\s?(?P<value>[^\s\"',;]{4,40})"
)
BUS = re.compile(  # a bus with its number tells where somebody lives; 'by bus 3 times' does not
    r"\bbus(?:\s+(?:number|no\.?|route))?\s*#?\s?(?P<value>\d{1,4}[A-Z]?)(?![\w%/:-]|\.\d)"
    r"(?!\s*(?:minutes|mins?|students|kids|children|times|days|weeks|hours))",
    re.IGNORECASE,
)
ID_MIXED = re.compile(  # letters and digits in one word, with three digits or letters on both sides of them
    r"(?<![\w@#/.-])(?=[\d-]*[A-Za-z])(?=(?:[A-Za-z-]*\d){3}|[a-z]+\d+[a-z]+\d*[a-z]+)"
    r"[A-Za-z\d][A-Za-z\d-]{4,}[A-Za-z\d](?![\w@])"
)
NOT_AN_ID = re.compile(  # 45th, covid-19, grade-9, 3-week, core5
    r"(?:\d+(?:st|nd|rd|th|s|am|pm|min|mins|hrs?|pct|kg|cm|mm|ft|k|x)?|covid-?\d+|[a-z]+-\d{1,2}|\d{1,2}-[a-z-]+|"
    r"[a-z]{4,}\d)",
    re.IGNORECASE,
)

ROOM = re.compile(
    r"\b(?:(?:conference|meeting|resource|music|art|band|science|break|computer|media) )?"
    r"(?:room|rm|classroom|homeroom|portable|trailer|suite|salon|aula|annex|cubicle|office)\b\.?\s*(?:#|no\.?\s*)?"
    r"(?:[a-z]?-?\d{1,4}[a-z]?|(?-i:[A-Z]\d?))(?![\w%]|-\d)(?!\s*(?:minutes|students|weeks|days|%))",
    re.IGNORECASE,
)
STREET = (
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|ln|court|ct|place|pl|way|terrace|ter|circle|cir|"
    r"highway|hwy|parkway|pkwy|trail|trl|square|sq|loop|alley|calle|avenida|crescent|row|run|pike|heights)"
)
ADDRESS = re.compile(
    rf"\b\d{{1,5}}[A-Za-z]?\s+(?:(?:[NSEW]|NE|NW|SE|SW|North|South|East|West)\.?\s+)?"
    rf"(?:(?:[A-Z][\w']*|\d{{1,3}}(?:st|nd|rd|th))\s+){{1,3}}(?i:{STREET})\b\.?(?:\s+\d{{1,4}}\b)?(?:\s+(?:[NSEW]|NE|NW|SE|SW)\b\.?)?"
    r"(?:,?\s*(?:[Aa]pt|[Uu]nit|[Ss]uite|[Ss]te|#)\.?\s*#?\w+)?"
    r"|\b\d{1,5}\s+(?:[Cc]alle|[Aa]venida)\s+[A-Z]\w+|\b(?:[Cc]alle|[Aa]venida|[Aa]v\.)\s+(?:[A-Z]\w+\s+){1,3}\d{1,5}\b"
    r"|\b(?:[Rr]ural\s+)?(?:[Rr]oute|RR|Rte?\.?)\s+#?\d+,?\s+[Bb]ox\s+#?\d+|\b[Pp]\.?\s?[Oo]\.?\s+[Bb]ox\s+\d+|\b[Aa]p(?:t|artment)\.?\s+#?\d+\w?\b"
)
# Some kinds of street are words too: '2 Read Alouds each way', '5 Students run'.
NOT_A_STREET = re.compile(r"\d+\s+(?:[A-Z]\w*\s+)*(?:way|run|row|place|square|loop|drive|court|heights)")

SEPARATE: tuple[tuple[re.Pattern[str], MarkType, str], ...] = (
    (EMAIL, "EMAIL", "[email]"),
    (URL, "URL", "[link]"),
    (BARE_URL, "URL", "[link]"),
    (ADDRESS, "ADDRESS", "[place]"),
    (PHONE, "PHONE", "[phone]"),
    (PHONE_DIGITS, "PHONE", "[phone]"),
    (LOCAL_PHONE, "PHONE", "[phone]"),
    (ID_NUMBER, "ID", "[number]"),
    (ROOM, "ROOM", "[room]"),
    (HANDLE, "PERSON", "[person]"),
)  # fmt: skip


def find_patterns(text: str) -> Iterator[Mark]:
    """Every pattern in a folded text; marks may overlap, the scan keeps the longer."""
    for pattern, kind, replacement in SEPARATE:
        for match in pattern.finditer(text):
            if kind != "ADDRESS" or not NOT_A_STREET.fullmatch(match.group()):
                extension = EXTENSION.match(text, match.end()) if kind == "PHONE" else None
                yield _mark(match.start(), (extension or match).end(), kind, replacement)
    for start, end in _find_numbers(text):
        yield _mark(start, end, "ID", "[number]")
    for start, end in find_dates(text):
        yield _mark(start, end, "DATE", "[date]")


def _find_numbers(text: str) -> Iterator[tuple[int, int]]:
    """[start, end) of each number, code or password that stands for one person."""
    for pattern, least in ((ID_NAMED, LEAST_NAMED), (ID_IN_GROUPS, LEAST_IN_GROUPS), (BUS, 1)):
        for match in pattern.finditer(text):
            value = match.group("value")
            if sum(character.isdigit() for character in value) >= least and not SCHOOL_YEAR.fullmatch(value):
                yield match.span("value")
    for match in SECRET.finditer(text):
        yield match.span("value" if match.group("value") else 0)
    for match in ID_MIXED.finditer(text):
        if not NOT_AN_ID.fullmatch(match.group()):
            yield match.span()


def _mark(start: int, end: int, kind: MarkType, replacement: str) -> Mark:
    return Mark(start, end, kind, "info", "pattern", replacement)
