import tomllib
from pathlib import Path

from howdah.foundation.rendering.settings_files import (
    effective_toml,
    effective_values,
    example_toml,
    settings_reference,
)
from howdah.foundation.topology import Ports, Topology
from howdah.foundation.topology_values import setting_keys


def test_the_reference_page_documents_every_setting_as_it_is(same_as) -> None:
    same_as(settings_reference(), Path("docs/reference/settings.md"))


def test_the_example_holds_every_setting_as_it_is(same_as) -> None:
    same_as(example_toml(), Path("howdah.toml.example"))


def test_every_setting_has_a_sentence() -> None:
    undocumented = [
        key for key, item in setting_keys().items() if not item.metadata["doc"].endswith(".")
    ]
    assert undocumented == []


def test_the_effective_file_reads_back_to_the_same_values() -> None:
    topology = Topology(ports=Ports(base=9400))
    assert tomllib.loads(effective_toml(topology)) == effective_values(topology)


def test_the_uncommented_example_is_valid_and_changes_nothing_but_computed_values() -> None:
    lines = [
        line.removeprefix("# ") if " = " in line else line for line in example_toml().splitlines()
    ]
    assert tomllib.loads("\n".join(lines)) == effective_values(Topology())
