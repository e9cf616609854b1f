import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howdah.product.documents.markdown import heading_of, plain_text, render

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](data:image/png;base64,AAAA)",
    '![x](https://a.example/" onerror="alert(1))',
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://a.example "\\" onmouseover=\\"alert(1)")',
    '```" onclick="alert(1)\nx\n```',
    "```js onload=alert(1)\nx\n```",
    "|a|\n|:-:|\n|<img src=x onerror=alert(1)>|",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<base href='javascript:/'>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<?php echo 1 ?>",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "`<script>alert(1)</script>`",
]
ALLOWED_TAG = re.compile(
    r"</?(?:h[1-6]|p|br|hr|blockquote|pre|code|em|strong|s|a|img|ul|ol|li"
    r"|table|thead|tbody|tr|th|td)\b"
)
TAG = re.compile(r"<[^>]*>")
QUOTED = re.compile(r'"[^"]*"')
ADDRESS = re.compile(r'(?:href|src)="([^"]*)"')


def assert_harmless(html: str) -> None:
    for tag in TAG.findall(html):
        assert ALLOWED_TAG.match(tag), tag
        names = re.findall(r"[\w-]+(?==)", QUOTED.sub("", tag.replace('="', '= "')))
        assert set(names) <= {"href", "src", "alt", "title", "rel", "class", "style", "start"}, tag
    for address in ADDRESS.findall(html):
        scheme = re.match(r"[a-z][a-z0-9+.-]*:", address, re.IGNORECASE)
        assert scheme is None or scheme[0].lower() in ("http:", "https:", "mailto:"), address


@pytest.mark.parametrize("markdown", HOSTILE)
def test_hostile_markdown_renders_to_harmless_html(markdown: str) -> None:
    assert_harmless(render(markdown))


FRAGMENTS = ["<", ">", '"', "'", "](", "javascript:", "onerror=", "<img ", "`", "\n", "|", "&#58;"]


@given(st.lists(st.sampled_from([*HOSTILE, *FRAGMENTS]), max_size=12).map("".join))
def test_any_mixture_of_hostile_parts_renders_to_harmless_html(markdown: str) -> None:
    assert_harmless(render(markdown))


@given(st.text())
def test_any_text_renders_to_harmless_html(markdown: str) -> None:
    assert_harmless(render(markdown))


def test_links_open_no_window_handle_and_give_no_rank() -> None:
    assert render("[x](https://a.example/)") == (
        '<p><a href="https://a.example/" rel="noopener nofollow">x</a></p>\n'
    )


def test_the_usual_elements_survive() -> None:
    html = render("# A\n\n**b** *c* `d` ~~e~~\n\n1. x\n2. y\n\n> q\n\n---\n\n![i](https://a/i.png)")
    for part in (
        "<h1>A</h1>",
        "<strong>b</strong>",
        "<em>c</em>",
        "<code>d</code>",
        "<s>e</s>",
        "<ol>\n<li>x</li>",
        "<blockquote>",
        "<hr>",
        '<img src="https://a/i.png" alt="i">',
    ):
        assert part in html


def test_tables_keep_the_alignment_of_their_columns_and_no_other_style() -> None:
    html = render("| a | b |\n| :- | -: |\n| 1 | 2 |")
    assert '<th style="text-align:left">a</th>' in html
    assert '<td style="text-align:right">2</td>' in html


def test_code_keeps_its_language_for_the_highlighter() -> None:
    html = render("```sql\nSELECT 1 < 2;\n```")
    assert html == '<pre><code class="language-sql">SELECT 1 &lt; 2;\n</code></pre>\n'


def test_html_in_markdown_is_shown_as_text() -> None:
    assert render("use <column> here") == "<p>use &lt;column&gt; here</p>\n"


@pytest.mark.parametrize(
    ("markdown", "heading"),
    [
        ("# One", "One"),
        ("text\n\n## Two ##\n\n# One", "Two"),
        ("Title\n=====\n\ntext", "Title"),
        ("Title\r\n---\r\n", "Title"),
        ("# **Bold** and `code` and [link](https://a.example)", "Bold and code and link"),
        ("# \n\n# Second", "Second"),
        ("```\n# comment\n```\n# Real", "Real"),
        ("~~~\n# comment\n```\n# still\n~~~\n# Real", "Real"),
        ("````\n```\n# in\n````\n# Real", "Real"),
        ("#hashtag", None),
        ("text\n\n---\n", None),
        ("- item\n---", None),
        ("    # code", None),
        ("", None),
    ],
)
def test_the_first_heading_names_the_text(markdown: str, heading: str | None) -> None:
    assert heading_of(markdown) == heading


def test_plain_text_drops_inline_markup() -> None:
    assert plain_text("a *b* `c` ![d](e.png) f\\*") == "a b c d f*"
