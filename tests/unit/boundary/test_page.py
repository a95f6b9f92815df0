"""The page of a boundary says what its words say, and is safe to open wherever it lands."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.page import page
from tests.unit.boundary.examples import support
from tests.unit.boundary.gallery import CHILD, EVERY_OPERATOR

BOTH = (support(), support(EVERY_OPERATOR, CHILD))
HOSTILE = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "&lt;b&gt; & \"quoted\" 'text'",
]


class Reader(HTMLParser):
    """Collects what a page shows, block by block, and every tag and attribute it has."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self._within: list[str] = []
        self._line: list[str] | None = None
        self._aside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a block, or note that a verdict's mark begins, which is no word of the text."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag in {"h1", "h2", "h3", "p", "li"}:
            self._line = []
        self._aside = "verdict" in str(dict(attrs).get("class"))
        if tag == "footer":
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a block."""
        self._aside = False
        if tag in {"h1", "h2", "h3", "p", "li"} and self._line is not None:
            if not self._within:
                self.lines.append("".join(self._line))
            self._line = None

    def handle_data(self, data: str) -> None:
        """Take in text."""
        if self._line is not None and not self._aside:
            self._line.append(data)


def _read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def _words(explained: str) -> list[str]:
    return [line.strip() for line in explained.splitlines() if line.strip()]


def test_the_page_says_what_the_words_say() -> None:
    """Line by line and in the same order, so it is as complete as they are."""
    for boundary in BOTH:
        words = explain(boundary)

        assert _read(page([words])).lines == _words(words)


def test_several_boundaries_stand_on_one_page() -> None:
    """One after the other, each with its own heading."""
    words = [explain(one) for one in BOTH]

    found = _read(page(words)).lines

    assert found == [line for one in words for line in _words(one)]


def test_each_sentence_of_a_tool_shows_its_verdict() -> None:
    """Allow, ask and refuse stand beside the sentences that grant, ask and forbid."""
    html = page([explain(support())])

    marks = re.findall(r'verdict (\w+)">(\w+)</span><span class="words">(\w+ \w+)', html)

    assert ("allow", "Allow", "Without asking") in marks
    assert ("ask", "Ask", "After a") in marks
    assert ("refuse", "Refuse", "What fits") in marks


@given(st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=40))
def test_what_an_owner_wrote_is_text(written: str) -> None:
    """It adds no element, no attribute and no address, and unseen characters are seen."""
    plain = page([explain(support())])
    html = page([explain(support()).replace("Answer tickets", f"Answer {written!r} {written}")])

    before, after = _read(plain), _read(html)

    assert (after.tags, after.attributes) == (before.tags, before.attributes)
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", html)


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    """No script, no link, no image; its own policy forbids them, too."""
    html = page([explain(support())])
    read = _read(html)

    assert not read.tags & {"script", "link", "img", "iframe", "form", "a", "object", "base"}
    assert not read.attributes & {"src", "href", "style", "onclick"}
    assert "default-src 'none'; style-src 'unsafe-inline'" in html
    assert "url(" not in html
    assert "@import" not in html
