"""Each edge has one table over the error families, and it is complete."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import pytest

import howdah
from howdah.entrypoints.cli.failures import EXIT_CODES, exit_code
from howdah.entrypoints.web.problems import STATUS, TITLES, status_of
from howdah.foundation import errors
from howdah.foundation.errors import HowdahError

FAMILIES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, HowdahError) and HowdahError in found.__bases__
]


def import_everything() -> None:
    """So that every error there is has been declared."""
    for module in pkgutil.walk_packages(howdah.__path__, "howdah."):
        if not module.name.endswith(("__main__", ".wsgi")):
            importlib.import_module(module.name)


def below(family: type[HowdahError]) -> Iterator[type[HowdahError]]:
    yield family
    for kind in family.__subclasses__():
        yield from below(kind)


import_everything()
EVERY_ERROR = sorted(set(below(HowdahError)), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_its_http_status_and_exit_code(family: type[HowdahError]) -> None:
    assert family in STATUS
    assert family in EXIT_CODES


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_leaves_both_edges_in_order(kind: type[HowdahError]) -> None:
    assert status_of(kind("…")) in TITLES
    assert exit_code(kind("…")) in (1, 2)


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_says_in_a_sentence_what_it_means_and_has_a_code(
    kind: type[HowdahError],
) -> None:
    sentence = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0]
    assert re.fullmatch(r"[A-Z].+[.;:!?]", sentence, flags=re.DOTALL), sentence
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)


def test_the_tables_name_families_and_nothing_that_is_gone() -> None:
    assert set(STATUS) <= set(EVERY_ERROR)
    assert set(EXIT_CODES) <= set(EVERY_ERROR)


def test_what_may_be_tried_again_is_said_to_be_unavailable_or_too_much() -> None:
    retryable = {kind for kind in EVERY_ERROR if kind.retryable}
    expected = {*below(errors.Unavailable), *below(errors.TooManyRequests)}
    assert retryable == expected
