"""What pgBackRest's `verify` prints, understood. Pure.

It ends with exit code 0 whatever it finds, and names damaged files in its log only. So every line
of that log must be one that is known to mean no harm; any other is a finding.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from howdah.operations.backups.quoting import printable

_ENTRY = re.compile(r"^P[0-9]+ +([A-Z]+): (.*)$")
_SUMMARY = re.compile(r"^stanza: ")
_STATUS_OK = re.compile(r"^status: ok$", re.MULTILINE)
_BACKUP = re.compile(
    r"^backup: (?P<label>\S+), status: (?P<status>[^,]+), "
    r"total files checked: (?P<checked>[0-9]+), total valid files: (?P<valid>[0-9]+)$",
    re.MULTILINE,
)
_WAL = re.compile(
    r"^archiveId: [^,]+, "
    r"total WAL checked: (?P<checked>[0-9]+), total valid WAL: (?P<valid>[0-9]+)$",
    re.MULTILINE,
)
_FILE = re.compile(r"^(file missing|invalid checksum|invalid size) '([^']+)'$")
_RESULT = re.compile(r"^invalid result (\S+): \[([0-9]+)\] (.*)$", re.DOTALL)
_SEGMENT = re.compile(r"^[0-9.]+-[0-9]+/[0-9A-F]{16}/([0-9A-F]{24})-")
_COPY_SERVES = re.compile(r"^(\S+)/backup\.manifest is missing or unusable, using copy$")
_COPY_DIFFERS = re.compile(r"^backup '(\S+)' manifest\.copy does not match manifest$")
_MANIFEST_GONE = re.compile(r"^manifest missing for '(\S+)' - backup may have expired$")
_INFO_DIFFERS = re.compile(r"^(archive|backup)\.info\.copy does not match \1\.info$")
_INFO_GONE = re.compile(r"^No usable (backup|archive)\.info file$", re.MULTILINE)
_NO_HARM = (
    re.compile(r"^verify command (begin|end: completed successfully)"),
    re.compile(r"^archiveId: \S+, wal start: "),
    re.compile(r"^archive path '[^']+' is empty$"),
    re.compile(r"^path '[^']+' does not contain any valid WAL to be processed$"),
    re.compile(r"^statistics: \{"),
    re.compile(r"^backup '\S+' appears to be in progress, skipping$"),
    re.compile(r"^no (archives|backups) exist in the repo$"),  # judged by who knows what should be
)
IN_ORDER = frozenset({"valid", "in-progress"})


@dataclass(frozen=True)
class Damage:
    """One thing that is not as it was stored."""

    kind: str
    """wal, file, manifest, info, history, gap, backup, repository, or other."""
    name: str
    """The WAL segment, the file, the backup's label."""
    sentence: str
    mended_by_copy: bool = False
    """Whether a second copy serves in its place: restores still work."""


@dataclass(frozen=True)
class BackupVerdict:
    """What it says of one backup."""

    label: str
    status: str
    files: int
    valid_files: int


@dataclass(frozen=True)
class Output:
    """The whole of it."""

    ended: bool = False
    """Whether there is a summary; without one nothing was proven."""
    ok: bool = False
    backups: tuple[BackupVerdict, ...] = ()
    wal_checked: int = 0
    wal_valid: int = 0
    damages: tuple[Damage, ...] = field(default=())


def understood(text: str) -> Output:
    """What was printed at the level `detail`."""
    entries = list(_entries(text))
    summary = next((said for _, said in entries if _SUMMARY.match(said)), "")
    backups = tuple(
        BackupVerdict(found["label"], found["status"], int(found["checked"]), int(found["valid"]))
        for found in _BACKUP.finditer(summary)
    )
    segments = [(int(found["checked"]), int(found["valid"])) for found in _WAL.finditer(summary)]
    damages = [damage for level, said in entries for damage in _judged(level, said)]
    return Output(
        ended=bool(summary),
        ok=bool(_STATUS_OK.search(summary)),
        backups=backups,
        wal_checked=sum(checked for checked, _ in segments),
        wal_valid=sum(valid for _, valid in segments),
        damages=(*damages, *_unexplained(backups, damages)),
    )


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Level and words of each entry of the log; lines that go on with one are part of it."""
    level, lines = "", list[str]()
    for line in text.splitlines():
        if found := _ENTRY.match(line):
            if level:
                yield level, "\n".join(lines)
            level, lines = found[1], [found[2]]
        elif line.startswith(" ") and level:
            lines.append(line.strip())
        elif line.strip():
            if level:
                yield level, "\n".join(lines)
            level, lines = "NOT ITS OWN", [line]
    if level:
        yield level, "\n".join(lines)


def _judged(level: str, said: str) -> Iterator[Damage]:
    if _SUMMARY.match(said):
        for gone in _INFO_GONE.finditer(said):
            name = f"{gone[1]}.info"
            yield Damage("info", name, f"neither {name} nor its copy can be read")
    elif found := _FILE.match(said):
        yield _file(found[2], found[1])
    elif found := _RESULT.match(said):
        yield _file(found[1], found[3].splitlines()[0])
    elif damage := _known_of_copies(said):
        yield damage
    elif level != "WARN" and any(pattern.match(said) for pattern in _NO_HARM):
        return
    else:
        yield Damage("other", "", f"pgBackRest says: {printable(said)}")


def _known_of_copies(said: str) -> Damage | None:
    """Manifests and info files, which are kept twice."""
    if found := _COPY_SERVES.match(said):
        sentence = f"the manifest of backup {found[1]} is damaged; its copy serves"
        return Damage("manifest", found[1], sentence, mended_by_copy=True)
    if found := _COPY_DIFFERS.match(said):
        sentence = f"the copy of the manifest of backup {found[1]} is not like the manifest"
        return Damage("manifest", found[1], sentence, mended_by_copy=True)
    if found := _MANIFEST_GONE.match(said):
        return Damage("manifest", found[1], f"the manifest of backup {found[1]} is missing")
    if found := _INFO_DIFFERS.match(said):
        sentence = f"{found[1]}.info and its copy are not alike"
        return Damage("info", f"{found[1]}.info", sentence, mended_by_copy=True)
    return None


def _file(path: str, problem: str) -> Damage:
    if found := _SEGMENT.match(path):
        return Damage("wal", found[1], f"WAL segment {found[1]}: {problem}")
    label, _, file = path.partition("/")
    return Damage("file", path, f"backup {label}, {file}: {problem}")


def _unexplained(backups: tuple[BackupVerdict, ...], damages: list[Damage]) -> Iterator[Damage]:
    """Backups that it calls bad without a word on why: their manifest cannot be used."""
    explained = {damage.name.partition("/")[0] for damage in damages if not damage.mended_by_copy}
    for backup in backups:
        if backup.status not in IN_ORDER and backup.label not in explained:
            yield Damage("backup", backup.label, f"backup {backup.label} is {backup.status}")


def by_kind(damages: tuple[Damage, ...]) -> Mapping[str, int]:
    """How many of each kind."""
    kinds = [damage.kind for damage in damages]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}
