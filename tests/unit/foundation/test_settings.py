from pathlib import Path

import pytest

from howdah.foundation.errors import ConfigInvalid, Unavailable
from howdah.foundation.settings import load_settings, settings_in_force

NO_FILE = {"HOWDAH_CONFIG": "/dev/null"}


def _file(folder: Path, text: str) -> dict[str, str]:
    path = folder / "howdah.toml"
    path.write_text(text, encoding="utf-8")
    return {"HOWDAH_CONFIG": str(path)}


def test_without_anything_given_the_defaults_hold() -> None:
    settings = load_settings(NO_FILE)
    assert settings.topology.ports.api == 8400
    assert settings.home == settings.checkout / "var"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    environ = _file(tmp_path, "[ports]\nbase = 9400\n[api]\nworkers = 3\n")
    settings = load_settings(environ | {"HOWDAH_PORTS__BASE": "9500"})
    assert settings.topology.ports.api == 9500
    assert settings.topology.api.workers == 3


def test_mistakes_of_file_and_environment_are_reported_together(tmp_path: Path) -> None:
    environ = _file(tmp_path, "[ports]\nbase = 'x'\n[apy]\nworkers = 3\n")
    with pytest.raises(ConfigInvalid) as failure:
        load_settings(environ | {"HOWDAH_API__WORKERS": "none"})
    message = failure.value.message
    assert "ports.base = 'x' (howdah.toml)" in message
    assert "apy.workers = 3 (howdah.toml): there is no such setting; did you mean" in message
    assert "api.workers = 'none' (environment HOWDAH_API__WORKERS)" in message


def test_a_file_that_is_no_toml_is_refused_with_the_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"is not valid TOML: .*line 2"):
        load_settings(_file(tmp_path, "[ports]\nbase = = 1\n"))


def test_a_named_file_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match=r"/nowhere/howdah.toml.*cannot be read"):
        load_settings({"HOWDAH_CONFIG": "/nowhere/howdah.toml"})


def test_variables_that_are_no_settings_are_left_alone() -> None:
    load_settings(NO_FILE | {"HOWDAH_SUPERVISED": "/x", "OTHER__THING": "1"})


@pytest.mark.parametrize("home", ["/", "/srv/my home", "/srv/a;b", "/srv/" + "x" * 100])
def test_a_home_that_the_programs_could_not_use_is_refused(home: str) -> None:
    with pytest.raises(ConfigInvalid, match="HOWDAH_HOME"):
        load_settings(NO_FILE | {"HOWDAH_HOME": home})


def test_a_secret_that_does_not_exist_says_what_makes_it(tmp_path: Path) -> None:
    settings = load_settings(NO_FILE | {"HOWDAH_HOME": str(tmp_path)})
    with pytest.raises(Unavailable, match="howdah up"):
        settings.secret("redis")


def test_the_settings_in_force_are_those_of_the_last_start(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "howdah.toml").write_text("[ports]\nbase = 9400\n", encoding="utf-8")
    given = load_settings(NO_FILE | {"HOWDAH_HOME": str(tmp_path)})
    assert settings_in_force(given).topology.ports.api == 9400


def test_settings_in_force_that_a_later_version_would_refuse_still_lead_to_what_runs(
    tmp_path: Path,
) -> None:
    given = load_settings({"HOWDAH_HOME": str(tmp_path)})
    given.layout.configuration.mkdir()
    given.layout.effective_settings.write_text(
        'profile = "full"\nold = 1\n[ports]\nbase = 9400\n[cluster]\nttl_seconds = 6\n'
    )
    in_force = settings_in_force(given).topology
    assert (in_force.profile, in_force.ports.base) == ("full", 9400)
