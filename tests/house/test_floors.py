"""The house keeps its own floors."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for room in ("alerts", "watchers") for path in (ROOT / room).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_room_imports_a_room_above_it() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_stands_on_a_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(c for c in contracts if c["id"] == "floors")["layers"]
    placed = {room.strip(" ()").removeprefix("alerts.") for floor in floors for room in floor.split("|")}
    rooms = {path.stem for path in (ROOT / "alerts").iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert rooms - placed - {"__init__", "__main__"} == set(), "give it a floor in pyproject.toml"


def test_every_folder_of_code_is_a_package() -> None:
    """Without an `__init__.py` a folder is invisible to import-linter and mypy, and no floor is kept."""
    folders = {f.parent for f in FILES if f.parent.name != "versions"}  # Alembic reads those by their path
    assert {name(folder) for folder in folders if not (folder / "__init__.py").exists()} == set()


def test_the_domain_imports_only_the_standard_library() -> None:
    allowed = set(sys.stdlib_module_names)
    strays = [
        f"{name(path)}:{line} imports {module}"
        for path in (ROOT / "alerts/domain").rglob("*.py")
        for line, module in imports(path)
        if module.split(".")[0] not in allowed and module.split(".")[:2] != ["alerts", "domain"]
    ]
    assert strays == []


def imports(path: Path) -> list[tuple[int, str]]:
    """Every module that a file imports, relative ones made absolute."""
    package = path.relative_to(ROOT).parent.parts
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*start, *(node.module or "").split(".")]).strip(".")
            # `from alerts import domain` imports alerts.domain
            names = [f"{base}.{alias.name}" for alias in node.names] if base in ("alerts", "watchers") else [base]
            found += [(node.lineno, module) for module in names]
    return found


def test_no_file_is_over_300_lines() -> None:
    long = {name(f): n for f in FILES if (n := len(f.read_text(encoding="utf-8").splitlines())) > 300}
    assert {f: n for f, n in long.items() if "/migrations/" not in f} == {}, "a file over 250 lines wants to be two"


@pytest.mark.skipif(not (ROOT / "alerts/cli/__init__.py").exists(), reason="alerts.cli is still to come")
def test_the_command_line_imports_no_web_framework() -> None:
    code = "import sys, alerts.cli; print(*{'fastapi', 'starlette', 'uvicorn'}.intersection(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
