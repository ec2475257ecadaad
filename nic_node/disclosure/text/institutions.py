"""Schools and districts by the shape of their names, on the roster or not."""

import re
from collections.abc import Iterator

from nic_node.disclosure.text.allow_list import AllowList
from nic_node.disclosure.text.marks import Mark

NAME = r"(?:(?:[A-Z][\w']{0,30}|[A-Z]\.|St\.|of|de|la|del)[ -]+){0,3}[A-Z][\w'.]{0,30}"  # bounded: so is the time
KIND_OF_SCHOOL = (
    r"(?:(?:Charter|Magnet|Community|Technical|Vocational|Alternative|Catholic|Lutheran|Christian|Day|Bilingual|STEM|"
    r"STEAM) )?(?:Elementary|Primary|Intermediate|Middle|Junior High|Junior-Senior High|Senior High|High|Montessori|"
    r"Preparatory|Prep|School(?! (?:Days?|Bus)\b)|Academy|Learning Center|K-\d{1,2}|PK-\d{1,2})"
)
SCHOOL = re.compile(
    rf"\b({NAME})[ -]+{KIND_OF_SCHOOL}(?: (?:and )?(?:School|Academy|Middle|High|Elementary|Center|Prep))*\b"
)
SPANISH_SCHOOL = re.compile(
    r"\b(?i:escuela|colegio|primaria|secundaria|preparatoria|academia|instituto|liceo)"
    rf"(?: (?i:primaria|secundaria|preparatoria|elemental|intermedia))?(?: de la| del| de)? ({NAME})"
)
NUMBERED_SCHOOL = re.compile(r"\b(?:P\.?S\.?|I\.?S\.?|M\.?S\.?|J\.?H\.?S\.?|H\.?S\.?)\s?(?:#\s?)?\d{1,3}[A-Z]?\b")
KIND_OF_DISTRICT = (
    r"(?:Unified |Independent |Consolidated |Community |Central |Union |Public |Area |City |County |Elementary |High |"
    r"Joint )*(?:School District|Public Schools|Unified|USD|ISD|CSD|CISD|SD|City Schools|County Schools|Area Schools|"
    r"Parish Schools|School Corporation)"
)
DISTRICT = re.compile(
    rf"\b({NAME})[ -]+{KIND_OF_DISTRICT}(?:\s+(?:No\. ?|#)?\d{{1,4}})?\b"
    r"|\b(?:ISD|USD|CUSD|CCSD|SAU|RSU|MSAD|SD|BOCES|[Dd]istrict|School District|LEA)\s?(?:#|No\.? ?)?\s?\d{1,4}[A-Z]?\b"
)
STATES = re.compile(
    r"\b(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Idaho|Illinois|Indiana|"
    r"Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|"
    r"Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York(?: City)?|North Carolina|North Dakota|Ohio|"
    r"Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|"
    r"West Virginia|Wisconsin|Wyoming|Los Angeles|Chicago|Philadelphia|Milwaukee|Minneapolis|Saint Paul|St\. Paul|"
    r"San Francisco|San Diego|Sacramento|Boston|Detroit|Cleveland|Baltimore|Atlanta|Miami|Dallas|San Antonio|"
    r"Albuquerque|Las Vegas|Seattle|Oakland|Fresno|"
    r"Anchorage|Phoenix|Tucson|El Paso|Houston|Denver|Portland|Spokane|Boise|Omaha|Tulsa|Wichita|Memphis|Nashville|"
    r"Tampa|Honolulu|Salt Lake City|Las Cruces|Santa Fe|Bakersfield|Long Beach|San Jose|Fort Worth|Corpus Christi|"
    r"St\. Louis|Kansas City|New Orleans|Baton Rouge|Little Rock|Oklahoma City|Colorado Springs|Des Moines|Cincinnati|"
    r"Pittsburgh|Rochester|Syracuse|Newark|Hartford|Reno|Laredo|Brownsville|McAllen|Yuma|Duluth|Green Bay|Fargo|"
    r"Sioux Falls|Sioux City|Cedar Rapids|Grand Rapids|Ann Arbor|South Bend|Fort Wayne|Toledo|Akron|Tijuana|"
    r"Ciudad Juarez|Monterrey|Guadalajara|Tegucigalpa|San Salvador|San Pedro Sula|Guatemala City|Mexico City|"
    r"Brooklyn|Queens|the Bronx|Manhattan|Staten Island)\b"
)
CITY_AND_STATE = re.compile(
    r"\b(?:[A-Z][a-z]+ ){0,2}[A-Z][a-z]+, (?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|"
    r"O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])\b|\b(?:[A-Z][a-z]+ ){1,2}(?:County|Township|Borough|Parish)\b"
)  # fmt: skip
GENERIC = frozenset(
    {
        "our", "the", "a", "an", "this", "that", "each", "every", "any", "all", "both", "new", "old", "whole",
        "elementary", "middle", "high", "school", "public", "private", "charter", "summer", "saturday", "sunday",
        "spring", "fall", "winter", "night", "day", "after", "before", "title", "junior", "senior", "early", "home",
        "neighboring", "sister", "partner", "local", "feeder", "in", "at", "from", "when", "for", "and", "most",
        "many", "some", "no", "first", "second", "third", "parent", "family", "student", "teacher", "your",
        "my", "their", "mock", "virtual", "online", "alternative", "special", "boarding", "medical", "law",
        "graduate", "art", "music", "driving", "k-8", "homework", "math", "reading", "writing", "science",
        "steam", "stem", "tutoring", "success", "leadership", "freshman", "career", "technical", "bridge",
        "district", "one", "whose", "which", "what",
    }
)  # fmt: skip


def find_institutions(text: str, allow: AllowList, *, title_case: bool) -> Iterator[Mark]:
    """Marks of schools, districts, states and towns in a folded text; what a person must rule on is not here.

    In a heading, where all words have capitals, plain words before 'School' are no name.
    """
    for match in SCHOOL.finditer(text):
        start = _named_from(match, text)
        if title_case and all(map(allow.is_word, re.findall(r"\w+", match.group()))):
            continue
        if start is not None and match.group().lower() not in allow.literals:
            yield Mark(start, match.end(), "SCHOOL", "info", "pattern", "[school]")
    for pattern in (SPANISH_SCHOOL, NUMBERED_SCHOOL):
        for match in pattern.finditer(text):
            stop = match.start() + len(match.group().rstrip("."))
            yield Mark(match.start(), stop, "SCHOOL", "info", "pattern", "[school]")
    for match in DISTRICT.finditer(text):
        start = _named_from(match, text) if match.group(1) else match.start()
        if start is not None:
            yield Mark(start, match.end(), "DISTRICT", "info", "pattern", "[district]")
    for pattern in (STATES, CITY_AND_STATE):
        for match in pattern.finditer(text):
            yield Mark(*match.span(), "PLACE", "info", "pattern", "[place]")


def _named_from(match: re.Match[str], text: str) -> int | None:
    """Where the name proper begins: leading words that name nothing are skipped; None if nothing is left."""
    start = match.start(1)
    for word in re.finditer(r"[\w'.]+", match.group(1)):
        start = match.start(1) + word.start()
        if word.group().lower().rstrip(".") not in GENERIC and word.group()[0].isupper():
            return start
    return None
