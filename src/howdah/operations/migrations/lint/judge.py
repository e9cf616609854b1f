"""Judge files of the folder by every rule."""

from collections.abc import Sequence
from pathlib import Path

from howdah.foundation.errors import InvalidInput
from howdah.foundation.settings import Settings
from howdah.operations.migrations.files import SNAPSHOT, MigrationFileInvalid
from howdah.operations.migrations.lint.allowances import excused
from howdah.operations.migrations.lint.findings import Finding
from howdah.operations.migrations.lint.rules import RULES
from howdah.operations.migrations.lint.source import Source
from howdah.operations.migrations.lint.squawk import squawk_findings

PAGES = "docs/reference/migration-lint"


def lint_migrations(settings: Settings, names: Sequence[str] = ()) -> list[Finding]:
    """Everything that is wrong and not excused, in the order of files and lines.

    `names` are file names, paths or numbers; none means the whole folder. Raises InvalidInput for
    one that is not there, MigrationFileInvalid for a folder or file that cannot be read.
    """
    folder = read_sources(settings.migrations)
    chosen = [_chosen(folder, name) for name in names] if names else folder
    found = squawk_findings(chosen)
    for source in chosen:
        found += _own(source, folder)
    return sorted(
        left
        for source in chosen
        for left in excused(source, [one for one in found if one.file == source.path.name])
    )


def read_sources(folder: Path) -> list[Source]:
    """Every file of the folder, in the order they run. Raises MigrationFileInvalid."""
    if not folder.is_dir():
        raise MigrationFileInvalid(
            f"There is no folder of migrations at {folder}.",
            hint="Run from a complete checkout or an installed wheel.",
        )
    return [_read(path) for path in sorted(folder.glob("*.sql")) if path.name != SNAPSHOT]


def _read(path: Path) -> Source:
    try:
        return Source(path, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as failure:
        raise MigrationFileInvalid(
            f"Migration {path.name} cannot be read: {failure}.",
            hint="Save it as UTF-8, readable for you.",
            file=str(path),
        ) from failure


def _own(source: Source, folder: Sequence[Source]) -> list[Finding]:
    return [
        Finding(
            source.path.name,
            breach.line,
            name,
            breach.message,
            rule.instead,
            f"{PAGES}/{name}.md",
        )
        for name, rule in RULES.items()
        for breach in rule.check(source, folder)
    ]


def _chosen(folder: Sequence[Source], name: str) -> Source:
    for source in folder:
        if Path(name).name in (
            source.path.name,
            source.path.stem,
            source.path.stem.partition("_")[0],
        ):
            return source
    raise InvalidInput(
        f"There is no migration {name}.", hint="Name a file, such as 045 or 045_positions.sql."
    )
