"""What the user of an import may choose."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from howdah.foundation.errors import InvalidInput
from howdah.product.transfers.conversion import DEFAULT_LIMITS
from howdah.product.transfers.languages import LANGUAGES

LONGEST_PATH_CHARACTERS = 1000
LONGEST_PREFIX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How files become documents. `checked()` raises InvalidInput for what cannot be done."""

    file_name: str = "archive.zip"
    """The uploaded file; one that does not end in .zip is itself the one document."""
    path_prefix: str = ""
    """A folder that all source paths are put under, so that two imports do not meet."""
    language: str = "english"
    """For files that do not name theirs."""
    tags: Sequence[str] = ()
    """For every document, besides the tags that its file gives."""

    @property
    def is_archive(self) -> bool:
        return self.file_name.lower().endswith(".zip")

    def source_path(self, path: str) -> str:
        """Where a file of the import is said to come from."""
        return f"{self.path_prefix}/{path}" if self.path_prefix else path

    def checked(self) -> "ImportOptions":
        """The same, in its normal form."""
        if self.language not in LANGUAGES:
            raise InvalidInput(
                f"There is no search language {self.language!r}.",
                hint=f"Choose one of {', '.join(sorted(LANGUAGES))}.",
            )
        tags = tuple(dict.fromkeys(tag.strip() for tag in self.tags))
        _check_tags(tags)
        return ImportOptions(
            PurePosixPath(self.file_name.replace("\\", "/")).name or "document.txt",
            _checked_prefix(self.path_prefix),
            self.language,
            tags,
        )

    def parameters(self) -> dict[str, Any]:
        """As the job's row keeps them."""
        return asdict(self)

    @classmethod
    def of_parameters(cls, parameters: Mapping[str, Any]) -> "ImportOptions":
        return cls(**parameters)


def _checked_prefix(prefix: str) -> str:
    parts = [part for part in prefix.replace("\\", "/").split("/") if part not in ("", ".")]
    normal = "/".join(parts)
    if ".." in parts or not normal.isprintable():
        raise InvalidInput("The path prefix must be a folder like `manual/15`.")
    if len(normal) > LONGEST_PREFIX_CHARACTERS:
        raise InvalidInput(
            f"The path prefix is longer than {LONGEST_PREFIX_CHARACTERS} characters."
        )
    return normal


def _check_tags(tags: Sequence[str]) -> None:
    most, longest = DEFAULT_LIMITS.max_tags, DEFAULT_LIMITS.max_tag_characters
    if len(tags) > most or any(not 0 < len(tag) <= longest for tag in tags):
        raise InvalidInput(f"There may be {most} tags, each of 1 to {longest} characters.")
