import pytest

from howdah.product.transfers.webpages import PageUnreadable, read_page


def markdown(body: str, file_name: str = "page.html") -> str:
    return read_page(f"<html><body>{body}</body></html>", file_name).content_markdown


DOCBOOK = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
 "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>26.3. Continuous Archiving</title></head>
<body><div class="navheader"><table summary="Navigation header"><tr><td>
<a accesskey="p" href="backup-file.html">Prev</a></td><td>Chapter 26</td></tr></table><hr /></div>
<div class="sect1"><h2 class="title">26.3. Continuous Archiving</h2>
<div class="toc"><dl class="toc"><dt><a href="page.html#A">26.3.1. Setting Up</a></dt></dl></div>
<p>The <span class="emphasis"><em>write ahead log</em></span> in <code>pg_wal/</code>,
see <a class="xref" href="wal.html" title="WAL">Chapter 30</a>.</p>
<h3>26.3.1. Setting Up</h3><pre class="programlisting">
archive_mode = on   # <em>always</em>

wal_level &lt; x
</pre></div>
<div class="navfooter"><hr /><table><tr><td><a href="x.html">Next</a></td></tr></table></div>
</body></html>"""


def test_a_docbook_page_keeps_its_text_and_loses_its_navigation() -> None:
    page = read_page(DOCBOOK, "page.html")
    assert page.title == "26.3. Continuous Archiving"
    assert page.content_markdown == (
        "## 26.3. Continuous Archiving\n\n"
        "The *write ahead log* in `pg_wal/`,\nsee Chapter 30.\n\n"
        "### 26.3.1. Setting Up\n\n"
        "```\narchive_mode = on   # always\n\nwal_level < x\n```"
    )


@pytest.mark.parametrize(
    "noise",
    [
        "<script>noise</script>",
        "<style>noise</style>",
        "<noscript>noise</noscript>",
        "<template><p>noise</p></template>",
        "<nav>noise</nav>",
        "<header>noise</header>",
        "<footer>noise</footer>",
        "<aside>noise</aside>",
        "<div role='navigation'>noise</div>",
        "<div role='search'>noise</div>",
        "<ul class='Breadcrumbs x'><li>noise</ul>",
        "<div class='navheader'><table><tr><td>noise</table></div>",
        "<span aria-hidden='true'>noise</span>",
        "<button>noise</button><select><option>noise</select><textarea>noise</textarea>",
        "<svg><text>noise</text></svg>",
        "<!-- noise -->",
        "<div id='toc'><a href='#a'>noise</a></div>",
        "<div class='toc'><a href='page.html#a'>noise</a></div>",
        "<p hidden>noise</p>",
    ],
)
def test_what_is_not_content_is_left_out(noise: str) -> None:
    assert markdown(f"{noise}<p>content</p>{noise}tail") == "content\n\ntail"


def test_a_table_of_contents_of_other_pages_is_content() -> None:
    assert "Chapter" in markdown("<div class='toc'><a href='other.html'>Chapter</a></div>")


def test_the_main_part_of_a_page_is_its_content() -> None:
    assert markdown("<div>site</div><main><header>a</header><p>b</p></main>") == "a\n\nb"


def test_an_empty_main_part_does_not_hide_the_page() -> None:
    assert markdown("<main></main><p>text</p>") == "text"


def test_a_header_with_the_only_title_stays() -> None:
    assert markdown("<header><nav>n</nav><h1>Title</h1></header><p>b</p>") == "# Title\n\nb"


def test_links_on_the_web_stay_and_links_of_the_folder_become_text() -> None:
    assert markdown(
        "<a href='https://a.example/x' title='t'>web</a> <a href='b.html'>file</a>"
    ) == ("[web](https://a.example/x) file")


def test_scripts_in_addresses_do_not_survive() -> None:
    text = markdown("<a href=' javascript:x()'>a</a> <img src='data:x' alt='b'>")
    assert text.split() == ["a", "b"]


def test_images_of_the_folder_become_their_description() -> None:
    assert markdown("<p>x <img src='a.png' alt='a diagram'> <img src='b.png'></p>") == "x a diagram"
    assert markdown("<img src='https://a.example/i.png' alt='i'>") == (
        "![i](https://a.example/i.png)"
    )


def test_tables_stay_tables() -> None:
    assert markdown("<table><tr><th>a<th>b|c</tr><tr><td>1<td>2</tr></table>") == (
        "| a | b\\|c |\n| --- | --- |\n| 1 | 2 |"
    )


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><td>one</td></tr><tr><td>two</td></tr></table>",
        "<table><tr><td><h2>one</h2></td><td>two</td></tr></table>",
        "<table><tr><td><table><tr><td>one</table></td><td>two</td></tr></table>",
    ],
)
def test_tables_for_layout_become_paragraphs(table: str) -> None:
    assert markdown(table).removeprefix("## ") == "one\n\ntwo"


def test_a_table_cannot_blow_up_its_page() -> None:
    wide = "<table><tr>" + "<td>x" * 2000 + "<tr><td>y" * 2000 + "</table>"
    assert len(markdown(wide)) < 20_000
    spans = "<table>" + "<tr><td colspan=99999 rowspan=99999>x<td>y" * 50 + "</table>"
    assert len(markdown(spans)) < 20_000


def test_powers_stay_powers() -> None:
    assert markdown("<p>2<sup>31</sup> and H<sub>2</sub>O</p>") == "2^31 and H2O"


def test_what_a_form_encloses_is_content() -> None:
    assert markdown("<form><p>text</p><input value='x'></form>") == "text"


def test_text_that_looks_like_a_tag_stays() -> None:
    assert markdown("<p>use &lt;column&gt; &amp; more</p>") == "use <column> & more"


@pytest.mark.parametrize("element", ["div", "b", "blockquote", "ul><li", "table><tr><td", "font"])
def test_absurdly_nested_pages_are_refused(element: str) -> None:
    with pytest.raises(PageUnreadable, match="nested"):
        markdown(f"<{element}>" * 5000 + "x")


@pytest.mark.parametrize("page", ["<!-- -->", "<!doctype html>"])
def test_a_page_without_anything_is_refused(page: str) -> None:
    with pytest.raises(PageUnreadable, match="no text"):
        read_page(page, "page.html")


def test_the_page_says_its_title_heading_and_language() -> None:
    page = read_page(
        "<html lang='de-AT'><head><title> A\n b </title></head>"
        "<body><h1>H <em>1</em><a class='headerlink' href='#h'>¶</a></h1>x</body></html>",
        "page.html",
    )
    assert (page.title, page.heading, page.language_tag) == ("A b", "H 1", "de-AT")
