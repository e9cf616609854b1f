"""What is imported is declared, and what is declared is locked."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
OURS = frozenset({"howdah", "tests", "benchmarks"})


def _imported(folder: str) -> Iterator[str]:
    """Top-level packages from elsewhere that the files of a folder import."""
    for path in (REPOSITORY / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                yield node.module.partition(".")[0]


def _normalized(requirement: str) -> str:
    name = re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared(*extras: str) -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"][name] for name in extras)]
    return {_normalized(item) for requirements in lists for item in requirements}


def _undeclared(folder: str, *extras: str) -> set[str]:
    distributions = packages_distributions()
    foreign = set(_imported(folder)) - OURS - set(sys.stdlib_module_names)
    providers = {
        name: {_normalized(item) for item in distributions.get(name, [])} for name in foreign
    }
    return {name for name, found in providers.items() if not found & _declared(*extras)}


def test_the_product_imports_only_what_it_declares() -> None:
    assert _undeclared("src") == set()


def test_the_tests_import_only_what_is_declared_for_development() -> None:
    assert _undeclared("tests", "dev") == set()


def test_everything_declared_is_locked_with_hashes() -> None:
    text = (REPOSITORY / "requirements" / "locked.txt").read_text()
    blocks = re.split(r"\n(?=\S)", text)
    assert all("--hash=sha256:" in block for block in blocks)
    locked = {_normalized(block) for block in blocks}
    assert _declared("dev") <= locked


def test_the_lock_names_no_place_of_one_machine() -> None:
    for path in (REPOSITORY / "requirements").glob("*.txt"):
        assert not re.search(r"https?://|file://|--(extra-)?index|--find-links", path.read_text())
