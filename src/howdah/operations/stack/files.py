"""Everything on disk that the programs need before they start."""

import os
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from howdah.foundation import secrets
from howdah.foundation.errors import CommandFailed
from howdah.foundation.layout import Layout
from howdah.foundation.processes.accounts import (
    APPLICATION,
    POSTGRESQL,
    REDIS,
    account,
    as_account,
    own,
    running_as_root,
)
from howdah.foundation.processes.run import ProcessFailed, run
from howdah.foundation.processes.supervisor import open_files_limit
from howdah.foundation.rendering.etcd import etcd_yml
from howdah.foundation.rendering.haproxy import haproxy_cfg
from howdah.foundation.rendering.patroni import ACCOUNTS, patroni_yml
from howdah.foundation.rendering.pgbackrest import (
    ROLE,
    RepositoryKeys,
    backup_pgpass,
    node_conf,
    pgbackrest_conf,
    repository_path,
    servers_of,
)
from howdah.foundation.rendering.pgbouncer import ADMIN_USER, pgbouncer_ini, userlist_txt
from howdah.foundation.rendering.postgresql import pg_hba_conf, postgresql_conf
from howdah.foundation.rendering.redis import redis_conf
from howdah.foundation.rendering.settings_files import effective_toml
from howdah.foundation.rendering.supervisord import supervisord_conf
from howdah.foundation.scram import role_verifier
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Topology
from howdah.operations.stack.programs import POSTGRESQL_BINARIES, Program

ROOT = "root"


@dataclass(frozen=True)
class _File:
    """A rendered file, who owns it and its mode."""

    name: str
    text: str
    owner: str = ROOT
    mode: int = 0o644


def require_own_home(layout: Layout) -> None:
    """Refuse folders with other things in them, and to mix users. Raises CommandFailed."""
    home = layout.home
    if layout.marker.exists():
        owner = layout.marker.stat().st_uid
        if owner != os.geteuid():
            raise CommandFailed(
                f"{home} belongs to another user (UID {owner})",
                hint="run the command as that user, or name another folder in HOWDAH_HOME",
            )
    elif home.exists() and not _holds_homes_only(home):
        raise CommandFailed(
            f"{home} holds other things and is no home of Howdah",
            hint="name an empty or a new folder in HOWDAH_HOME",
        )


def require_same_profile(settings: Settings) -> None:
    """A home keeps its profile: the database files of one are not those of the other.

    Raises CommandFailed.
    """
    layout, wanted = settings.layout, settings.topology.profile
    made_with = profile_of(layout)
    if made_with and made_with != wanted and any(layout.data.glob("*")):
        raise CommandFailed(
            f"{layout.home} was made with the profile {made_with!r} and holds its database",
            hint=f"name another folder in HOWDAH_HOME for {wanted!r} (and another ports.base to "
            "run both), or delete this one with `howdah reset`",
        )


def profile_of(layout: Layout) -> str | None:
    """The profile that the home was made with; None when it is not made yet."""
    if not layout.marker.is_file():
        return None
    return layout.marker.read_text(encoding="utf-8").strip() or "solo"


def _holds_homes_only(home: Path) -> bool:
    """Whether the folder is empty but for homes of other stacks."""
    return home.is_dir() and all(Layout(inner).marker.is_file() for inner in home.iterdir())


def clear_metrics(layout: Layout) -> None:
    """Forget the counters of processes that are gone; a stack starts from zero."""
    for path in layout.metrics.glob("*.db"):
        path.unlink(missing_ok=True)


def make_metrics_folder(layout: Layout) -> None:
    """Where processes share their counters: in memory, else on the home's disk.

    The counters are memory-mapped files. On a full disk one that has to grow kills its process
    (SIGBUS), and the API would be away although it could still answer.
    """
    in_memory = layout.metrics_in_memory
    try:
        in_memory.mkdir(mode=0o755, exist_ok=True)
        found = in_memory.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in _own_uids():
            raise PermissionError  # somebody else took the name
        own(in_memory, APPLICATION, 0o755)
    except OSError:
        _make_folder(layout.metrics, APPLICATION, 0o755)
        return
    if layout.metrics.is_dir() and not layout.metrics.is_symlink():
        shutil.rmtree(layout.metrics)
    if not layout.metrics.is_symlink():
        layout.metrics.symlink_to(in_memory)


def _own_uids() -> set[int]:
    return {os.geteuid(), account(APPLICATION).uid}


def make_folders(settings: Settings) -> None:
    """Every folder below the home, each with its owner and mode. Raises CommandFailed."""
    layout = settings.layout
    folders = (
        (layout.home, ROOT, 0o755),
        (layout.configuration, ROOT, 0o755),
        (layout.logs, ROOT, 0o755),
        (layout.run, ROOT, 0o755),
        (layout.data, ROOT, 0o755),
        (layout.postgresql_sockets, POSTGRESQL, 0o755),
        (layout.pgbouncer_sockets, POSTGRESQL, 0o755),
        (layout.redis_data, REDIS, 0o700),
        *_cluster_folders(settings.topology, layout),
        *_backup_folders(settings.topology, layout),
    )
    for folder, owner, mode in folders:
        _make_folder(folder, owner, mode)
    make_metrics_folder(layout)
    layout.marker.write_text(f"{settings.topology.profile}\n", encoding="utf-8")
    _require_reachable(layout)


def _cluster_folders(topology: Topology, layout: Layout) -> list[tuple[Path, str, int]]:
    """Members own the folder above their data directory: Patroni replaces it when it copies."""
    if not topology.clustered:
        return []
    folders = [
        (layout.haproxy_socket.parent, POSTGRESQL, 0o755),
        *((layout.data / etcd.name, POSTGRESQL, 0o700) for etcd in topology.etcd_members),
    ]
    for member in topology.members:
        folders += [
            (layout.member_folder(member.name), POSTGRESQL, 0o700),
            (layout.member_run(member.name), POSTGRESQL, 0o755),
            (layout.member_logs(member.name), POSTGRESQL, 0o755),
        ]
    return folders


def _backup_folders(topology: Topology, layout: Layout) -> list[tuple[Path, str, int]]:
    """Nobody but PostgreSQL's account may look into the repository."""
    if not topology.backup.enabled:
        return []
    nodes = ["operator", *(server.node for server in servers_of(topology, layout))]
    folders = [(layout.backup_run, POSTGRESQL, 0o755), (layout.spool, POSTGRESQL, 0o700)]
    folders += [(layout.restore_tests, POSTGRESQL, 0o755)]
    folders += [(layout.backup_counts, POSTGRESQL, 0o755), (layout.scratch, POSTGRESQL, 0o700)]
    folders += [(layout.spool / node, POSTGRESQL, 0o700) for node in nodes]
    if topology.backup.repository == "posix":
        folders.append((Path(repository_path(topology, layout)), POSTGRESQL, 0o750))
    return folders


def _make_folder(folder: Path, owner: str, mode: int) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        own(folder, owner, mode)
    except OSError as refusal:
        raise CommandFailed(
            f"{folder} cannot be made or used: {refusal.strerror}",
            hint="name a folder that you may write to in HOWDAH_HOME",
        ) from refusal


def _require_reachable(layout: Layout) -> None:
    """The accounts of the programs must be able to walk to the home. Raises CommandFailed."""
    if not running_as_root():
        return
    for owner in (POSTGRESQL, REDIS, APPLICATION):
        try:
            run(as_account(owner, ["test", "-x", str(layout.home)]))
        except ProcessFailed:
            raise CommandFailed(
                f"the account {owner!r} cannot reach {layout.home}: a folder above it is closed",
                hint="name a folder outside of private ones in HOWDAH_HOME, "
                "such as /var/lib/howdah/mine",
            ) from None


def make_secrets(settings: Settings) -> list[str]:
    """Generate the missing secrets; returns their names."""
    _require_repository_key(settings)
    shared = account(APPLICATION).gid if running_as_root() else None
    made = secrets.ensure_secrets(settings.home, shared_group=shared)
    for name in secrets.OF_POSTGRESQL:
        path = secrets.secret_file(settings.home, name)
        if path.exists():
            own(path, POSTGRESQL, 0o600)
    return made


def _require_repository_key(settings: Settings) -> None:
    """A new key would make a repository that is there unreadable. Raises CommandFailed."""
    topology, layout = settings.topology, settings.layout
    key = secrets.secret_file(settings.home, "repository_key")
    if key.exists() or not topology.backup.enabled or topology.backup.repository != "posix":
        return
    repository = Path(repository_path(topology, layout))
    if repository.is_dir() and any(repository.iterdir()):
        raise CommandFailed(
            f"{repository} holds backups, and the key that they are encrypted with is missing",
            hint=f"put the key back as {key}, or name another folder in backup.path",
        )


def write_configuration(settings: Settings, programs: Iterable[Program]) -> frozenset[str]:
    """Render every file; returns the names of those that are new or changed."""
    layout = settings.layout
    changed = [item.name for item in _rendered(settings, programs) if _write(layout, item)]
    return frozenset(changed)


def _rendered(settings: Settings, programs: Iterable[Program]) -> list[_File]:
    topology, layout = settings.topology, settings.layout
    users = ("app_write", "app_read", ADMIN_USER)
    verifiers = {user: role_verifier(user, settings.secret(user)) for user in users}
    supervised = [program.supervised(topology, layout) for program in programs]
    return [
        _File("howdah.toml", effective_toml(topology)),
        *(_clustered(settings) if topology.clustered else _single(topology, layout)),
        *(_backups(settings) if topology.backup.enabled else []),
        _File("pgbouncer.ini", pgbouncer_ini(topology, layout)),
        _File("userlist.txt", userlist_txt(verifiers), POSTGRESQL, 0o600),
        _File("redis.conf", redis_conf(topology, layout, settings.secret("redis")), REDIS, 0o600),
        _File("supervisord.conf", supervisord_conf(supervised, layout, open_files_limit())),
    ]


def _single(topology: Topology, layout: Layout) -> list[_File]:
    return [
        _File("postgresql.conf", postgresql_conf(topology, layout)),
        _File("pg_hba.conf", pg_hba_conf()),
    ]


def _clustered(settings: Settings) -> list[_File]:
    topology, layout = settings.topology, settings.layout
    passwords = {user: settings.secret(user) for user in ACCOUNTS.values()}
    return [
        _File("haproxy.cfg", haproxy_cfg(topology, layout)),
        *(
            _File(f"{etcd.name}.yml", etcd_yml(topology, layout, etcd))
            for etcd in topology.etcd_members
        ),
        *(
            _File(
                f"patroni-{member.name}.yml",
                patroni_yml(topology, layout, member, passwords),
                POSTGRESQL,
                0o600,
            )
            for member in topology.members
        ),
    ]


def _backups(settings: Settings) -> list[_File]:
    """What pgBackRest reads; the passphrase is in it, never on a command line."""
    topology, layout, keys = settings.topology, settings.layout, _repository_keys(settings)
    rendered = {layout.pgbackrest_configuration(): pgbackrest_conf(topology, layout, keys)}
    for server in servers_of(topology, layout):
        path = layout.pgbackrest_configuration(server.node)
        rendered[path] = node_conf(topology, layout, keys, server)
    rendered[layout.backup_passwords] = backup_pgpass(settings.secret(ROLE))
    return [_File(path.name, text, POSTGRESQL, 0o600) for path, text in rendered.items()]


def _repository_keys(settings: Settings) -> RepositoryKeys:
    passphrase = settings.secret("repository_key")
    if settings.topology.backup.repository == "posix":
        return RepositoryKeys(passphrase)
    return RepositoryKeys(passphrase, settings.secret("s3_key"), settings.secret("s3_key_secret"))


def _write(layout: Layout, item: _File) -> bool:
    """Replace the file whole when its text differs; its mode and owner are always set."""
    path = layout.configuration / item.name
    changed = not path.exists() or path.read_text(encoding="utf-8") != item.text
    if changed:
        partial = path.with_name(f".{item.name}.new")
        partial.touch(mode=0o600)
        partial.write_text(item.text, encoding="utf-8")
        partial.replace(path)
    own(path, item.owner, item.mode)
    return changed


def make_database_cluster(settings: Settings) -> bool:
    """Initialise PostgreSQL's data directory unless it is there; whether it was made.

    With checksums, UTF-8, and the superuser's password. Raises ProcessFailed.
    """
    layout = settings.layout
    if (layout.postgresql_data / "PG_VERSION").exists():
        return False
    unfinished = layout.data / "postgresql.new"
    if unfinished.exists():  # an earlier `up` was killed meanwhile
        run(["rm", "-rf", str(unfinished)])
    unfinished.mkdir()
    own(unfinished, POSTGRESQL, 0o700)
    password = layout.postgresql_sockets / ".password"
    try:
        _initdb(unfinished, _password_file(password, settings.secret("postgres")))
    finally:
        password.unlink(missing_ok=True)
    unfinished.rename(layout.postgresql_data)
    return True


def _password_file(path: Path, password: str) -> Path:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(password, encoding="utf-8")
    own(path, POSTGRESQL, 0o600)
    return path


def _initdb(folder: Path, password_file: Path) -> None:
    options = (
        "--username=postgres",
        "--auth=scram-sha-256",
        f"--pwfile={password_file}",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
    )
    command = [str(POSTGRESQL_BINARIES / "initdb"), f"--pgdata={folder}", *options]
    run(as_account(POSTGRESQL, command), cwd=folder)
