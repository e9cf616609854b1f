"""Six steps in order; a failed verification moves no traffic; what was cut short goes on."""

from pathlib import Path

import pytest

from howdah.foundation.errors import CommandFailed, Unavailable
from howdah.foundation.layout import Layout
from howdah.operations.cluster.reporting import silent
from howdah.operations.recovery.checks import Findings
from howdah.operations.recovery.choices import (
    INFRASTRUCTURE,
    NOTHING,
    RESTORE,
    Assessment,
    Choice,
)
from howdah.operations.recovery.guide import Guide, NotMade, NotVerified
from howdah.operations.recovery.journal import Journal, begin_journal, open_journal
from howdah.operations.recovery.record import (
    DISCARDED,
    NOT_NEEDED,
    RECOVERED,
    STEPS,
    Record,
)


class Killed(BaseException):
    """The process is gone."""


class Scripted:
    """A provider that notes what is asked of it, and fails where it is told to."""

    name = "scripted"

    def __init__(self, broken: str = "", fails: str = "", dies: str = "", action: str = RESTORE):
        self.called: list[str] = []
        self._broken, self._fails, self._dies, self._action = broken, fails, dies, action

    def _take(self, step: str) -> None:
        self.called.append(step)
        if step == self._dies:
            self._dies = ""
            raise Killed
        if step == self._fails:
            raise Unavailable(f"{step} cannot be done")

    def identify(self) -> tuple[str, ...]:
        self._take("identify")
        return ("something is wrong",)

    def assess(self) -> Assessment:
        self._take("assess")
        return Assessment(INFRASTRUCTURE, (), suggested=Choice(self._action))

    def plan(self, choice: Choice) -> tuple[str, ...]:
        return (f"would {choice}",)

    def recover(self, choice: Choice, journal: Journal) -> dict[str, object]:
        self._take("recover")
        return {"restore_seconds": 1.0}

    def verify(self, choice: Choice, journal: Journal) -> Findings:
        self._take("verify")
        return Findings(broken=[self._broken] if self._broken else [])

    def switch(self, choice: Choice, journal: Journal) -> dict[str, object]:
        self._take("switch")
        return {"outage_seconds": 2.0}

    def discard(self, choice: Choice, journal: Journal) -> None:
        self._take("discard")


class Agrees:
    """Takes what is suggested."""

    def choose(self, assessment: Assessment) -> Choice:
        return assessment.suggested

    def consent(self, sentences: tuple[str, ...]) -> None:
        assert sentences


def led(provider: Scripted, home: Path) -> Record:
    layout = Layout(home)
    journal = open_journal(layout, silent) or begin_journal(layout, silent, STEPS)
    Guide(provider, journal, Agrees(), "here").run()
    return journal.record


def newest(home: Path) -> Record:
    path = max((home / "recovery").glob("*/state.json"))
    found = open_journal(Layout(home), silent)
    assert found is None or found.folder == path.parent
    from howdah.operations.recovery.journal import all_records  # noqa: PLC0415

    return next(record for _, record in all_records(Layout(home)))


def test_all_six_steps_are_taken_once_and_recorded(tmp_path: Path) -> None:
    provider = Scripted()
    record = led(provider, tmp_path)
    assert provider.called == ["identify", "assess", "recover", "verify", "switch"]
    assert (record.outcome, [item.step for item in record.attempts]) == (RECOVERED, list(STEPS))
    assert record.ended_at is not None
    assert (tmp_path / "recovery" / record.id / "post-mortem.md").read_text(encoding="utf-8")


def test_what_is_not_verified_is_thrown_away_and_traffic_stays(tmp_path: Path) -> None:
    provider = Scripted(broken="a page is damaged")
    with pytest.raises(NotVerified, match="a page is damaged"):
        led(provider, tmp_path)
    assert provider.called == ["identify", "assess", "recover", "verify", "discard"]
    assert newest(tmp_path).outcome == DISCARDED
    assert newest(tmp_path).ended_at is not None


def test_what_cannot_be_made_leaves_nothing_behind(tmp_path: Path) -> None:
    provider = Scripted(fails="recover")
    with pytest.raises(NotMade, match="recover cannot be done"):
        led(provider, tmp_path)
    assert provider.called[-1] == "discard"
    assert newest(tmp_path).outcome == DISCARDED


@pytest.mark.parametrize("step", ["identify", "assess", "recover", "verify", "switch"])
def test_a_killed_recovery_goes_on_where_it_was(step: str, tmp_path: Path) -> None:
    provider = Scripted(dies=step)
    with pytest.raises(Killed):
        led(provider, tmp_path)
    assert led(provider, tmp_path).outcome == RECOVERED
    names = ["identify", "assess", "recover", "verify", "switch"]
    expected = [*names[: names.index(step) + 1], *names[names.index(step) :]]
    assert provider.called == expected


def test_a_verification_that_could_not_run_is_no_pass_and_no_verdict(tmp_path: Path) -> None:
    provider = Scripted(fails="verify")
    with pytest.raises(Unavailable):
        led(provider, tmp_path)
    assert "switch" not in provider.called
    assert newest(tmp_path).ended_at is None


def test_when_nothing_has_to_be_done_nothing_is(tmp_path: Path) -> None:
    provider = Scripted(action=NOTHING)
    assert led(provider, tmp_path).outcome == NOT_NEEDED
    assert provider.called == ["identify", "assess"]


def test_one_that_was_cut_short_can_be_taken_back(tmp_path: Path) -> None:
    provider = Scripted(dies="switch")
    with pytest.raises(Killed):
        led(provider, tmp_path)
    journal = open_journal(Layout(tmp_path), silent)
    assert journal is not None
    Guide(provider, journal, Agrees(), "here").give_up()
    assert provider.called[-1] == "discard"
    assert open_journal(Layout(tmp_path), silent) is None


def test_a_record_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    folder = tmp_path / "recovery" / "20261122T030000Z"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text("{", encoding="utf-8")
    with pytest.raises(CommandFailed, match="cannot be read"):
        open_journal(Layout(tmp_path), silent)
