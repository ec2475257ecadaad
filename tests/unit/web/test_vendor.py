"""What others made is what they published: every file listed with its hash, licences beside it, nothing from elsewhere."""

import hashlib
import re
from pathlib import Path

import pytest

from nic_node.web.templating import STATIC

VENDOR = STATIC / "vendor"
FOLDERS = sorted(path for path in VENDOR.iterdir() if path.is_dir())
SHEETS = sorted(STATIC.rglob("*.css"))
OURS = ("README.md", "SHA256SUMS")


def listed() -> dict[str, str]:
    lines = (VENDOR / "SHA256SUMS").read_text().splitlines()
    return {name.removeprefix("./"): digest for digest, name in (line.split(maxsplit=1) for line in lines)}


def kept() -> dict[str, str]:
    files = (path for path in VENDOR.rglob("*") if path.is_file())
    return {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.relative_to(VENDOR).as_posix() not in OURS
    }


def test_every_file_is_listed_with_its_hash():
    assert kept() == listed()
    assert len(listed()) > 10


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_folder_names_its_version_and_holds_its_licence(folder: Path):
    assert re.fullmatch(r"[a-z-]+-\d+\.\d+\.\d+", folder.name)
    licences = [path for path in folder.iterdir() if path.name.upper().startswith("LICENSE")]
    assert len(licences) == 1
    assert len(licences[0].read_text()) > 200
    assert f"`{folder.name}/`" in (VENDOR / "README.md").read_text()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_stylesheets_load_only_files_that_stand_beside_them(sheet: Path):
    css = sheet.read_text()
    assert "@import" not in css
    for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", css):
        assert "//" not in address
        assert (sheet.parent / address).is_file(), address


def test_the_compiled_design_system_stays_small():
    sheet = next(path for path in SHEETS if path.name == "uswds.css")
    assert sheet.stat().st_size < 60_000
    assert "Public Sans Web" in sheet.read_text()
