from pathlib import Path

from howdah.operations.migrations.phases import before_first_post, phase_of

SECTIONS = "\n-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"


def test_a_file_is_for_before_the_deployment_unless_its_head_says_otherwise() -> None:
    assert phase_of(SECTIONS) == "pre"
    assert phase_of("-- phase: pre" + SECTIONS) == "pre"
    assert phase_of("-- Why: x\n-- phase: post (nothing reads it)\n" + SECTIONS) == "post"
    assert phase_of(SECTIONS + "-- phase: post") == "pre"


def test_what_comes_after_the_first_post_file_waits_with_it(tmp_path: Path) -> None:
    heads = {"001": "", "002": "-- phase: pre", "003": "-- phase: post", "004": ""}
    paths = [tmp_path / f"{version}.sql" for version in heads]
    for path, head in zip(paths, heads.values(), strict=True):
        path.write_text(head + SECTIONS)
    assert [path.stem for path in before_first_post(paths)] == ["001", "002"]
    assert before_first_post(paths[2:]) == []
