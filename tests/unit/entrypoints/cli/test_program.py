import subprocess
import sys

import click
import pytest

from howdah.entrypoints.cli.nouns import NOUNS
from howdah.entrypoints.cli.program import howdah, main


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.name)
def test_every_noun_has_its_command_and_a_help_of_its_own(noun) -> None:
    command = howdah.get_command(click.Context(howdah), noun.name)
    assert command is not None
    assert command.help


def test_help_lists_every_noun(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {noun.name} " in text for noun in NOUNS)


@pytest.mark.parametrize("words", [["nonsense"], ["status", "--nonsense"], ["logs"]])
def test_wrong_use_is_a_sentence_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("error: ")


@pytest.mark.parametrize("words", [[], ["org"]])
def test_without_a_command_the_help_is_shown_and_not_called_an_error(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("Usage: howdah")


@pytest.mark.parametrize(
    "words",
    [["user", "list"], ["document", "list", "--org", "acme"], ["org", "members", "acme"]],
)
def test_a_limit_below_one_is_wrong_use(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main([*words, "--limit", "0"]) == 2
    assert "--limit" in capsys.readouterr().err


def test_neither_help_nor_status_loads_the_web_framework() -> None:
    program = (
        "import sys\n"
        "from howdah.entrypoints.cli.program import main\n"
        "import howdah.entrypoints.cli.status\n"
        "main(['--help'])\n"
        "sys.exit(any(name in sys.modules for name in ('flask', 'pydantic', 'rq')))\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr
