"""What of a web page is its content: navigation, forms' controls and scripts are taken away.

Rules rather than guesses: HTML's own elements and roles, the class names that documentation
generators (DocBook, Sphinx, MediaWiki, Bootstrap) give to navigation, and tables of contents that
only lead to headings of the same page.
"""

from lxml.html import HtmlElement

_NEVER_CONTENT = (
    {"script", "style", "noscript", "template", "link", "meta", "base", "head", "title"}
    | {"button", "input", "select", "textarea", "dialog", "nav"}
    | {"iframe", "frameset", "object", "embed", "applet", "svg", "canvas", "audio", "video"}
)
_SITE_PARTS = frozenset({"header", "footer", "aside"})
_OWN_PARTS = ("article", "main", "section")
_NAVIGATION_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "menubar"})
_NAVIGATION_CLASSES = (
    {"navheader", "navfooter"}  # DocBook
    | {"sphinxsidebar", "headerlink"}  # Sphinx
    | {"mw-editsection", "mw-jump-link", "navbox", "printfooter", "catlinks"}  # MediaWiki
    | {"nav", "navbar", "navigation", "breadcrumb", "breadcrumbs", "skip-link", "skiplink"}
)
_CONTENTS = frozenset({"toc", "contents", "table-of-contents", "localtoc"})
_KEPT_LINKS = ("http://", "https://", "mailto:")
_TABLE_PARTS = ("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td")
_LAYOUT_SIGNS = ("table", "h1", "h2", "h3")
_WIDEST_SPAN = 20
_LARGEST_TABLE_CELLS = 100_000


def keep_content(root: HtmlElement, file_name: str) -> HtmlElement:
    """Reduces the page to its content, in place, and returns the element that holds it."""
    part = _main_part(root)
    for element in [found for found in part.iter("*") if _is_removed(found, part, file_name)]:
        element.drop_tree()
    for table in list(part.iter("table")):
        _simplify_table(table)
    for image in list(part.iter("img")):
        _simplify_image(image)
    for power in part.iter("sup"):
        _simplify_superscript(power)
    for link in part.iter("a"):
        _simplify_link(link)
    return part


def _main_part(root: HtmlElement) -> HtmlElement:
    """The one `main` element (or role) of the page if it has text, else the body."""
    mains = [*root.iter("main"), *root.iterfind(".//*[@role='main']")]
    if mains and mains[0].text_content().strip():
        return mains[0]
    body = root.find("body")
    return root if body is None else body


def _is_removed(element: HtmlElement, part: HtmlElement, file_name: str) -> bool:
    tag = element.tag
    if tag in _NEVER_CONTENT:
        return True
    if tag in _SITE_PARTS:
        return _belongs_to_the_site(element, part)
    if not element.attrib or element is part:
        return False
    if element.get("role") in _NAVIGATION_ROLES or element.get("aria-hidden") == "true":
        return True
    return _is_named_navigation(element, file_name)


def _is_named_navigation(element: HtmlElement, file_name: str) -> bool:
    names = (element.get("class") or "").lower().split()
    if not _NAVIGATION_CLASSES.isdisjoint(names):
        return True
    if _CONTENTS.isdisjoint(names) and (element.get("id") or "").lower() not in _CONTENTS:
        return False
    return _leads_only_to_this_page(element, file_name)


def _belongs_to_the_site(element: HtmlElement, part: HtmlElement) -> bool:
    """Whether a header, footer or aside stands outside every article and section."""
    if part.tag in _OWN_PARTS or part.get("role") == "main":
        return False
    if element.tag == "header" and element.find(".//h1") is not None:
        return False
    return next(element.iterancestors(*_OWN_PARTS), None) is None


def _leads_only_to_this_page(element: HtmlElement, file_name: str) -> bool:
    targets = [link.get("href") or "" for link in element.iter("a") if link.get("href")]
    return bool(targets) and all(
        target.startswith("#") or target.partition("#")[0] == file_name for target in targets
    )


def _simplify_link(link: HtmlElement) -> None:
    """Keeps addresses that still lead somewhere when the page stands alone."""
    link.attrib.pop("title", None)
    target = (link.get("href") or "").strip()
    if not target.lower().startswith(_KEPT_LINKS):
        link.attrib.pop("href", None)
        link.tag = "span"


def _simplify_image(image: HtmlElement) -> None:
    """Keeps images on the web; those of the page's folder become their description."""
    if (image.get("src") or "").lower().startswith(("http://", "https://")):
        return
    image.tag = "span"
    image.text = image.get("alt") or ""


def _simplify_superscript(power: HtmlElement) -> None:
    """Keeps 2<sup>31</sup> from becoming 231."""
    if len(power) == 0 and (power.text or "").strip().isalnum():
        power.text = f"^{(power.text or '').strip()}"


def _simplify_table(table: HtmlElement) -> None:
    """Turns tables that only lay out a page, or are too large for Markdown, into paragraphs."""
    rows = list(table.iter("tr"))
    widest = max((len(row) for row in rows), default=0)
    layout = widest < 2 or any(
        next(table.iterdescendants(sign), None) is not None for sign in _LAYOUT_SIGNS
    )
    if layout or widest * len(rows) > _LARGEST_TABLE_CELLS:
        for part in list(table.iter(*_TABLE_PARTS)):
            part.tag = "div"
        return
    for cell in table.iter("th", "td"):
        _limit_span(cell, "colspan")
        _limit_span(cell, "rowspan")


def _limit_span(cell: HtmlElement, name: str) -> None:
    span = cell.get(name)
    if span is not None and not (span.isdecimal() and int(span[:9]) <= _WIDEST_SPAN):
        del cell.attrib[name]
