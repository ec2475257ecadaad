"""Every sentence that pages, e-mails and papers say is in the Spanish catalogue, with all its values."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import nic_node
from nic_node.i18n import DOMAIN, LOCALES
from schemas.vocab import DECISIONS, GRADE_BANDS, IDEAS, LEVELS, MEASURE_KINDS, MEASURES, PROBLEMS, ROLES, STAGES, UNITS

PACKAGE = Path(nic_node.__file__).parent
OF_COMMANDS = frozenset({"cli", "demo", "simulate"})
"""Folders that speak on a terminal only, in English."""
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
VALUES = re.compile(r"%\(\w+\)s|\{\w*\}|%%")
Message = str | tuple[str, str]


@pytest.fixture(scope="module")
def spanish() -> dict[Message, str | tuple[str, ...]]:
    with (LOCALES / "es" / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    return {one.id if isinstance(one.id, str) else tuple(one.id): one.string for one in catalogue if one.id}


def sentences() -> Iterator[tuple[Message, Path]]:
    for above in sorted(path for path in PACKAGE.iterdir() if path.name not in OF_COMMANDS):
        for file in sorted(above.rglob("*") if above.is_dir() else [above]):
            method = {".py": "python", ".html": "jinja2.ext:babel_extract", ".txt": "jinja2.ext:babel_extract"}.get(
                file.suffix
            )
            if method:
                with file.open("rb") as source:
                    for _line, found, _comments, _context in extract(method, source, keywords=KEYWORDS):
                        yield found if isinstance(found, str) else tuple(found[:2]), file


def test_no_sentence_lacks_its_spanish(spanish: dict[Message, str | tuple[str, ...]]) -> None:
    found = list(sentences())
    # Gettext takes the singular of a plural form for a sentence that stands by itself, too.
    known = {*spanish, *(message[0] for message in spanish if isinstance(message, tuple))}
    missing = {(message, str(file.relative_to(PACKAGE))) for message, file in found if message and message not in known}
    assert not missing
    assert len(found) > 4000


def test_words_of_the_closed_lists_are_spanish_too(spanish: dict[Message, str | tuple[str, ...]]) -> None:
    """What a school chooses from on its own pages: labels, and what a measure counts."""
    lists = (IDEAS, DECISIONS, GRADE_BANDS, LEVELS, MEASURE_KINDS, MEASURES, PROBLEMS, ROLES, STAGES, UNITS)
    labels = {entry.label for one in lists for entry in one.values()}
    labels |= {words for measure in MEASURES.values() for words in (measure.definition, measure.unit_label)}
    shelf = json.loads((PACKAGE / "commons" / "research" / "shelf.json").read_text(encoding="utf-8"))
    labels |= {words for level in shelf["levels"].values() for words in level.values()}
    assert not labels - {"", *spanish}


def test_a_translation_holds_the_same_values(spanish: dict[Message, str | tuple[str, ...]]) -> None:
    for message, said in spanish.items():
        english, spoken = (message, said) if isinstance(message, str) else (message[1], said[1])
        assert sorted(VALUES.findall(english)) == sorted(VALUES.findall(str(spoken))), message
        assert said, message
