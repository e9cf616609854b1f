"""Secrets of this installation: one file each under `<home>/secrets`, never anywhere else.

Files are 0600, or 0640 for those that the service account reads too (SHARED).
"""

import os
import secrets as randomness
from pathlib import Path

from howdah.foundation.errors import Unavailable

NAMES = (
    "postgres",
    "howdah_owner",
    "app_write",
    "app_read",
    "pgbouncer_admin",
    "replicator",
    "rewinder",
    "backup",
    "repository_key",
    "redis",
    "first_admin",
    "admin_token",
)
GENERATED = tuple(name for name in NAMES if name != "admin_token")
"""Made by `up`; `admin_token` is issued by the API and stored afterwards."""
SHARED = frozenset({"app_write", "app_read", "redis"})
OF_POSTGRESQL = frozenset({"backup", "repository_key", "s3_key", "s3_key_secret"})
"""Belong to PostgreSQL's account, which takes the backups; `s3_*` are put there by the operator."""


def secret_file(home: Path, name: str) -> Path:
    """Where the secret of that name is kept."""
    return home / "secrets" / name


def read_secret(home: Path, name: str) -> str:
    """The secret's text. Raises Unavailable when it does not exist or may not be read."""
    path = secret_file(home, name)
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        ours = "`howdah up` makes it; HOWDAH_HOME says whose"
        theirs = f"Howdah does not make this one; put it there: install -m 600 /dev/stdin {path}"
        raise Unavailable(
            f"the secret {name!r} does not exist yet ({path})",
            hint=ours if name in NAMES else theirs,
        ) from None
    except PermissionError:
        raise Unavailable(
            f"the secret {name!r} may not be read by this user ({path})",
            hint="run the command as the user that ran `howdah up`",
        ) from None


def write_secret(home: Path, name: str, value: str, *, group: int | None = None) -> None:
    """Store a secret so that it is complete or not there at all; `group` may read it too."""
    path = secret_file(home, name)
    partial = path.with_name(f".{name}.{os.getpid()}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(value + "\n")
        if group is not None:
            os.fchown(file.fileno(), -1, group)
            os.fchmod(file.fileno(), 0o640)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def ensure_secrets(home: Path, *, shared_group: int | None = None) -> list[str]:
    """Make the missing ones; returns their names.

    `shared_group` is the service account's group when it is not the caller's own.
    """
    folder = home / "secrets"
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    folder.chmod(0o711)
    missing = [name for name in GENERATED if not secret_file(home, name).exists()]
    for name in missing:
        group = shared_group if name in SHARED else None
        write_secret(home, name, randomness.token_urlsafe(24), group=group)
    return missing
