"""The shell and the component macros: what was typed stays, errors stand beside their field, empty blocks leave no trace."""

import re
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest

from nic_node.web.drawings import shell_part
from nic_node.web.templating import STATIC, install_words, template_loader

TEMPLATES = Path(STATIC).parent / "templates"
SHELL = {
    "school_name": "Harbor View Middle School",
    "school_year": "2026–27",
    "person": SimpleNamespace(name="Maria Okafor"),
    "csrf_token": "to<ken",
    "doors": [
        {"label": label, "url": f"/{label}", "current": label == "Share", "icon": "today"}
        for label in ("Today", "Plan", "Projects", "Measures", "Learn", "Share")
    ],
}


@pytest.fixture(scope="module")
def environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=template_loader({"web": TEMPLATES}),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    install_words(made, "en")
    made.globals["shell_part"] = shell_part
    made.globals["static"] = lambda path: f"/static/{path}"
    return made


def draw(environment: jinja2.Environment, body: str, **values: object) -> str:
    imports = "".join(
        f'{{% import "web/macros/{name}.html" as {name} with context %}}'
        for name in ("forms", "cards", "tables", "lists", "progress", "review", "symbols", "flash", "tags", "chart")
    )
    return environment.from_string(imports + body).render(**SHELL, **values)


def form(values: dict[str, object] | None = None, errors: dict[str, list[str]] | None = None) -> SimpleNamespace:
    return SimpleNamespace(values=values or {}, errors=errors or {})


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_no_template_needs_more_than_the_strict_policy_allows(path: Path, environment: jinja2.Environment):
    source = path.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    environment.get_template(f"web/{path.relative_to(TEMPLATES).as_posix()}")


def test_typed_values_are_kept_and_escaped(environment: jinja2.Environment):
    typed = form({"title": 'Greet "all" & <meet>', "why": "\nfirst"})
    page = draw(
        environment,
        '{{ forms.text("title", "Title", form=form) }}{{ forms.textarea("why", "Why", form=form) }}',
        form=typed,
    )
    assert 'value="Greet &#34;all&#34; &amp; &lt;meet&gt;"' in page
    assert ">\n\nfirst</textarea>" in page  # a browser drops the first line feed, ours, and keeps the typed one


def test_a_password_is_never_shown_again(environment: jinja2.Environment):
    page = draw(
        environment, '{{ forms.password("password", "Password", form=form) }}', form=form({"password": "open sesame"})
    )
    assert "open sesame" not in page


def test_an_error_is_tied_to_its_field_and_the_summary_leads_there(environment: jinja2.Environment):
    wrong = form(errors={"percent": ["This is more than 100 %."], "": ["Nothing was saved."]})
    page = draw(
        environment,
        '{{ forms.error_summary(form.errors, {"percent": "Baseline"}) }}{{ forms.number("percent", "Baseline", "In %", form=form) }}',
        form=wrong,
    )
    assert '<a href="#f-percent">Baseline</a>: This is more than 100 %.' in page
    assert 'aria-describedby="f-percent-hint f-percent-error"' in page
    assert 'aria-invalid="true"' in page
    assert "2 things to put right" in page
    assert "<li>Nothing was saved.</li>" in page


def test_the_first_choice_carries_the_id_that_the_summary_links_to(environment: jinja2.Environment):
    page = draw(
        environment,
        '{{ forms.checkboxes("roles", "Roles", [("a", "A & B"), (2, "Two")], form=form) }}',
        form=form({"roles": ["2"]}),
    )
    first, second = re.findall(r"<input[^>]*>", page)
    assert 'id="f-roles"' in first
    assert "checked" not in first
    assert "checked" in second


def test_a_select_keeps_what_was_chosen_also_where_it_must_be_escaped(environment: jinja2.Environment):
    page = draw(
        environment,
        '{{ forms.select("g", "Grade", [("a&b", "AB"), ("c", "C")], form=form, empty="Choose") }}',
        form=form({"g": "a&b"}),
    )
    assert '<option value="a&amp;b" selected>AB</option>' in page
    assert page.count("selected") == 1


def test_every_posting_form_carries_the_token(environment: jinja2.Environment):
    page = draw(
        environment,
        '{% call forms.form("/x") %}{% endcall %}{{ review.findings([{"number": 1, "title": "A", "text": "b", "open": True, "choices": []}], "/y") }}'
        '{{ flash.one("done", "Saved.", "/undo", csrf_token) }}',
    )
    assert page.count('<input type="hidden" name="csrf_token" value="to&lt;ken">') == page.count("<form") == 3


def test_empty_blocks_leave_no_trace(environment: jinja2.Environment):
    page = environment.from_string(
        '{% extends "web/base.html" %}{% block heading %}Plan{% endblock %}{% block content %}x{% endblock %}'
    ).render(**SHELL)
    assert "<h1>Plan</h1>" in page
    for absent in ('class="lede"', 'class="under"', "<aside", 'class="before"', 'class="eyebrow"'):
        assert absent not in page


def test_the_phone_has_four_doors_and_the_rest_under_more(environment: jinja2.Environment):
    page = environment.from_string('{% extends "web/base.html" %}').render(**SHELL)
    bar = page[page.index('class="tabbar"') :]
    doors, sheet = bar.split("<details", 1)
    assert doors.count("<a ") == 4
    assert 'href="/Share" aria-current="page"' in sheet
    assert 'class="here"' in sheet


def test_marked_doors_stand_on_the_phone_first(environment: jinja2.Environment):
    doors = [{**door, "tab": door["label"] in ("Learn", "Share")} for door in SHELL["doors"]]
    page = environment.from_string('{% extends "web/base.html" %}').render(**{**SHELL, "doors": doors})
    bar = page[page.index('class="tabbar"') :].split("<details", 1)[0]
    assert re.findall(r'href="/(\w+)"', bar) == ["Learn", "Share"]


@pytest.mark.parametrize("known", [SHELL, {}], ids=["signed in", "signed out"])
@pytest.mark.parametrize("status", [403, 404, 409, 413, 418, 429, 500, 503])
def test_error_pages_say_what_is_wrong_signed_in_or_not(
    environment: jinja2.Environment, status: int, known: dict[str, object]
):
    page = environment.get_template("web/error.html").render(
        status=status, title="That is too large", sentences=["Split it & try."], **known
    )
    assert f"Error {status}" in page
    assert "<h1>That is too large</h1>" in page
    assert "Split it &amp; try." in page
    assert 'href="/"' in page


@pytest.mark.parametrize(("day", "width"), [(0, None), (9, "20.0%"), (45, "100%"), (60, "100%")])
def test_the_day_bar_stays_within_its_ends(environment: jinja2.Environment, day: int, width: str | None):
    page = draw(environment, '{{ progress.daybar(day, 45, "Sep 14", "Nov 18") }}', day=day)
    found = re.search(r'class="c-done" y="26" width="([^"]+)"', page)
    assert (found and found[1].replace("100.0", "100")) == width


def test_decisions_are_told_by_shape_and_word(environment: jinja2.Environment):
    page = draw(environment, '{{ symbols.decision("adapt", 2) }}{{ symbols.directions(6, 1, 1) }}')
    assert page.count('class="s-half"') == 2
    assert "adapted" in page
    assert "better in 6 of 8" in page


def test_a_card_folds_on_phones_with_its_heading_once_at_each_width(environment: jinja2.Environment):
    page = draw(environment, '{% call cards.card("Steps", fold=True, order=7) %}body{% endcall %}')
    assert 'class="card folds o7"' in page
    assert page.count("Steps</h2>") == 2
    assert page.count("body") == 1


def test_cells_are_escaped_and_labelled_for_phones(environment: jinja2.Environment):
    page = draw(
        environment, '{{ tables.table(["Cell", {"label": "Act", "hidden": True}], [["<b>", "x"]], "Numbers") }}'
    )
    assert '<th scope="row">&lt;b&gt;</th>' in page
    assert '<td data-label="">x</td>' in page
    assert "<caption" in page
