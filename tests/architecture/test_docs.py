"""What the documentation says is true: every setting is described, every path and name exists."""

import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from nic_node.config import Config, read_config, setting_names

ROOT = Path(__file__).parents[2]


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    text = (ROOT / "docs/configuration.md").read_text()
    documented = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", text, flags=re.MULTILINE)
    assert dict(documented) == setting_names()


def test_defaults_are_as_documented(tmp_path: Path) -> None:
    """Those that are one plain value; the others depend on the data folder or on each other."""
    text = (ROOT / "docs/configuration.md").read_text()
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \| .*? \| `([^`]+)` \|$", text, flags=re.MULTILINE))
    config = read_config(tmp_path, {})
    actual = {item.metadata["env"]: getattr(config, item.name) for item in fields(Config)}
    compared = documented.keys() - {"NIC_DATA", "NIC_PUBLIC_URL"}
    assert len(compared) > 5
    assert {name: documented[name] for name in compared} == {
        name: f"{actual[name]:g}" if isinstance(actual[name], float) else str(actual[name]) for name in compared
    }


@pytest.mark.parametrize(("page", "at_least"), [("docs/WHERE.md", 20), ("SECURITY.md", 10), ("docs/operations.md", 5)])
def test_every_path_that_is_named_exists(page: str, at_least: int) -> None:
    text = (ROOT / page).read_text()
    named = {path.removesuffix("/") for path in re.findall(r"`((?!/)[\w./*{},-]+/[\w./*-]*)`", text)}
    named = {
        path for path in named if path.split("/")[0] in {one.name for one in ROOT.iterdir()} or page == "docs/WHERE.md"
    }
    assert len(named) > at_least
    missing = [path for path in named if not list(ROOT.glob(path))]
    assert not missing


def test_every_name_in_where_stands_in_its_file() -> None:
    """'`NAME` in `path`' must be true."""
    text = (ROOT / "docs/WHERE.md").read_text()
    pairs = re.findall(r"`(\w+)` in `([\w./-]+\.\w+)`", text)
    assert len(pairs) > 8
    missing = [(name, path) for name, path in pairs if name not in (ROOT / path).read_text()]
    assert not missing


def test_links_between_documents_lead_somewhere() -> None:
    links = [
        (document, target)
        for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", document.read_text())
    ]
    assert not [(document.name, target) for document, target in links if not (document.parent / target).exists()]


def test_no_file_holds_the_address_of_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    locks = [ROOT / name for name in listed if re.fullmatch(r"requirements.*\.txt", name)]
    assert len(locks) == 3
    assert not [path.name for path in locks if re.search(r"https?://", path.read_text())]


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs/decisions"
    listed = (folder / "README.md").read_text()
    files = [path.name for path in folder.glob("[0-9]*.md")]
    assert files
    assert not [name for name in files if name not in listed]
