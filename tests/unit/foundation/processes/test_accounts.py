import pytest

from howdah.foundation.processes import accounts


def test_root_starts_programs_as_their_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "running_as_root", lambda: True)
    command = accounts.as_account("redis", ["redis-server", "x"], death_signal="TERM")
    assert accounts.command_line(command) == (
        "setpriv --pdeathsig TERM --reuid redis --regid redis --init-groups -- redis-server x"
    )


def test_others_start_programs_as_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "running_as_root", lambda: False)
    assert accounts.as_account("redis", ["redis-server", "x"]) == ["redis-server", "x"]
    command = accounts.as_account("redis", ["redis-server", "x"], death_signal="TERM")
    assert command == ["setpriv", "--pdeathsig", "TERM", "--", "redis-server", "x"]


def test_a_program_can_be_given_other_groups_than_its_accounts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "running_as_root", lambda: True)
    command = accounts.as_account("postgres", ["x"], groups=("howdah",))
    assert command == [
        *("setpriv", "--reuid", "postgres", "--regid", "postgres", "--groups", "howdah"),
        *("--", "x"),
    ]
    monkeypatch.setattr(accounts, "running_as_root", lambda: False)
    assert accounts.as_account("postgres", ["x"], groups=("howdah",)) == ["x"]
