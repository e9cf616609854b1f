import pytest

from howdah.entrypoints.cli.failures import EXIT_CODES, exit_code
from howdah.foundation.errors import ConfigInvalid, HowdahError, PreconditionFailed


@pytest.mark.parametrize("family", HowdahError.__subclasses__(), ids=lambda item: item.__name__)
def test_every_error_family_has_an_exit_code(family: type[HowdahError]) -> None:
    if family.__module__ == HowdahError.__module__:
        assert EXIT_CODES[family] in {1, 2}


def test_an_error_has_the_exit_code_of_its_family() -> None:
    assert exit_code(PreconditionFailed()) == 1
    assert exit_code(ConfigInvalid()) == 2
