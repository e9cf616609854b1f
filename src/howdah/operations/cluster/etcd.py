"""etcd: its members' health, and a few requests of its JSON gateway."""

import base64
from typing import Any

from howdah.foundation.errors import HowdahError, Unavailable
from howdah.foundation.settings import Settings
from howdah.foundation.topology import EtcdMember
from howdah.operations.cluster.asking import ask_all
from howdah.operations.cluster.rest import TIMEOUT_SECONDS, Endpoint, call
from howdah.operations.cluster.views import EtcdView

PATIENCE_SECONDS = TIMEOUT_SECONDS + 0.5


class EtcdAway(Unavailable):
    """No member of etcd answers."""


def etcd_health(settings: Settings) -> tuple[EtcdView, ...]:
    """Each member: whether it can still agree with the others on something."""
    members = settings.topology.etcd_members
    questions = {member.name: lambda member=member: _health(settings, member) for member in members}
    answers = ask_all(questions, PATIENCE_SECONDS)
    return tuple(
        EtcdView(name, answer.message if isinstance(answer, HowdahError) else answer)
        for name, answer in answers.items()
    )


def _health(settings: Settings, member: EtcdMember) -> str:
    """Empty when it is healthy."""
    answer = call(settings, _endpoint(member), "GET", "/health").json()
    healthy = isinstance(answer, dict) and str(answer.get("health")).lower() == "true"
    reason = answer.get("reason", "") if isinstance(answer, dict) else ""
    return "" if healthy else f"it says that it is not healthy {reason}".strip()


def _endpoint(member: EtcdMember) -> Endpoint:
    return Endpoint(member.name, member.host, member.client_port)


def request(settings: Settings, path: str, body: object) -> dict[str, Any]:
    """POST to the first member that answers. Raises EtcdAway with every reason."""
    reasons = []
    for member in settings.topology.etcd_members:
        try:
            reply = call(settings, _endpoint(member), "POST", path, body)
        except Unavailable as failure:
            reasons.append(failure.message)
            continue
        if reply.ok:
            answer = reply.json()
            assert isinstance(answer, dict)
            return answer
        reasons.append(f"{member.name} answered {reply.status}: {reply.text[:200]}")
    raise EtcdAway("etcd does not answer: " + "; ".join(reasons))


def encoded(text: str) -> str:
    """As the gateway wants keys and values."""
    return base64.b64encode(text.encode()).decode()


def decoded(text: str) -> str:
    """A key or value of an answer."""
    return base64.b64decode(text).decode(errors="replace")
