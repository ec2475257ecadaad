"""Every template compiles and holds nothing that the content security policy forbids."""

import re
from pathlib import Path

import jinja2
import pytest

from nic_node.web.field_words import FIELD_WORDS

ROOT = Path(__file__).parents[2] / "nic_node"
TEMPLATES = sorted(path for path in ROOT.rglob("*.html") if "templates" in path.parts)


@pytest.fixture(scope="module")
def environment() -> jinja2.Environment:
    made = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for name in ("day", "weekday", "short_day", "moment", "clock", "percent"):
        made.filters[name] = str
    return made


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 30


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_compiles_and_keeps_to_the_policy(path: Path, environment: jinja2.Environment) -> None:
    text = path.read_text()
    environment.parse(text)
    environment.compile(text)
    without_comments = re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)
    assert not re.search(r"<[^>]*\sstyle=", without_comments), "no style attribute: the policy blocks it"
    assert not re.search(r"<[^>]*\son[a-z]+=", without_comments), "no handler in an attribute: the policy blocks it"
    assert not re.search(r"<script(?![^>]*\bsrc=)", without_comments), "no script in the page: the policy blocks it"
    orders = {int(number) for number in re.findall(r"\border=(\d+)", without_comments)}
    words = re.findall(r"""(?:words|glossary)\.word\(["']([\w-]+)""", without_comments)
    assert set(words) <= set(FIELD_WORDS)
    assert len(words) == len(set(words)), "a word is explained where it first stands on a page, and once"
    assert orders <= set(range(1, 10)), "the style sheet knows places 1 to 9: any other stands first on a phone"
