"""The resources: a file each, declared with `@endpoint`. Thin: take, call product, answer."""

from importlib import import_module

RESOURCES = (
    "sessions",
    "me",
    "tokens",
    "users",
    "organizations",
    "members",
    "invitations",
    "documents",
    "revisions",
    "search",
    "jobs",
    "imports",
    "exports",
    "insights",
)


def load() -> None:
    """Import every resource, which declares its endpoints."""
    for name in RESOURCES:
        import_module(f"{__name__}.{name}")
