"""Text-search languages of documents, and the ISO 639-1 codes that web pages use for them."""

LANGUAGE_OF_CODE = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
LANGUAGES = frozenset(LANGUAGE_OF_CODE.values()) | {"simple"}


def language_named(name: str | None) -> str | None:
    """The search language for a name (`german`) or a language tag (`de`, `de-AT`), if known."""
    word = (name or "").strip().lower().replace("_", "-")
    if word in LANGUAGES:
        return word
    return LANGUAGE_OF_CODE.get(word.partition("-")[0])
