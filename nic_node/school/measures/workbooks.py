"""An XLSX as it comes out of an office, as the text that a CSV of it would be: its first sheet that holds anything.

Read in memory and never written anywhere. A workbook is a zip: how large it would become is looked at before it is
opened. Formulas count by the value that the spreadsheet saved with them.
"""

import csv
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Any

from nic_node.errors import InvalidInput
from nic_node.i18n import N_

IS_ZIP = b"PK\x03\x04"
IS_OLD = b"\xd0\xcf\x11\xe0"
MOST_UNPACKED = 256 * 1024 * 1024
MOST_TEXT = 64 * 1024 * 1024
MOST_COLUMNS = 200

OLD = N_("This is a workbook of the old kind (.xls). Save it as .xlsx or as CSV, and send that file.")
BROKEN = N_("This workbook can't be read. In the spreadsheet choose 'Save as', then 'CSV UTF-8', and send that file.")
TOO_MUCH = N_("There is too much in this workbook. Keep the sheet and the columns that are needed, and send that file.")
NOTHING = N_("There is nothing in this workbook. Send one with the numbers on its first sheet.")


def is_workbook(content: bytes) -> bool:
    return content.startswith((IS_ZIP, IS_OLD))


def text_of_workbook(content: bytes) -> str:
    """CSV with commas. Raises InvalidInput for what is no workbook, or too large a one."""
    if content.startswith(IS_OLD):
        raise _refused(OLD)
    verify_unpacked(content)
    import openpyxl  # noqa: PLC0415 - heavy, and few nodes read a workbook in a day

    try:
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the file says of its own size may be wrong
            text = _text(sheet.iter_rows(max_col=MOST_COLUMNS))
            if text:
                return text
    except InvalidInput:
        raise
    except Exception as error:  # a broken workbook raises whatever its zip, its XML or its styles trip over
        raise _refused(BROKEN) from error
    raise _refused(NOTHING)


def verify_unpacked(content: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise _refused(BROKEN) from error
    if unpacked > MOST_UNPACKED:
        raise _refused(TOO_MUCH)


def _text(rows: Iterable[Iterable[Any]]) -> str:
    written = StringIO(newline="")
    writer = csv.writer(written)
    for cells in _without_blank_ends(rows):
        writer.writerow(cells)
        if written.tell() > MOST_TEXT:
            raise _refused(TOO_MUCH)
    return written.getvalue()


def _without_blank_ends(rows: Iterable[Iterable[Any]]) -> Iterator[list[str]]:
    """Rows as text from the first that holds anything; blank ones between stay, so that lines keep their numbers."""
    started = False
    for row in rows:
        cells = [_cell(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        started = started or bool(cells)
        if started:
            yield cells


def _cell(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return " ".join(str(value).split())  # a line break would move the lines below it
    shown = 100 * value if "%" in (cell.number_format or "") else value
    return f"{shown:.15g}"


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput({"file": [sentence]}, sentence)
