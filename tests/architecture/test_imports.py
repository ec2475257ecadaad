"""The tower stands, no folder hides from it, and heavy libraries stay out until they are needed."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("nic_node", "federation", "schemas")
HEAVY = ("openpyxl", "webauthn", "statsmodels", "docxtpl", "scipy.optimize", "scipy.stats")
MAY_IMPORT_INSIDE = {"openpyxl", "webauthn", "alembic", "statsmodels", "docxtpl"}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "misc"}


def python_files() -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "versions" not in path.parts]


def test_the_contracts_hold() -> None:
    ran = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-3000:]


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in python_files()}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]


def test_no_room_for_everything_and_nothing() -> None:
    assert not [path for path in python_files() if FORBIDDEN_NAMES & set(path.with_suffix("").parts)]


def test_files_stay_short() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in python_files()}
    assert not {name: lines for name, lines in long.items() if lines > 400}


def test_functions_stay_short() -> None:
    functions = [
        (path, node)
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert not [(path.name, node.name) for path, node in functions if node.end_lineno - node.lineno > 60]


def test_imports_stand_at_the_top() -> None:
    inside = []
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for inner in ast.walk(node):
                names = [alias.name for alias in inner.names] if isinstance(inner, ast.Import) else []
                names += [inner.module or ""] if isinstance(inner, ast.ImportFrom) else []
                inside += [f"{path.relative_to(ROOT)}: {n}" for n in names if n.split(".")[0] not in MAY_IMPORT_INSIDE]
    assert not inside


def test_heavy_libraries_are_not_loaded_at_start() -> None:
    code = f"import sys, nic_node.app.node; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
