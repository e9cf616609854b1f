"""Words of pgBackRest that can be shown: what it quotes of damaged files is anything but text."""

LONGEST = 300


def printable(text: str, longest: int = LONGEST) -> str:
    """On one line of bearable length, without what a terminal would obey."""
    line = " ".join(text.split())
    shown = line if len(line) <= longest else f"{line[:longest]} …"
    return "".join(letter if letter.isprintable() else "�" for letter in shown)
