"""A CSV or XLSX as it comes out of an office, or cells pasted from a spreadsheet: header and rows, or why not."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from nic_node.errors import InvalidInput
from nic_node.i18n import N_
from nic_node.school.measures.workbooks import is_workbook, text_of_workbook

DELIMITERS = (",", ";", "\t")
MOST_COLUMNS = 200

EMPTY = N_("There is nothing in it. Choose a CSV or XLSX file, or paste the rows with their first line.")
NOT_TEXT = N_("This is no text file. In the spreadsheet choose 'Save as', then 'CSV UTF-8', and send that file.")
NOT_UTF8 = N_(
    "This file's letters can't be read, because it is not UTF-8. "
    "In the spreadsheet choose 'Save as', then 'CSV UTF-8', and send that file."
)
BROKEN = N_("The quotation marks in this file don't pair up, so its cells can't be told apart. Save it as CSV again.")
NO_NAMES = N_("The first line must name each column once, such as: date, percent.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`header` is the first line's names; `rows` can be read again and again and holds no copy."""

    header: tuple[str, ...]
    text: str
    delimiter: str

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Line number and cells by header; cells beyond the header are dropped, missing ones are ''.

        Raises:
            InvalidInput: the file's quotation is broken.
        """
        reader = csv.reader(_lines(self.text), delimiter=self.delimiter)
        try:
            next(reader)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    padded = [*cells, *[""] * (len(self.header) - len(cells))]
                    yield reader.line_num, dict(zip(self.header, padded, strict=False))
        except csv.Error as error:
            raise refused(BROKEN) from error


def read_sheet(content: bytes) -> Sheet:
    """Raises InvalidInput for what is no workbook and no CSV in UTF-8 with a header."""
    if not content.strip():
        raise refused(EMPTY)
    text = text_of_workbook(content) if is_workbook(content) else _decoded(content)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    first = next(_lines(text), "")
    delimiter = max(DELIMITERS, key=first.count)
    try:
        header = tuple(name.strip() for name in next(csv.reader(_lines(text), delimiter=delimiter), []))
    except csv.Error as error:
        raise refused(BROKEN) from error
    while header and not header[-1]:
        header = header[:-1]
    if not header or not all(header) or len({name.casefold() for name in header}) < len(header):
        raise refused(NO_NAMES)
    if len(header) > MOST_COLUMNS:
        raise refused(NO_NAMES)
    return Sheet(header, text, delimiter)


def _decoded(content: bytes) -> str:
    if b"\x00" in content:
        raise refused(NOT_TEXT)
    try:
        return content.decode("utf-8-sig").lstrip("\r\n")
    except UnicodeDecodeError as error:
        raise refused(NOT_UTF8) from error


def _lines(text: str) -> Iterator[str]:
    """One after the other, with their ends: a copy of a large file would cost four bytes a letter."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def refused(sentence: str, field: str = "file") -> InvalidInput:
    return InvalidInput({field: [sentence]}, sentence)
