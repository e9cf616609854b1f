"""Which slugs an organization may have."""

from howdah.foundation.errors import InvalidInput

RESERVED = (
    "about", "account", "accounts", "admin", "administrator", "api", "app", "assets", "auth",
    "billing", "blog", "dashboard", "default", "docs", "docs-css", "download", "help", "healthz",
    "home", "howdah", "internal", "invitations", "jobs", "legal", "login", "logout", "mail", "me",
    "metrics", "new", "null", "openapi", "organizations", "orgs", "platform", "pricing", "privacy",
    "public", "readyz", "register", "root", "search", "security", "sessions", "settings",
    "sign-in", "sign-out", "sign-up", "signin", "signup", "static", "status", "support", "system",
    "terms", "tokens", "undefined", "users", "www",
)  # fmt: skip
"""Words that addresses and pages of ours use, or that look as if they were ours."""


def refuse_reserved(slug: str) -> None:
    """Raises InvalidInput for a reserved word."""
    if slug in RESERVED:
        raise InvalidInput(f'The slug "{slug}" is reserved.', hint="Choose another one.")
