"""The source files, parsed."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module: its path below src/howdah, and its tree."""
    for path in sorted((SOURCE / "howdah").rglob("*.py")):
        yield str(path.relative_to(SOURCE / "howdah")), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """The dotted names that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
