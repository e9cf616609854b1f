"""Settings of this installation: the topology and where its files are.

The only module that reads the environment. Values come from, later ones winning: the defaults,
`howdah.toml`, and `HOWDAH_<SECTION>__<KEY>` variables such as `HOWDAH_PORTS__BASE=9400`.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from howdah.foundation import machine, secrets
from howdah.foundation.errors import ConfigInvalid
from howdah.foundation.layout import Layout
from howdah.foundation.topology import Topology
from howdah.foundation.topology_values import Given, Mistake, build_topology, setting_keys

CHECKOUT = Path(__file__).resolve().parents[3]
PREFIX = "HOWDAH_"


@dataclass(frozen=True)
class Settings:
    """Everything this installation was told."""

    home: Path
    """State: data, sockets, secrets, logs."""
    config_file: Path | None
    """The file that was read, if any."""
    topology: Topology = field(default_factory=Topology)
    checkout: Path = CHECKOUT
    """Where the code and the migrations lie."""

    metrics_directory: str | None = None
    """Where the processes of the API share their counters (PROMETHEUS_MULTIPROC_DIR)."""
    api_url: str | None = None
    """The API that the command line talks to (HOWDAH_URL); None: this installation's own."""
    api_token: str | None = field(default=None, repr=False)
    """The token it shows there (HOWDAH_TOKEN); None: the first admin's."""

    @property
    def layout(self) -> Layout:
        """Where everything lies below the home."""
        return Layout(self.home)

    @property
    def migrations(self) -> Path:
        """The folder of migration files."""
        return self.checkout / "migrations"

    @property
    def transport_security(self) -> dict[str, Any]:
        """libpq's parameters of every connection to PostgreSQL and PgBouncer.

        In the cluster the server proves with a certificate of our authority that it is the one
        asked for; a single server on the loopback interface speaks plainly.
        """
        if not self.topology.clustered:
            return {"sslmode": "disable"}
        authority = self.layout.certificates / "ca.crt"
        return {"sslmode": "verify-full", "sslrootcert": str(authority)}

    def secret(self, name: str) -> str:
        """The secret of that name, from `<home>/secrets/<name>`.

        Raises Unavailable when it does not exist or may not be read.
        """
        return secrets.read_secret(self.home, name)


def load_settings(
    environ: Mapping[str, str] = os.environ, *, profile: str | None = None
) -> Settings:
    """Read the configuration once; `profile` wins over what the file and the environment say.

    Raises ConfigInvalid that lists all mistakes, each with key, value and what would be right.
    """
    settings, mistakes = _read(environ, profile)
    if mistakes:
        raise ConfigInvalid(_sentence(mistakes), mistakes=tuple(mistakes))
    return settings


def _read(environ: Mapping[str, str], profile: str | None) -> tuple[Settings, list[Mistake]]:
    """The settings, defaults in the place of what is wrong, and every mistake."""
    config_file = _config_file(environ)
    given, mistakes = _from_file(config_file)
    given.update(_from_environment(environ))
    if profile:
        given["profile"] = Given(profile, "--profile")
    home = _home(environ)
    _remember_profile(given, home)
    topology, wrong = build_topology(given, machine.memory_mb(), machine.cores())
    mistakes += wrong
    if problem := Layout(home).problem():
        mistakes.append(Mistake("HOWDAH_HOME", str(home), problem))
    settings = Settings(
        home,
        config_file,
        topology,
        Path(environ.get("HOWDAH_CHECKOUT") or CHECKOUT),
        environ.get("PROMETHEUS_MULTIPROC_DIR"),
        environ.get("HOWDAH_URL"),
        environ.get("HOWDAH_TOKEN"),
    )
    return settings, mistakes


def settings_in_force(settings: Settings) -> Settings:
    """The settings that the stack of this home was last started with; else those given.

    What runs runs with them, so a limit that a later version has is no reason to refuse them.
    """
    effective = settings.layout.effective_settings
    if not effective.is_file():
        return settings
    environ = {"HOWDAH_HOME": str(settings.home), "HOWDAH_CONFIG": str(effective)}
    found, _ = _read(environ, None)
    return replace(found, checkout=settings.checkout)


def child_environment(home: Path, config_file: Path | None, **more: str) -> dict[str, str]:
    """The environment for commands that work on another home, from the caller's own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    if config_file:
        more["HOWDAH_CONFIG"] = str(config_file)
    checkout = os.environ.get("HOWDAH_CHECKOUT")
    if checkout:
        more["HOWDAH_CHECKOUT"] = checkout
    return inherited | more | {"HOWDAH_HOME": str(home)}


def _remember_profile(given: dict[str, Given], home: Path) -> None:
    """What the home was made with holds until somebody says otherwise."""
    marker = Layout(home).marker
    if "profile" in given or not marker.is_file():
        return
    profile = marker.read_text(encoding="utf-8").strip()
    if profile:
        given["profile"] = Given(profile, str(marker))


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOWDAH_HOME") or CHECKOUT / "var").expanduser().absolute()


def _config_file(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("HOWDAH_CONFIG")
    if named:
        return Path(named).expanduser().absolute()
    default = CHECKOUT / "howdah.toml"
    return default if default.is_file() else None


def _from_file(path: Path | None) -> tuple[dict[str, Given], list[Mistake]]:
    if path is None:
        return {}, []
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        right = f"the file cannot be read ({problem.strerror}); name one that can, or unset it"
        return {}, [Mistake("HOWDAH_CONFIG", str(path), right)]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        return {}, [Mistake(path.name, str(path), f"is not valid TOML: {problem}")]
    return {key: Given(value, path.name) for key, value in _flattened(document)}, []


def _flattened(document: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _flattened(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    """The overrides; a variable with a double underscore that names no setting is a mistake."""
    top_level = {key for key in setting_keys() if "." not in key}
    given = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX):
            continue
        key = name.removeprefix(PREFIX).lower().replace("__", ".", 1)
        if "." in key or key in top_level:
            given[key] = Given(value, f"environment {name}")
    return given


def _sentence(mistakes: list[Mistake]) -> str:
    if len(mistakes) == 1:
        return f"the configuration has a mistake: {mistakes[0]}"
    lines = "".join(f"\n  {mistake}" for mistake in mistakes)
    return f"the configuration has {len(mistakes)} mistakes:{lines}"
