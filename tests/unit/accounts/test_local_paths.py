import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nic_node.accounts.local_paths import HOME, local_path


@pytest.mark.parametrize("path", ["/", "/projects/3", "/people?after=2&x=a%20b", "/learn?q=https://x.example/", "/a#b"])
def test_a_path_of_this_node_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        None, "", "people", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", "/\r\nSet-Cookie: a=b",
        " /x", "//[evil", "/\x00",
    ],
)  # fmt: skip
def test_anything_else_becomes_the_front_door(elsewhere: str | None) -> None:
    assert local_path(elsewhere) == HOME


@given(st.text(alphabet="/\\.:@?#%[]ehvil\t\n ", max_size=12))
@example("/.//evil")
@example("/..//evil")
def test_whatever_is_wanted_stays_on_this_node(wanted: str) -> None:
    found = local_path(wanted)
    # As a browser reads it: backslashes are slashes, tabs and line ends vanish, two slashes start another site.
    seen = found.replace("\\", "/").replace("\t", "").replace("\n", "")
    assert seen.startswith("/")
    assert not seen.startswith("//")
