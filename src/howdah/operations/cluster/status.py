"""Everything about the cluster at one moment, asked of all sources at a time."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from howdah.foundation.errors import HowdahError
from howdah.foundation.settings import Settings
from howdah.operations.cluster.asking import ask_all
from howdah.operations.cluster.diagnosis import limits_of, what_is_wrong
from howdah.operations.cluster.etcd import etcd_health
from howdah.operations.cluster.list_certificates import list_certificates
from howdah.operations.cluster.lock import current_operation
from howdah.operations.cluster.patroni import cluster_view, clustered
from howdah.operations.cluster.pooler import pool_views
from howdah.operations.cluster.routes import route_views
from howdah.operations.cluster.views import ClusterStatus, ClusterView

PATIENCE_SECONDS = 6.0
"""The members are asked in two rounds of 2.5 s at most; everything else answers beside them."""


def cluster_status(given: Settings) -> ClusterStatus:
    """The cluster with what is wrong in words; takes at most PATIENCE_SECONDS.

    Raises CommandFailed when the home has no cluster.
    """
    settings = clustered(given)
    sources: dict[str, Callable[[Settings], Any]] = {
        "the members": cluster_view,
        "HAProxy": route_views,
        "PgBouncer": pool_views,
        "etcd": etcd_health,
        "the lock": current_operation,
        "the certificates": certificate_troubles,
    }
    questions = {name: partial(ask, settings) for name, ask in sources.items()}
    answers = ask_all(questions, PATIENCE_SECONDS)
    status = _assembled(answers)
    return replace(status, wrong=what_is_wrong(status, limits_of(settings.topology)))


def _assembled(answers: dict[str, Any]) -> ClusterStatus:
    def answer(name: str, missing: Any) -> Any:
        return missing if isinstance(answers[name], HowdahError) else answers[name]

    return ClusterStatus(
        cluster=answer("the members", ClusterView(())),
        routes=answer("HAProxy", ()),
        pools=answer("PgBouncer", ()),
        etcd=answer("etcd", ()),
        certificates=answer("the certificates", ()),
        operation=answer("the lock", ""),
        unanswered=tuple(
            f"{name} could not be asked: {failure.message}"
            for name, failure in answers.items()
            if isinstance(failure, HowdahError)
        ),
    )


def certificate_troubles(settings: Settings) -> tuple[str, ...]:
    """A sentence for each certificate that is not as it should be, or not for long."""
    return tuple(
        f"the certificate of {item.name} is {item.trouble}; "
        "`howdah cluster rotate-certificates` makes new ones"
        for item in list_certificates(settings)
        if item.trouble
    )
