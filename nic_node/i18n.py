"""Every sentence that people read goes through here: marked where it is written, translated where it is shown."""

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALES = Path(__file__).parent / "locale"
DOMAIN = "nic"
LANGUAGES = {"en": "English", "es": "Español"}
WEEKDAYS = {"en": "EEEE, MMMM d", "es": "EEEE, d 'de' MMMM"}
MOMENTS = {"en": "MMM d, y, h:mm a", "es": "d MMM y, h:mm a"}
NARROW_NO_BREAK_SPACE = "\u202f"


def N_(sentence: str) -> str:  # noqa: N802 - the customary name of gettext's mark
    """Mark a sentence for the catalogue without translating it yet."""
    return sentence


class Filled(str):
    """A sentence whose values are filled in: English as it stands, and said in another language where it is shown.

    Attributes:
        template: marked with `N_` where it is written.
        values: what fills its `{names}`; a `Filled` among them is translated, too.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]


def filled(template: str, **values: object) -> Filled:
    """A marked sentence with its values, such as "Keep it within {n} characters." with n=160."""
    sentence = Filled(template.format(**values))
    sentence.template, sentence.values = template, values
    return sentence


def too_long(most: int) -> Filled:
    """What is said beside a text that does not fit."""
    return filled(N_("Keep it within {n} characters."), n=f"{most:,}")


def say(sentence: str, catalogue: NullTranslations) -> str:
    """A marked sentence in the language of a catalogue, filled or not."""
    if not isinstance(sentence, Filled):
        return catalogue.gettext(sentence)
    values = {
        name: say(value, catalogue) if isinstance(value, Filled) else value for name, value in sentence.values.items()
    }
    return catalogue.gettext(sentence.template).format(**values)


@cache
def translations(language: str) -> NullTranslations | GNUTranslations:
    """The catalogue of a language such as 'en' or 'es'; sentences without a translation stay English.

    Read from the catalogue as people write it: nothing has to be compiled before it is used.
    """
    file = LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if language not in LANGUAGES or not file.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def day(value: date | datetime, language: str, zone: str) -> str:
    """'October 27, 2026' in the school's zone."""
    return format_date(_local(value, zone), format="long", locale=language)


def weekday(value: date | datetime, language: str, zone: str) -> str:
    """'Tuesday, October 27' in the school's zone."""
    return format_date(_local(value, zone), format=WEEKDAYS.get(language, WEEKDAYS["en"]), locale=language)


# A wall of charts names the same days thousands of times, and each takes 25 microseconds to put into words.
@lru_cache(maxsize=2_000)
def short_day(value: date | datetime, language: str, zone: str) -> str:
    """'Oct 27', in Spanish '27 oct', in the school's zone."""
    return format_skeleton("MMMd", _local(value, zone), locale=language)


def moment(value: datetime, language: str, zone: str) -> str:
    """'Oct 27, 2026, 8:02 AM' in the school's zone."""
    return format_datetime(value, format=MOMENTS.get(language, MOMENTS["en"]), tzinfo=ZoneInfo(zone), locale=language)


def clock(value: datetime | str, language: str, zone: str) -> str:
    """'3:15 PM', of a moment in the school's zone or of a time of its day such as '15:15'."""
    at = time.fromisoformat(value.zfill(5)) if isinstance(value, str) else value.astimezone(ZoneInfo(zone)).time()
    return format_time(at, format="short", locale=language)


def percent(fraction: float) -> str:
    """'28 %' with a space that never breaks the line."""
    return f"{round(100 * fraction)}{NARROW_NO_BREAK_SPACE}%"


def _local(value: date | datetime, zone: str) -> date:
    return value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
