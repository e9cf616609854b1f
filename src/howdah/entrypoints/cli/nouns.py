"""Every command: its name, the file that holds it, and its line in `howdah --help`.

A file defines `command`. It is named here, not imported, so that `--help` and `status` do not
load the web framework.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    """One command or group of commands."""

    name: str
    summary: str
    group: str
    module: str = ""

    def path(self) -> str:
        """The module to import."""
        return f"howdah.entrypoints.cli.{self.module or self.name}"


STACK, PRODUCT = "The stack", "The product, through its API"
DATABASE, CLUSTER, DEVELOPMENT = "The database", "The cluster", "Development"

NOUNS = (
    Noun("up", "Start everything; makes the database on the first time.", STACK),
    Noun("down", "Stop everything; the data stay.", STACK),
    Noun("status", "What runs, and whether it serves.", STACK),
    Noun("restart", "Restart services, so that they take up changed code.", STACK),
    Noun("logs", "Print the log of a service.", STACK),
    Noun("reset", "Delete the stack and all its data, after asking.", STACK),
    Noun("config", "Show and check the settings.", STACK),
    Noun("document", "Import, find and export documents.", PRODUCT),
    Noun("org", "Organizations: list, create, members, invite.", PRODUCT),
    Noun("user", "List, create, disable and enable users.", PRODUCT),
    Noun("token", "Create, list and revoke API tokens.", PRODUCT),
    Noun("migrate", "The schema: status, up, down, new, lint, verify, drift, …", DATABASE),
    Noun("roles", "The database roles: show, provision.", DATABASE),
    Noun("backup", "Backups and the archive of WAL: take, list, check, verify.", DATABASE),
    Noun("restore", "Go back to a moment: a database of then, in a folder of its own.", DATABASE),
    Noun("recover", "The disaster recovery procedure, step by step, recorded.", DATABASE),
    Noun("cluster", "Who leads and who follows: status, switchover, failover, …", CLUSTER),
    Noun("drill", "Break the cluster on purpose, and see that it keeps its promises.", CLUSTER),
    Noun("test", "Check and test this checkout on a stack of its own.", DEVELOPMENT),
    Noun("bench", "Measure against other programs, pairwise in one run.", DEVELOPMENT),
)
BY_NAME = {noun.name: noun for noun in NOUNS}
