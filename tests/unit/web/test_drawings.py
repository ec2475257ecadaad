"""Parts of pages that are drawn once: they stay within their bytes, carry each reader's token, and no one's page."""

from pathlib import Path

import jinja2
from markupsafe import Markup

from nic_node.web.drawings import BYTES_A_DRAWING, Drawings, with_token
from nic_node.web.templating import PageTemplate


def test_drawings_stay_within_their_bytes_and_the_last_used_stay() -> None:
    held: Drawings[str] = Drawings(3 * (BYTES_A_DRAWING + 10))
    for key in ("first", "second", "third"):
        held.keep(key, "0123456789")
    assert held.get("first") == "0123456789"
    held.keep("fourth", "0123456789")
    assert [key for key in ("first", "second", "third", "fourth") if held.get(key)] == ["first", "third", "fourth"]
    assert held.bytes == 3 * (BYTES_A_DRAWING + 10)
    held.keep("fourth", "")
    assert held.bytes == 3 * BYTES_A_DRAWING + 20


def test_a_held_form_carries_the_token_of_who_reads_it() -> None:
    held: Drawings[Markup] = Drawings(10_000)
    drawn = [with_token(held, "form", token, lambda: '<input value="mine">') for token in ("mine", "theirs")]
    assert drawn == ['<input value="mine">', '<input value="theirs">']


def test_only_macros_that_use_nothing_of_a_page_are_made_once(tmp_path: Path) -> None:
    texts = {
        "alone.html": "{% macro say(word) %}{{ word }}!{% endmacro %}",
        "token.html": "{% macro form() %}{{ token }}{% endmacro %}",
        "words.html": '{% set word = _("a word") %}{% macro say() %}{{ word }}{% endmacro %}',
        "both.html": '{% import "token.html" as other with context %}{% macro form() %}{{ other.form() }}{% endmacro %}',
        "page.html": '{% import "alone.html" as alone with context %}{% import "both.html" as both with context %}'
        "{{ alone.say(token) }}{{ both.form() }}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(tmp_path), autoescape=True)
    environment.globals["_"] = str.upper
    environment.template_class = PageTemplate
    page = environment.get_template("page.html")
    assert [page.render(token=token) for token in ("a", "b")] == ["a!a", "b!b"]
    uses = {
        name: environment.get_template(name).uses_page
        for name in ("alone.html", "token.html", "words.html", "both.html")
    }  # type: ignore[attr-defined]  # of PageTemplate
    assert uses == {"alone.html": False, "token.html": True, "words.html": True, "both.html": True}
