"""Who imports whom, who reads the environment, who starts processes."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import SOURCE, imported, modules

ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
STARTS_PROCESSES = {"system", "popen", "fork", "forkpty", "posix_spawn", "exec", "spawn"}
"""`exec` and `spawn` stand for execv, execvpe, spawnlp …"""
STARTING_MODULES = {"subprocess", "pty", "pexpect"}


def uses_of_os(tree: ast.Module, names: set[str]) -> bool:
    """Whether the module uses one of these names of `os`; execvpe counts as exec."""
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }
    used |= {name.removeprefix("os.") for name in imported(tree) if name.startswith("os.")}
    return any(name in names or name.rstrip("elpv") in names for name in used)


def test_the_layers_hold() -> None:
    """entrypoints → product | operations → foundation; the contract stands in pyproject.toml."""
    # A process of its own: within ours it would switch off the loggers of every module.
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [program, "--no-cache"], cwd=SOURCE.parent, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_only_the_settings_read_the_environment() -> None:
    readers = {path for path, tree in modules() if uses_of_os(tree, ENVIRONMENT)}
    assert readers == {"foundation/settings.py"}


def test_only_foundation_processes_starts_programs() -> None:
    starters = {
        path
        for path, tree in modules()
        if STARTING_MODULES & {name.partition(".")[0] for name in imported(tree)}
        or uses_of_os(tree, STARTS_PROCESSES)
    }
    assert starters
    assert all(path.startswith("foundation/processes/") for path in starters), starters


def test_every_package_says_what_lives_there() -> None:
    silent = [
        path
        for path, tree in modules()
        if path.endswith("__init__.py") and not ast.get_docstring(tree)
    ]
    assert silent == []
