"""pgbackrest.conf: where the repository is, how it is encrypted, which servers there are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.text import HEADER
from howdah.foundation.topology import Backup, Topology

STANZA = "production"
ROLE = "backup"
"""pgBackRest's user of PostgreSQL; its password has a secret of its name."""
S3_PATH = "/howdah"
SINGLE = "postgresql"
"""The node of a single server."""


@dataclass(frozen=True)
class RepositoryKeys:
    """Secrets of the repository: what it is encrypted with, and those of its bucket."""

    passphrase: str
    s3_key: str = ""
    s3_key_secret: str = ""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on this machine: its data directory, socket directory and port."""

    node: str
    data: Path
    sockets: Path
    port: int


def servers_of(topology: Topology, layout: Layout) -> tuple[Server, ...]:
    """Every server that can be backed up; those that may be promoted come first."""
    if not topology.clustered:
        port = topology.ports.postgresql
        return (Server(SINGLE, layout.postgresql_data, layout.postgresql_sockets, port),)
    members = sorted(topology.members, key=lambda member: not member.candidate)
    return tuple(
        Server(
            member.name,
            layout.member_data(member.name),
            layout.member_run(member.name),
            member.port,
        )
        for member in members
    )


def pgbackrest_conf(topology: Topology, layout: Layout, keys: RepositoryKeys) -> str:
    """The operator's configuration: every server. It holds the passphrase."""
    servers = servers_of(topology, layout)
    options = {"backup-standby": "y"} if len(servers) > 1 else {}
    return _text(topology, layout, keys, "operator", servers, options)


def node_conf(topology: Topology, layout: Layout, keys: RepositoryKeys, server: Server) -> str:
    """What one server archives with. It holds the passphrase."""
    return _text(topology, layout, keys, server.node, [server], {})


def archive_command(layout: Layout, node: str) -> str:
    """What PostgreSQL runs for every finished segment."""
    configuration = layout.pgbackrest_configuration(node)
    return f"pgbackrest --config={configuration} --stanza={STANZA} archive-push %p"


def archiving(topology: Topology, layout: Layout, node: str) -> dict[str, object]:
    """PostgreSQL's parameters, as text without SQL's quotes; archiving nothing when not enabled."""
    if not topology.backup.enabled:
        return {"archive_mode": "off"}
    return {
        "archive_mode": "on",
        "archive_command": archive_command(layout, node),
        "archive_timeout": f"{topology.backup.archive_timeout_seconds}s",
    }


def backup_pgpass(password: str) -> str:
    """libpq's password file."""
    return f"*:*:*:{ROLE}:{password}\n"


def repository_path(topology: Topology, layout: Layout) -> str:
    """The repository's folder, or its path in the bucket."""
    backup = topology.backup
    default = S3_PATH if backup.repository == "s3" else str(layout.repository)
    return backup.path or default


def repository_place(topology: Topology, layout: Layout) -> str:
    """The repository in words."""
    backup, path = topology.backup, repository_path(topology, layout)
    if backup.repository == "posix":
        return path
    return f"s3://{backup.s3_bucket}{path} at {backup.s3_endpoint}"


def _text(  # noqa: PLR0913, PLR0917  (the parts of one file)
    topology: Topology,
    layout: Layout,
    keys: RepositoryKeys,
    node: str,
    servers: Iterable[Server],
    options: Mapping[str, object],
) -> str:
    general: dict[str, object] = {
        **_repository(topology.backup, repository_path(topology, layout), keys),
        "lock-path": layout.backup_run / node,
        "spool-path": layout.spool / node,
        "process-max": topology.backup.processes,
        "compress-type": "zst",
        "compress-level": 3,
        "start-fast": "y",
        "log-level-console": "off",
        "log-level-file": "off",
        "log-level-stderr": "warn",
        "log-timestamp": "n",
        **options,
    }
    return (
        "\n".join(
            [
                f"# {HEADER}",
                "[global]",
                *_lines(general),
                "",
                f"[{STANZA}]",
                *_lines(_stanza(servers)),
            ]
        )
        + "\n"
    )


def _repository(backup: Backup, path: str, keys: RepositoryKeys) -> dict[str, object]:
    options: dict[str, object] = {
        "repo1-type": backup.repository,
        "repo1-path": path,
        "repo1-cipher-type": "aes-256-cbc",
        "repo1-cipher-pass": keys.passphrase,
        # By time, and WAL with its backups: keeping less WAL makes holes.
        "repo1-retention-full-type": "time",
        "repo1-retention-full": backup.retention_days,
    }
    if backup.repository == "posix":
        return options
    options |= {
        "repo1-s3-endpoint": backup.s3_endpoint,
        "repo1-s3-bucket": backup.s3_bucket,
        "repo1-s3-region": backup.s3_region,
        "repo1-s3-key": keys.s3_key,
        "repo1-s3-key-secret": keys.s3_key_secret,
        "repo1-s3-uri-style": "path",
        "repo1-storage-port": backup.s3_port,
    }
    return options | ({"repo1-storage-ca-file": backup.s3_ca_file} if backup.s3_ca_file else {})


def _stanza(servers: Iterable[Server]) -> dict[str, object]:
    options: dict[str, object] = {}
    for number, server in enumerate(servers, start=1):
        options |= {
            f"pg{number}-path": server.data,
            f"pg{number}-socket-path": server.sockets,
            f"pg{number}-port": server.port,
            f"pg{number}-user": ROLE,
            f"pg{number}-database": "postgres",
        }
    return options


def _lines(options: dict[str, object]) -> list[str]:
    return [f"{name}={value}" for name, value in options.items()]
