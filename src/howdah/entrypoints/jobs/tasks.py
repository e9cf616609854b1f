"""The one table of tasks: the name that product code enqueues → what the worker runs.

Every task is harmless to repeat: messages come at least once.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from howdah.entrypoints.jobs.cleaning import clean_expired
from howdah.entrypoints.jobs.drifting import look_for_drift
from howdah.entrypoints.jobs.sharing import Shared
from howdah.product.insights.daily import report_days
from howdah.product.organizations.changing import purge_deleted_organizations
from howdah.product.search.words import REFRESH_TASK, refresh_all_words, refresh_words
from howdah.product.transfers import export_job, imports
from howdah.product.transfers.jobs import TASK_PREFIX, Ticket

Arguments = Mapping[str, Any]
Task = Callable[[Shared, Arguments], None]


def import_files(shared: Shared, arguments: Arguments) -> None:
    """Run an import job."""
    imports.run_import(shared.database, Ticket.of_arguments(arguments), stopping=shared.stopping)


def export_documents(shared: Shared, arguments: Arguments) -> None:
    """Run an export job."""
    export_job.run_export(shared.database, Ticket.of_arguments(arguments), stopping=shared.stopping)


def refresh_search_words(shared: Shared, arguments: Arguments) -> None:
    """Count the words of one organization, or of all when none is named."""
    if "org_id" in arguments:
        refresh_words(shared.database, arguments["org_id"])
    else:
        refresh_all_words(shared.database)


def report_yesterday(shared: Shared, arguments: Arguments) -> None:
    """Write the report of the day before the scheduled moment."""
    moment = datetime.fromisoformat(arguments["scheduled_for"])
    report_days(shared.database, (moment - timedelta(days=1)).date())


def clean(shared: Shared, _arguments: Arguments) -> None:
    """Remove what has expired, and organizations that were deleted long enough ago."""
    clean_expired(shared.database)
    purge_deleted_organizations(shared.database)


def watch_schema(shared: Shared, _arguments: Arguments) -> None:
    """Look whether somebody changed the schema by other means than a migration."""
    look_for_drift(shared.database)


TASKS: Mapping[str, Task] = {
    TASK_PREFIX + imports.KIND: import_files,
    TASK_PREFIX + export_job.KIND: export_documents,
    REFRESH_TASK: refresh_search_words,
    "insights.report_yesterday": report_yesterday,
    "cleaning.clean_expired": clean,
    "schema.look_for_drift": watch_schema,
}
