"""A boundary in words as one page of HTML that stands alone: to read, to print, to send.

Rules:
  1. It says what `explain` says, line by line in the same order, and nothing else of the boundary.
  2. It holds no script and no address, and its own policy lets it load nothing.
  3. Whatever an owner or a system wrote is text. A character nobody sees is shown by its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from sallyport.rules import inert

TOOLS: Final = "What the agent may do"
VERDICTS: Final = (
    ("Without asking", "allow"),
    ("Each such call happens", "allow"),
    ("After a yes", "ask"),
    ("Each such call asks", "ask"),
    ("Nobody can take it back", "ask"),
    ("Never", "refuse"),
    ("What fits none", "refuse"),
    ("What does not fit", "refuse"),
)
"""How a sentence of a tool begins, and the verdict that it tells of."""

_DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b")
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = """
:root{color-scheme:light dark;--sheet:light-dark(#fff,#191918);--ink:light-dark(#1b1b19,#edece8);
--ink2:light-dark(#54534e,#b5b3ab);--line:light-dark(#e5e4e0,#2d2d2a);
--allow:light-dark(#26694a,#86c8a3);--ask:light-dark(#8a4b00,#edb35f);
--refuse:light-dark(#b02a1e,#f58f83)}
*{box-sizing:border-box}
body{margin:0 auto;padding:32px 40px;max-width:68rem;background:var(--sheet);color:var(--ink);
font:400 .875rem/1.25rem Inter,ui-sans-serif,system-ui,"Segoe UI",Roboto,sans-serif;
overflow-wrap:anywhere}
h1,h2,h3,p,ul{margin:0;padding:0;font-weight:500}
ul{list-style:none}
h1{font-size:1.375rem;line-height:1.75rem;text-wrap:balance}
h2{font-size:.8125rem;font-weight:600}
h3{font-size:.875rem;margin-top:16px}
h3:first-child{margin-top:0}
p,li{font-weight:400;text-wrap:pretty}
article+article{margin-top:40px}
section{display:grid;grid-template-columns:136px 1fr;gap:0 24px;border-top:1px solid var(--line);
padding:20px 0;margin-top:20px}
section p,section li{max-width:44rem}
.lede p{margin-top:4px;max-width:44rem}
.more{padding-left:16px}
.said{display:grid;grid-template-columns:64px 1fr;gap:0 16px}
.verdict{font-weight:500}
.allow{color:var(--allow)}.ask{color:var(--ask)}.refuse{color:var(--refuse)}
.id{font-feature-settings:"tnum","zero","ss02";color:var(--ink2)}
.unseen{outline:1px solid currentColor;border-radius:4px;padding:0 2px}
footer{margin-top:20px;font-size:.75rem;line-height:1rem;color:var(--ink2)}
@media screen and (max-width:60rem){body{padding:16px}section{grid-template-columns:1fr;gap:8px}}
@media print{:root{color-scheme:light}body{padding:0}li,h3,p{break-inside:avoid}
h2,h3{break-after:avoid}}
"""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the lines below it, as `explain` has them."""

    title: str
    lines: list[str]


def page(explained: Sequence[str]) -> str:
    """Return the page of one or several boundaries.

    Args:
        explained: What `explain` returned for each.
    """
    names = ", ".join(one.partition("\n")[0] for one in explained)
    articles = "\n".join(line for one in explained for line in _article(one))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{_text(names)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
{articles}
</main>
<footer><p>Written from the boundary's own file. What counts is what was signed: compare the digest.
A print answers nothing.</p></footer>
</body>
</html>
"""


def _article(explained: str) -> Iterator[str]:
    heading, *others = sections(explained)
    yield f'<article>\n<h1>{_text(heading.title)}</h1>\n<div class="lede">'
    yield from (f"<p>{_text(line.strip())}</p>" for line in heading.lines)
    yield "</div>"
    for section in others:
        if not section.lines:
            yield f"<p>{_text(section.title)}</p>"
            continue
        yield f"<section>\n<h2>{_text(section.title)}</h2>\n<div>"
        yield from _tools(section.lines) if section.title == TOOLS else _list(section.lines)
        yield "</div>\n</section>"
    yield "</article>"


def sections(explained: str) -> list[Section]:
    """Return the parts between blank lines; the first takes in what follows its title."""
    parts = [part.split("\n") for part in explained.strip("\n").split("\n\n")]
    heading = Section(parts[0][0], [*parts[0][1:], *(parts[1] if len(parts) > 1 else [])])
    return [heading, *(Section(lines[0], lines[1:]) for lines in parts[2:])]


def _tools(lines: Iterable[str]) -> Iterator[str]:
    """Yield each tool with its sentences; a verdict that a sentence tells of stands beside it."""
    is_open = False
    for line in lines:
        said = line.strip()
        if line.startswith("    "):
            yield f"<li{_deeper(line, 4)}>{_sentence(said)}</li>"
            continue
        yield f"{'</ul>' if is_open else ''}<h3>{_text(said)}</h3><ul>"
        is_open = True
    if is_open:
        yield "</ul>"


def _sentence(said: str) -> str:
    verdict = next((name for start, name in VERDICTS if said.startswith(start)), "")
    mark = f'<span class="verdict {verdict}">{verdict.capitalize()}</span>'
    return f'<div class="said">{mark}<span class="words">{_text(said)}</span></div>'


def _list(lines: Iterable[str]) -> Iterator[str]:
    yield "<ul>"
    yield from (f"<li{_deeper(line, 2)}>{_text(line.strip())}</li>" for line in lines)
    yield "</ul>"


def _deeper(line: str, usual: int) -> str:
    return ' class="more"' if len(line) - len(line.lstrip(" ")) > usual else ""


def _text(said: str) -> str:
    """Return text as HTML: escaped, digests in their own face, unseen characters by number."""
    shown = "".join(_piece(one) for one in inert.pieces(said))
    return _DIGEST.sub(lambda found: f'<span class="id">{found[0]}</span>', shown)


def _piece(one: inert.Piece) -> str:
    return f'<span class="unseen">{one.text}</span>' if one.hidden else escape(one.text)
