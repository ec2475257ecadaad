"""An e-mail's texts: `emails/<event>/{subject.txt,body.txt,body.html}` in the room that causes it.

Each has all that it takes to understand it, so the plain text is complete without the HTML. What comes in is escaped
in the HTML; in the subject, line ends become spaces.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import jinja2
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from nic_node import i18n
from nic_node.mail.addresses import one_line

FRAMES = Path(__file__).parent / "frames"
SUBJECT_LENGTH = 200
BLANK_LINES = re.compile(r"\n{3,}")
"""What a part that was left out leaves behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    subject: str
    text: str
    html: str


def write_texts(folder: Path, event: str, values: Mapping[str, Any], *, language: str, zone: str) -> Texts:
    """Fill in the three texts of an event.

    Raises:
        jinja2.UndefinedError: a text names a value that was not given.
    """
    environment = _environment(folder, language, zone)
    subject, text, html = (
        environment.get_template(f"{event}/{name}").render(values) for name in ("subject.txt", "body.txt", "body.html")
    )
    text = BLANK_LINES.sub("\n\n", text)
    return Texts(subject=one_line(subject, SUBJECT_LENGTH), text=text.strip() + "\n", html=html.strip() + "\n")


@lru_cache(maxsize=32)
def _environment(folder: Path, language: str, zone: str) -> jinja2.Environment:
    """The same folder in the same language is the same environment, so that a list of a thousand compiles it once."""
    loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(folder), jinja2.FileSystemLoader(FRAMES)])
    made = jinja2.Environment(
        loader=loader,
        autoescape=jinja2.select_autoescape(("html",), default_for_string=True),
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalogue = i18n.translations(language)
    made.globals["gettext"] = made.globals["_"] = _with_context(partial(_translate, catalogue))
    made.globals["ngettext"] = _with_context(partial(_translate_plural, catalogue))
    made.globals["language"] = language
    made.filters["day"] = lambda moment: i18n.day(moment, language, zone)
    made.filters["moment"] = lambda moment: i18n.moment(moment, language, zone)
    return made


def _with_context(function: Any) -> Any:
    @jinja2.pass_eval_context
    def call(context: EvalContext, *args: Any, **values: object) -> str:
        is_escaped: bool = context.autoescape
        result: str = function(is_escaped, *args, **values)
        return result

    return call


def _translate(catalogue: NullTranslations, is_escaped: bool, sentence: str, **values: object) -> str:  # noqa: FBT001 - from the context
    said = i18n.say(sentence, catalogue)
    return _filled(said, is_escaped=is_escaped, values=values)


def _translate_plural(
    catalogue: NullTranslations,
    is_escaped: bool,  # noqa: FBT001 - from the context
    one: str,
    many: str,
    num: int,
    **values: object,
) -> str:
    said = catalogue.ngettext(one, many, num)
    return _filled(said, is_escaped=is_escaped, values={"num": num, **values})


def _filled(said: str, *, is_escaped: bool, values: Mapping[str, object]) -> str:
    """With values a percent sign is written twice, without them it may be, as on pages."""
    text: str | Markup = escape(said) if is_escaped else said
    return text % values if values else text.replace("%%", "%")
