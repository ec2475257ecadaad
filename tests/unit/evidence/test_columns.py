import pytest

from nic_node.errors import InvalidInput
from nic_node.evidence.columns import read_columns


def test_named_columns_are_read_and_others_let_be():
    columns = read_columns(["\ufeffyi, vi,name", "0.5,0.04,a", "NA,,b", "-1e-3,2,c"], ["yi", "vi"], ["n"])
    assert columns == {"yi": [0.5, None, -0.001], "vi": [0.04, None, 2.0]}


def test_an_optional_column_is_read_if_it_is_there():
    assert read_columns(["y,n", "1,2"], ["y"], ["n"]) == {"y": [1.0], "n": [2.0]}


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "needs a column yi"),
        (["a,b", "1,2"], "needs a column yi"),
        (["yi", "0.5", "one"], "Line 3, column yi"),
        (["yi", "=1+1"], "Line 2, column yi"),
        (["yi", '"' + "9" * 200_000 + '"'], "not a table"),
        (["yi", "inf"], "Line 2, column yi"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(lines, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        read_columns(lines, ["yi"])
