"""The page of a boundary says what its words say, and is safe to open wherever it lands."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.page import Section, page, sections
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


VERDICTS = [
    ("Without asking: read it.", "allow"),
    ("Each such call happens at once.", "allow"),
    ("After a yes: write it.", "ask"),
    ("Each such call asks.", "ask"),
    ("Nobody can take it back.", "ask"),
    ("Never: delete it.", "refuse"),
    ("What fits none of these is refused.", "refuse"),
    ("What does not fit is refused.", "refuse"),
    ("It is told to nobody.", ""),
]


@pytest.mark.parametrize("said, verdict", VERDICTS)
def test_the_first_words_of_a_sentence_tell_its_verdict(said: str, verdict: str) -> None:
    """And a sentence that tells of none shows none."""
    html = page([f"w\n\nabout\n\nWhat the agent may do\n  t\n    {said}"])
    mark = f'<span class="verdict {verdict}">{verdict.capitalize()}</span>'

    assert f'<li><div class="said">{mark}<span class="words">{said}</span></div></li>' in html


DIGEST = "0123456789abcdef" * 4
EXPLAINED = f"""\
~ workflow w
of <me>

  Its digest is {DIGEST}.

A line that stands alone.

What the agent may do
  one.tool
    Never & ever: "x".
     deeper
  two.tool

What else
  usual
   deeper
  ~ not deeper
  a\u200b\u200cb
  the end ~
"""
ARTICLE = f"""\
<article>
<h1>~ workflow w</h1>
<div class="lede">
<p>of &lt;me&gt;</p>
<p>Its digest is <span class="id">{DIGEST}</span>.</p>
</div>
<p>A line that stands alone.</p>
<section>
<h2>What the agent may do</h2>
<div>
<h3>one.tool</h3><ul>
<li><div class="said"><span class="verdict refuse">Refuse</span>\
<span class="words">Never &amp; ever: &quot;x&quot;.</span></div></li>
<li class="more"><div class="said"><span class="verdict "></span>\
<span class="words">deeper</span></div></li>
</ul><h3>two.tool</h3><ul>
</ul>
</div>
</section>
<section>
<h2>What else</h2>
<div>
<ul>
<li>usual</li>
<li class="more">deeper</li>
<li>~ not deeper</li>
<li>a<span class="unseen">U+200B</span><span class="unseen">U+200C</span>b</li>
<li>the end ~</li>
</ul>
</div>
</section>
</article>
"""


def test_each_line_stands_in_the_element_that_says_what_it_is() -> None:
    """Headings, lines, deeper lines, digests and what nobody sees: letter by letter."""
    html = page([EXPLAINED])

    _, _, rest = html.partition("<main>\n")
    assert rest.partition("</main>")[0] == ARTICLE
    assert "<title>~ workflow w</title>" in html


def test_a_page_is_named_after_every_boundary_on_it() -> None:
    """By the first line of each."""
    assert "<title>one, two</title>" in page(["one\n\na", "two"])


def test_a_text_has_a_heading_and_the_parts_between_blank_lines() -> None:
    """However few there are."""
    assert sections("w") == [Section("w", [])]
    assert sections("w\nx\ny\n") == [Section("w", ["x", "y"])]
    assert sections("w\n\na\nb") == [Section("w", ["a", "b"])]
    assert sections("~w\nx\n\na\n\nt\n  l\n\nalone~\n") == [
        Section("~w", ["x", "a"]),
        Section("t", ["  l"]),
        Section("alone~", []),
    ]
