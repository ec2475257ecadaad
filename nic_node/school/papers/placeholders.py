"""Placeholders of a form: `{{ goal1.title }}`, `{% for goal in goals %}`, `{% if big_goal %}`, and nothing more.

A form comes from outside the school. It is read by Jinja's sandbox, and of Jinja's language only these few words are
allowed: no filter, no call, no sum, so that a form can neither take long nor reach what it is not given.
"""

import io
import zipfile
from collections.abc import Mapping
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.measures.workbooks import verify_unpacked

ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.For, nodes.If, nodes.Not,
    nodes.And, nodes.Or,
)  # fmt: skip
MOST_LOOPS: Final = 12
DOCX: Final = "docx"
XLSX: Final = "xlsx"
KNOWN_BY: Final = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
MOST_CELLS: Final = 20_000
NO_FORM: Final = N_("This is neither a Word document (.docx) nor a workbook (.xlsx), whatever its name says.")
BROKEN: Final = N_("This file can't be read. Open it, save it anew as .docx or .xlsx, and bring that file.")
NOT_SO: Final = N_(
    "A placeholder holds more than a name. Write it as {{ goal1.title }}, or repeat with {% for goal in goals %}."
)
UNKNOWN: Final = "There is nothing called {names}. Look at the list of what can be filled in."
NO_PLACEHOLDER: Final = N_(
    "There is no placeholder in this file, so nothing would be filled in. Write {{ school }} where it belongs."
)
UNREADABLE: Final = "A placeholder can't be read: {why}"


class NotAllowed(TemplateError):
    """More than a placeholder may be."""


class FormEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for forms: refuses whatever is not a placeholder before anything is run.

    Attributes:
        found: names that the form asks for, as far as it was read.
    """

    def __init__(self, known: frozenset[str], *, is_xml: bool) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=is_xml)
        self.globals.clear()
        self.known, self.found = known, set[str]()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _verify(tree)
        self.found |= meta.find_undeclared_variables(tree)
        if unknown := self.found - self.known:
            raise NotAllowed(UNKNOWN.format(names=", ".join(f"“{one}”" for one in sorted(unknown)[:5])))
        return tree


def fill_form(content: bytes, values: Mapping[str, Any]) -> tuple[bytes, str]:
    """The form with its placeholders filled, and which of DOCX and XLSX it is.

    Raises:
        InvalidInput: 'file', with what is wrong and what to do.
    """
    kind = kind_of(content)
    environment = FormEnvironment(frozenset(values), is_xml=kind == DOCX)
    try:
        filled = (_fill_docx if kind == DOCX else _fill_xlsx)(content, environment, values)
    except InvalidInput:
        raise
    except NotAllowed as error:
        raise _refused(error.message or NOT_SO) from error
    except TemplateError as error:
        raise _refused(UNREADABLE.format(why=(error.message or "")[:120])) from error
    except Exception as error:  # a broken file raises whatever its zip or its XML trips over
        raise _refused(BROKEN) from error
    if not environment.found:
        raise _refused(NO_PLACEHOLDER)
    return filled, kind


def kind_of(content: bytes) -> str:
    """By what is in the file, not by its name. Raises InvalidInput, also for one that would unpack to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise _refused(NO_FORM) from error
    verify_unpacked(content)
    found = [kind for part, kind in KNOWN_BY.items() if part in names]
    if len(found) != 1:
        raise _refused(NO_FORM)
    return found[0]


def _verify(tree: nodes.Template) -> None:
    loops = 0
    for node in tree.find_all(nodes.Node):
        loops += isinstance(node, nodes.For)
        if not isinstance(node, ALLOWED) or loops > MOST_LOOPS:
            raise NotAllowed(NOT_SO)
        if isinstance(node, nodes.For) and (node.recursive or not isinstance(node.iter, nodes.Name | nodes.Getattr)):
            raise NotAllowed(NOT_SO)


def _fill_docx(content: bytes, environment: FormEnvironment, values: Mapping[str, Any]) -> bytes:
    import docxtpl  # noqa: PLC0415 - heavy, and a form is filled once in a while

    form = docxtpl.DocxTemplate(io.BytesIO(content))
    form.render(dict(values), jinja_env=environment, autoescape=True)
    filled = io.BytesIO()
    form.save(filled)
    return filled.getvalue()


def _fill_xlsx(content: bytes, environment: FormEnvironment, values: Mapping[str, Any]) -> bytes:
    import openpyxl  # noqa: PLC0415 - heavy, and a form is filled once in a while

    book = openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
    if not book.worksheets:
        raise _refused(BROKEN)
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    for number, cell in enumerate(cells):
        if number > MOST_CELLS:
            raise _refused(BROKEN)
        if isinstance(cell.value, str) and "{" in cell.value:
            # A text stays a text: what somebody wrote is never a formula.
            cell.value = environment.from_string(cell.value).render(values)
            cell.data_type = "s"
    filled = io.BytesIO()
    book.save(filled)
    return filled.getvalue()


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput({"file": [sentence]}, sentence)
