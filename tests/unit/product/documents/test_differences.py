from hypothesis import given
from hypothesis import strategies as st

from howdah.product.documents.differences import (
    COARSE_NOTE,
    Change,
    Difference,
    Version,
    as_text,
    compare,
)

CONTENT = st.lists(st.sampled_from(["a", "b", "c", "d", "", "\r", "é"]), max_size=40).map("\n".join)


def difference(before: str, after: str, **options: int) -> Difference:
    return compare(Version(1, "t", before), Version(2, "t", after), **options)


def patched(before: str, result: Difference) -> str:
    """The content after applying the hunks, checking each of their numbers on the way."""
    source = before.split("\n")
    lines = [line + "\n" for line in source[:-1]] + ([source[-1]] if source[-1] else [])
    written: list[str] = []
    position = 0
    for hunk in result.hunks:
        start = hunk.before_start - 1 if hunk.before_count else hunk.before_start
        written += lines[position:start]
        assert len(written) == (hunk.after_start - 1 if hunk.after_count else hunk.after_start)
        position = start
        for line in hunk.lines:
            text = line.text + ("\n" if line.ends_with_newline else "")
            if line.kind != "added":
                assert lines[position] == text
                assert line.before_number == position + 1
                position += 1
            if line.kind != "removed":
                written.append(text)
                assert line.after_number == len(written)
    return "".join(written + lines[position:])


@given(CONTENT, CONTENT, st.integers(0, 4), st.sampled_from([0, 50, 10_000]))
def test_the_hunks_turn_the_one_text_into_the_other(
    before: str, after: str, context_lines: int, compared_pairs: int
) -> None:
    result = difference(before, after, context_lines=context_lines, compared_pairs=compared_pairs)
    assert patched(before, result) == after


@given(CONTENT)
def test_equal_versions_differ_in_nothing(content: str) -> None:
    result = difference(content, content)
    assert result.hunks == ()
    assert (result.lines_added, result.lines_removed, result.note) == (0, 0, None)
    assert as_text(result) == ""


def test_title_language_and_tags_are_compared() -> None:
    result = compare(
        Version(3, "Old", "x", ("a", "b"), "english"), Version(4, "New", "x", ("b", "c"), "german")
    )
    assert result.title == Change("Old", "New")
    assert result.language == Change("english", "german")
    assert (result.tags_added, result.tags_removed) == (("c",), ("a",))
    assert as_text(result) == "title: Old → New\nlanguage: english → german\ntags: +c, -a\n"


def test_the_text_is_a_unified_diff() -> None:
    before = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n"
    after = "one\ntwo\nthree\nfour\nFIVE\nsix\nseven\neight\nnine"
    assert as_text(difference(before, after, context_lines=1)) == (
        "--- revision 1\n"
        "+++ revision 2\n"
        "@@ -4,3 +4,3 @@\n"
        " four\n"
        "-five\n"
        "+FIVE\n"
        " six\n"
        "@@ -8 +8,2 @@\n"
        " eight\n"
        "+nine\n"
        "\\ No newline at end of file\n"
    )


def test_changes_near_each_other_share_a_hunk() -> None:
    before = "".join(f"{number}\n" for number in range(10))
    after = before.replace("2\n", "x\n").replace("5\n", "y\n")
    assert len(difference(before, after).hunks) == 1
    assert len(difference(before, after, context_lines=0).hunks) == 2


def test_a_text_from_nothing_is_added_at_the_beginning() -> None:
    assert "@@ -0,0 +1,2 @@\n" in as_text(difference("", "a\nb\n"))


def test_a_missing_last_line_feed_is_a_difference() -> None:
    result = difference("a\n", "a")
    assert [(line.kind, line.ends_with_newline) for line in result.hunks[0].lines] == [
        ("removed", True),
        ("added", False),
    ]


def test_a_coarse_answer_says_so() -> None:
    result = difference("x\ny\n" * 30 + "p", "y\nx\n" * 30 + "q", compared_pairs=100)
    assert result.note == COARSE_NOTE
    assert as_text(result).startswith(f"note: {COARSE_NOTE}\n")
