"""Patroni's automation: off for maintenance by hand, and on again."""

from functools import partial

from howdah.foundation.errors import HowdahError, Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.cluster.asking import ask_all, wait_until
from howdah.operations.cluster.patroni import PATIENCE_SECONDS, clustered, insist, tell
from howdah.operations.cluster.rest import Unreachable

ACKNOWLEDGE_SECONDS = 15.0


def pause(given: Settings) -> None:
    """Stop automatic failover on every member. Raises Unavailable, PatroniRefused."""
    _set(clustered(given), paused=True)


def resume(given: Settings) -> None:
    """Let Patroni act again. Raises Unavailable, PatroniRefused."""
    _set(clustered(given), paused=False)


def _set(settings: Settings, *, paused: bool) -> None:
    """Write it once, then wait until every member that answers has seen it."""
    wish = "pause" if paused else "resume"
    _write(settings, {"pause": True if paused else None}, wish)
    wait_until(
        lambda: _acknowledged(settings, paused=paused),
        f"every member to {wish}",
        ACKNOWLEDGE_SECONDS,
        look=0.3,
    )


def _write(settings: Settings, change: object, wish: str) -> None:
    reasons = []
    for member in settings.topology.members:
        try:
            reply = tell(settings, member, "PATCH", "/config", change, timeout_seconds=5)
        except Unreachable as failure:
            reasons.append(failure.message)
            continue
        insist(reply, wish)
        return
    raise Unavailable(
        f"no member could be told to {wish}: {'; '.join(reasons)}",
        hint="`howdah status` shows which programs run",
    )


def _acknowledged(settings: Settings, *, paused: bool) -> bool:
    """Whether all that answer agree; a member that is away reads it when it is back."""
    answers = ask_all(
        {
            member.name: partial(tell, settings, member, "GET", "/patroni")
            for member in settings.topology.members
        },
        PATIENCE_SECONDS,
    )
    said = [item.json() for item in answers.values() if not isinstance(item, HowdahError)]
    return bool(said) and all(bool(item.get("pause")) == paused for item in said)
