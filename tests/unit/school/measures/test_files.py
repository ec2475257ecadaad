"""Files as offices send them: read, or refused with one sentence. No database."""

import zipfile
from datetime import UTC, date, datetime
from io import BytesIO

import openpyxl
import pytest

from nic_node.errors import InvalidInput
from nic_node.school.measures.columns import guess_columns
from nic_node.school.measures.export import csv_of, neutral_cell
from nic_node.school.measures.file_rows import load_fault, load_row, read_date
from nic_node.school.measures.numbers import Numbers, bounds_of
from nic_node.school.measures.read_file import MeasureFacts, ReadFile, ReadOptions, read_file
from nic_node.school.measures.sheets import read_sheet
from nic_node.school.measures.tables import Observation
from tests.stores.measures_stage import student_days

TODAY = date(2026, 10, 27)


def workbook(rows: list[list[object]], *, percent: str = "") -> bytes:
    """A file as a spreadsheet saves it; cells of the column `percent` are shown as such."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell in sheet[percent][1:] if percent else ():
        cell.number_format = "0.0%"
    book.create_sheet("Another").append(["Names", "of", "students"])
    if not rows:
        book.remove(book["Another"])
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def zipped(megabytes: int) -> bytes:
    """A zip that would become so large."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/a.xml", "w") as member:
        for _ in range(megabytes):
            member.write(b" " * 1_000_000)
    return written.getvalue()


def read(content: bytes | str, *, unit: str = "proportion", today: date = TODAY, **options: object) -> ReadFile:
    raw = content.encode() if isinstance(content, str) else content
    facts = MeasureFacts(unit=unit, bounds=bounds_of(unit, None, None))
    return read_file(raw, file_name="C:\\office\\a.csv", options=ReadOptions(**options), facts=facts, today=today)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "nothing in it"),
        (b"  \r\n ", "nothing in it"),
        (b"PK\x03\x04rest of a workbook", "workbook can't be read"),
        (b"\xd0\xcf\x11\xe0an old workbook", "the old kind"),
        (workbook([]), "nothing in this workbook"),
        (zipped(300), "too much in this workbook"),
        (zipped(0), "workbook can't be read"),
        (b"date,percent\n2026-10-19,9\x003\n", "no text file"),
        ("date,percent,note\n2026-10-19,93,Montréal\n".encode("latin-1"), "not UTF-8"),
        ("date,percent\n".encode("utf-16"), "no text file"),
        (b"date,percent\n", "no row below it"),
        (b"date,,percent\n2026-10-19,1,93\n", "name each column once"),
        (b"date,date,percent\n2026-10-19,1,93\n", "name each column once"),
        (b"when,how much,colour\n2026-10-19,93,red\n", "column for the date"),
        (b"date,colour,shape\n2026-10-19,93,red\n", "'percent', or two columns"),
        (b"2026-10-19,93\n2026-10-20,94\n", "column for the date"),
        (b'date,percent\n"2026-10-19,' + b"9" * 200_000, "quotation marks"),
        (b"date,percent\n" + b"2026-10-19,93\n" * 2001, "more than 2,000 rows"),
    ],
)
def test_what_is_no_file_of_numbers_is_refused_in_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(content)
    said = [line for lines in refusal.value.fields.values() for line in lines]
    assert len(said) == 1
    assert sentence in said[0]


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ("soon,23,61", "there is no date"),
        ("2026-13-01,23,61", "there is no date"),
        ("10/32/2026,23,61", "there is no date"),
        ("2027-10-19,23,61", "still to come"),
        ("1890-10-19,23,61", "too long ago"),
        ("2026-10-19,-3,61", "can't be below 0"),
        ("2026-10-19,62,61", "More people than there are"),
        ("2026-10-19,23,0", "1 person or more"),
        ("2026-10-19,23,", "Of how many"),
        ("2026-10-19,23,61.5", "whole number"),
        ("2026-10-19,=SUM(A1),61", "a formula"),
        ("2026-10-19,@cmd,61", "a formula"),
        ("2026-10-19,#DIV/0!,61", "a formula"),
        ("2026-10-19,about 20,61", "there is no number"),
        ("2026-10-19,inf,61", "there is no number"),
        ("2026-10-19,1e300,61", "there is no number"),
        ("2026-10-19,9999999999,99999999999", "not a number that can be charted"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_without_its_cells(cells: str, fault: str) -> None:
    found = read(f"date,x,n\n2026-10-12,20,61\n{cells}\n")
    assert [row.line for row in found.rows] == [2]
    assert len(found.faults) == 1
    words = str(found.faults[0].words)
    assert words.startswith("Line 3: ")
    assert fault in words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("date;percent\n19.10.2026;93\n2026-10-20;94", [(date(2026, 10, 20), 94.0)]),
        ("date\tpercent\n10/20/2026\t94 %\n", [(date(2026, 10, 20), 94.0)]),
        ("\ufeffDate , Percent \r\n10/20/26,94.25\r\n\r\n", [(date(2026, 10, 20), 94.25)]),
        ('"date","percent"\n"2026-10-20 00:00:00","94"\n', [(date(2026, 10, 20), 94.0)]),
        ("percent,date,more\n94,2026/10/20,x,y,z\n", [(date(2026, 10, 20), 94.0)]),
        ("date,percent\r2026-10-20,94\r", [(date(2026, 10, 20), 94.0)]),
        ('date,percent,note\n2026-10-20,94,"snow,\nthen rain"\n', [(date(2026, 10, 20), 94.0)]),
        ("date,harbor view\n2026-10-20,94\n", [(date(2026, 10, 20), 94.0)]),
    ],
)
def test_what_spreadsheets_write_is_read(text: str, expected: list[tuple[date, float]]) -> None:
    found = read(text)
    assert [(row.period, row.numbers and row.numbers.value) for row in found.rows] == expected
    assert found.file_name == "a.csv"


def test_a_thousand_with_a_comma_is_a_thousand() -> None:
    found = read('date,count\n2026-10-20,"1,204"\n', unit="count")
    assert found.rows[0].numbers == Numbers(1204, 1204)


def test_blanks_wait_for_a_decision_and_are_no_faults() -> None:
    found = read("date,x,n\n2026-10-19,,61\n2026-10-20,N/A,\n")
    assert [row.numbers for row in found.rows] == [None, None]
    assert not found.faults


def test_rows_and_faults_survive_the_wait_as_json() -> None:
    found = read("date,x,n,note\n2026-10-19,23,61,snow\n2026-10-20,,61,\nsoon,1,2,\n")
    assert tuple(load_row(row.document()) for row in found.rows) == found.rows
    assert str(load_fault(found.faults[0].document()).words) == str(found.faults[0].words)


def test_the_numbers_of_each_unit() -> None:
    assert read("date,events,exposure,n\n2026-10-19,12,340,61\n", unit="rate").rows[0].numbers == Numbers(
        1200 / 340, 12, 61, None, 340
    )
    mean = read("date,mean,sd,n\n2026-10-19,3.2,0.8,25\n", unit="mean").rows[0].numbers
    assert mean == Numbers(3.2, None, 25, 0.8)
    assert "whole number" in str(read("date,count\n2026-10-19,2.5\n", unit="count").faults[0].words)


def test_of_columns_with_the_same_meaning_the_first_spelling_counts() -> None:
    assert guess_columns(["Day", "Date", "Percent"], "proportion") == {"period": "Date", "value": "Percent"}


def test_a_named_column_must_be_there() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read("a,b\n2026-10-19,93\n", columns={"period": "a", "value": "c"})
    assert list(refusal.value.fields) == ["value"]


@pytest.mark.parametrize("cell", ["", "x" * 500, "2026-02-30", "10-27-2026", "27.10.2026"])
def test_what_is_no_date_of_ours_is_none(cell: str) -> None:
    assert read_date(cell) is None


# ---- a row a student


def test_a_file_of_students_is_counted_and_told() -> None:
    found = read(student_days())
    assert found.rows_read == 900
    assert [(row.numbers.x, row.numbers.n) for row in found.rows if row.numbers] == [(10, 30), (13, 30), (13, 30)]
    assert set(found.read) == {"students"}


def test_who_counts_can_be_said() -> None:
    both = student_days() + student_days(students=10).split("\n", 1)[1].replace("S0", "T0").replace(",7,", ",8,")
    found = read(both, recipe={"who": {"grade": ["8"]}})
    assert {row.numbers.n for row in found.rows if row.numbers} == {10}


def test_a_file_of_students_is_not_read_as_periods() -> None:
    with pytest.raises(InvalidInput, match="row a student"):
        read("student,date,percent\nS001,2026-10-19,93\n", layout="periods")
    with pytest.raises(InvalidInput, match="percent of people only"):
        read(student_days(), unit="count", layout="students")


def test_columns_of_a_strange_file_are_said() -> None:
    strange = student_days().replace("student,grade,date,status", "kind,klasse,tag,da")
    with pytest.raises(InvalidInput, match="Which columns hold the student"):
        read(strange, layout="students")
    columns = {"student": "kind", "date": "tag", "mark": "da"}
    assert len(read(strange, layout="students", recipe={"columns": columns}).rows) == 3
    with pytest.raises(InvalidInput, match="no column called"):
        read(strange, layout="students", recipe={"columns": {**columns, "mark": "nothing"}})


def test_counts_a_student_need_the_day_on_which_they_end() -> None:
    text = "student,absent,days\n" + "".join(f"S{n},{n % 4},20\n" for n in range(40))
    with pytest.raises(InvalidInput) as refusal:
        read(text)
    assert list(refusal.value.fields) == ["window_ends"]
    found = read(text, window_ends=date(2026, 10, 23))
    assert [(row.period, row.numbers and row.numbers.x) for row in found.rows] == [(date(2026, 10, 23), 20)]


def test_too_few_days_to_count_are_told() -> None:
    with pytest.raises(InvalidInput, match="fewer than 20 school days"):
        read(student_days(days=12))


def test_marks_that_nobody_explained_are_not_dropped() -> None:
    with pytest.raises(InvalidInput, match="104 rows have a mark") as refusal:
        read(student_days().replace("absent", "??"))
    assert list(refusal.value.fields) == ["absent_marks"]
    assert len(read(student_days().replace("absent", "??"), recipe={"absent_marks": ["??"]}).rows) == 3


def test_one_unknown_mark_is_told_as_one() -> None:
    with pytest.raises(InvalidInput, match="One row has a mark"):
        read(student_days().replace("absent", "??", 1))


def test_many_faults_are_told_in_part() -> None:
    found = read(student_days() + "S001,7,no day,absent\n" * 300)
    assert len(found.faults) == 201
    assert "100 more rows like these" in str(found.faults[-1].words)
    assert sum(fault.count for fault in found.faults) == 300
    assert sum(load_fault(fault.document()).count for fault in found.faults) == 300


# ---- out again


def test_an_export_is_read_again_and_runs_in_no_spreadsheet() -> None:
    number = Observation(
        period=date(2026, 10, 19), value=100 * 23 / 61, x=23, n=61, note="=HYPERLINK(1)", excluded_because=""
    )
    text = csv_of([number])
    assert "'=HYPERLINK(1)" in text
    row = read(text).rows[0]
    assert row.numbers == Numbers(100 * 23 / 61, 23, 61)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_that_a_spreadsheet_would_run_are_neutral(start: str) -> None:
    assert neutral_cell(f"{start}1") == f"'{start}1"
    assert neutral_cell("snow day") == "snow day"


def test_a_sheet_can_be_read_twice() -> None:
    sheet = read_sheet(b"date,percent\n2026-10-19,93\n")
    assert list(sheet.rows()) == list(sheet.rows()) == [(2, {"date": "2026-10-19", "percent": "93"})]


def test_a_workbook_is_read_as_its_csv_would_be() -> None:
    rows = [
        ["Date", "Percent", "Note"],
        [date(2026, 10, 19), 0.931, "Rain"],
        [datetime(2026, 10, 20, 8, 30, tzinfo=UTC).replace(tzinfo=None), 0.94],
    ]
    rows += [[], ["10/21/2026", None, "Closed"]]
    found = read(workbook(rows, percent="B"))
    assert [(row.period.day, row.numbers and row.numbers.value, row.note) for row in found.rows] == [
        (19, pytest.approx(93.1), "Rain"),
        (20, pytest.approx(94), ""),
        (21, None, "Closed"),
    ]
    assert found.faults == ()


def test_faults_of_a_workbook_name_its_own_lines() -> None:
    found = read(
        workbook([["date", "x", "n"], [], [date(2026, 10, 19), 70, 61], ["soon", 1, 61], [date(2026, 10, 20), 3, 61]])
    )
    assert [fault.line for fault in found.faults] == [3, 4]
    assert len(found.rows) == 1


def test_a_workbook_with_a_row_a_student_is_counted_at_the_door() -> None:
    lines = [line.split(",") for line in student_days().splitlines()]
    plain, counted = read(student_days(), layout="students"), read(workbook(lines), layout="students")
    assert counted.rows == plain.rows
    assert "S0" not in str(counted)


def test_days_that_a_workbook_holds_as_dates_are_counted_too() -> None:
    header, *lines = [line.split(",") for line in student_days().splitlines()]
    place = header.index("date")
    dated = [[date.fromisoformat(cell) if at == place else cell for at, cell in enumerate(line)] for line in lines]
    counted = read(workbook([list[object](header), *dated]), layout="students")
    assert counted.rows == read(student_days(), layout="students").rows
    assert counted.faults == ()


@pytest.mark.parametrize("form", ["%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S"])
def test_midnight_beside_a_day_changes_no_count(form: str) -> None:
    """Programs of school offices export a day as its first moment."""
    header, *lines = [line.split(",") for line in student_days().splitlines()]
    place = header.index("date")
    for line in lines:
        line[place] = datetime.fromisoformat(line[place]).strftime(form)
    counted = read("\n".join(",".join(line) for line in [header, *lines]), layout="students")
    assert counted.rows == read(student_days(), layout="students").rows
