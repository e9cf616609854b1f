"""Folders of migrations for tests: written as text, used through settings of their own."""

from dataclasses import replace
from pathlib import Path

from howdah.foundation.settings import Settings
from howdah.operations.migrations.session import Patience

IMPATIENT = Patience(
    lock_timeout_seconds=0.1, attempts=2, first_pause_seconds=0.05, other_runner_seconds=0.5
)


def with_files(settings: Settings, folder: Path, **files: str) -> Settings:
    """Settings whose migrations are these: name without .sql → text."""
    migrations = folder / "migrations"
    migrations.mkdir(exist_ok=True)
    for name, text in files.items():
        (migrations / f"{name.lstrip('_')}.sql").write_text(text)
    return replace(settings, checkout=folder)


def up_and_down(up: str, down: str = "SELECT 1;", option: str = "") -> str:
    """The text of a file with both sections."""
    return f"-- migrate:up{option}\n{up}\n-- migrate:down{option}\n{down}\n"


def three_tables() -> dict[str, str]:
    """Files 001 to 003, which create the tables t1 to t3."""
    return {
        f"_00{n}_step": up_and_down(f"CREATE TABLE t{n} ();", f"DROP TABLE t{n};")
        for n in (1, 2, 3)
    }
