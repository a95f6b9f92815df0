"""One page, two faces: the same JSON value as HTML and as its `.json` twin.

Rules:
  1. What a template shows comes from the value of its page and from the words; so the twin has all.
  2. Templates escape everything; there is no way round that, and no style or script inside them.
  3. Text of others is shown by `said`, which outlines each hidden character; no other place of a
     page lets one through either.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from sallyport.doors.console import words
from sallyport.doors.console.ceremonies import Ceremonies
from sallyport.doors.settings import Settings
from sallyport.flow.house import House
from sallyport.flow.listing import Listing, Waiting
from sallyport.flow.sessions import Session
from sallyport.model import Json, JsonObject, Person
from sallyport.rules import canonical, inert
from sallyport.rules.telling.origins import Answered
from sallyport.rules.times import SECOND_US, utc

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page shows. `view` is the whole of its JSON twin; `at` the word in the sidebar."""

    template: str
    title: str
    at: str
    view: JsonObject
    crumbs: tuple[tuple[str, str], ...] = ()
    """The way here, as address and name."""
    status: int = 200
    worker: bool = False
    """Whether the page may register the service worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file to take along."""

    name: str
    media_type: str
    text: str


TOGETHER_US = SECOND_US // 10


class Glance:
    """What waits, in brief, read anew only when something changed.

    A change is counted when it is drafted, a moment before it can be read; so what is read within
    a second of it is read again, though not for each of those who ask together.
    """

    def __init__(self, house: House) -> None:
        self._evidence = house.gateway.evidence
        self._listing = Listing(house.gateway)
        self._turns = -1
        self._kept_from_us = 0
        self._read_us = -1
        self._found: Sequence[Waiting] = ()

    async def waiting(self) -> Sequence[Waiting]:
        """Return everything that waits, what ends soonest first."""
        turns, now_us = self._evidence.turns, self._evidence.now_us()
        if turns != self._turns:
            self._turns, self._kept_from_us = turns, now_us + SECOND_US
            self._read_us = min(self._read_us, now_us - TOGETHER_US)
        if self._read_us < self._kept_from_us and now_us - self._read_us >= TOGETHER_US:
            self._read_us = now_us
            self._found = await self._listing.waiting()
        return self._found


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of somebody who is signed in."""

    house: House
    settings: Settings
    session: Session
    person: Person
    ceremonies: Ceremonies
    glance: Glance
    theme: str = ""
    """`light`, `dark`, or nothing for what the system wants."""
    rp: str
    """The site's name, for which passkeys are made."""
    path: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    form: JsonObject = field(default_factory=dict[str, Json])
    read: dict[str, Sequence[Answered]] = field(default_factory=dict[str, Sequence[Answered]])
    """What the tasks on this page were answered, by task: looked up once for all their calls."""

    async def waiting(self) -> Sequence[Waiting]:
        """Return everything that waits, in brief, but for what is kept from who looks."""
        found = await self.glance.waiting()
        return [one for one in found if self.person.name not in one.not_for]

    @property
    def now_us(self) -> int:
        """The time, as the ledger has it."""
        return self.house.gateway.evidence.now_us()


def render(template: str, **values: Any) -> str:
    """Return a template filled in."""
    return _environment().get_template(f"{template}.html").render(**values)


def make_ready(template: str) -> None:
    """Compile the template of a page, so that nobody's first look at it waits for that."""
    _environment().get_template(f"{template}.html")


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        finalize=_revealed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Both are typed by what the library itself puts there, and ours fit none of that.
    untyped: Any = environment
    untyped.globals.update(w=words.say, mark=mark)
    untyped.filters.update(
        said=said,
        capital=capital,
        coded=coded,
        at=moment,
        clock=words.clock,
        left=words.left,
        short=short,
        took=words.took,
        json=as_json,
        value=as_value,
        hour=words.hour,
        instant=words.instant,
    )
    return environment


@functools.cache
def mark(name: str) -> Markup:
    """Return a mark; its word stands beside it."""
    return Markup('<svg class="mark" aria-hidden="true"><use href="#m-{}"></use></svg>').format(
        name
    )


def said(text: object) -> Markup:
    """Return text that somebody else wrote, each hidden character as an outlined code point."""
    shown = Markup().join(
        Markup('<span class="cp">{}</span>').format(piece.text)
        if piece.hidden
        else escape(piece.text)
        for piece in inert.pieces(str(text))
    )
    return Markup('<span class="said">{}</span>').format(shown)


def coded(text: str) -> Markup:
    """Return a sentence of ours, what it quotes in backticks as code; nothing hides in it."""
    *pairs, last = inert.revealed(text).split("`")
    if len(pairs) % 2:
        return escape(inert.revealed(text))
    shown = (
        Markup("{}<code>{}</code>").format(plain, quoted)
        for plain, quoted in zip(pairs[::2], pairs[1::2], strict=True)
    )
    return Markup().join((*shown, escape(last)))


def _revealed(value: object) -> object:
    """Return a value of a template without anything hidden, wherever on a page it stands.

    Inside a page `said` outlines what hides; a title, an attribute or a field has only this.
    """
    return inert.revealed(value) if type(value) is str else value


def capital(text: str) -> str:
    """Return a sentence of an error as it stands in a text: it begins with a capital letter."""
    return text[:1].upper() + text[1:]


def moment(at_us: int) -> Markup:
    """Return a time: hours and minutes in sight, all of it in UTC at hand."""
    full = utc(at_us)
    machine = full.replace(" UTC", "Z").replace(" ", "T")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        machine, full, words.clock(at_us)
    )


def page_digest(view: JsonObject) -> str:
    """Return the digest of all that a page showed."""
    return canonical.digest("page", view)


def as_json(value: Json) -> str:
    """Return a value as the JSON that would be sent."""
    return canonical.text(value)


def as_value(value: Json) -> str:
    """Return a value as a person reads it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else canonical.text(value)


def short(digest: str) -> str:
    """Return the beginning of a digest in groups of four, as a person compares it."""
    return " ".join(digest[at : at + 4] for at in range(0, min(len(digest), 16), 4))
