"""What is unusual or unsupported about a call, worst first. Nothing odd is never praised.

Each fact is one sentence made from what the gateway holds: the origins of the values, what hides in
them, what people said of the like, and how the call came about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sallyport.model import Json, JsonObject
from sallyport.rules.inert import hides_something, plain
from sallyport.rules.telling.origins import Kind, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """How calls of this tool in this workflow ended before: counted by what people said."""

    approved: int = 0
    rejected: int = 0
    seen: frozenset[tuple[str, str]] = frozenset()
    """Argument and value, as text, of those that were done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """One odd fact: a sentence, and the arguments that it is about."""

    code: str
    sentence: str
    arguments: tuple[str, ...] = ()

    def as_json(self) -> JsonObject:
        """Return the fact for a page and its twin."""
        return {
            "code": self.code,
            "sentence": self.sentence,
            "arguments": list[Json](self.arguments),
        }


def odd(
    args: JsonObject,
    origins: Iterable[Origin],
    *,
    critical: Iterable[str] = (),
    like: Like | None = None,
    came_back: bool = False,
) -> tuple[Odd, ...]:
    """Return what is odd, worst first.

    Args:
        args: The arguments as they would be sent.
        origins: Where each comes from.
        critical: The arguments that decide whom or how much.
        like: How the like ended before; None where nothing is known.
        came_back: Whether it was asked before, and what it is about changed meanwhile.
    """
    known, matter = tuple(origins), tuple(critical)
    return (
        *_hidden(args),
        *_from_outside(known, matter),
        *_unsupported(known, matter),
        *_first(args, matter, like),
        *_came_back(came_back=came_back),
    )


def _hidden(args: JsonObject) -> Iterator[Odd]:
    names = tuple(name for name, value in args.items() if _hides(value))
    if names:
        said = f"{_and(names)} hold{'s' if len(names) == 1 else ''} characters that nobody can see."
        yield Odd(code="hidden", sentence=said, arguments=names)


def _from_outside(origins: Iterable[Origin], critical: Collection[str]) -> Iterator[Odd]:
    for one in origins:
        if one.kind is Kind.OUTSIDE and one.argument in critical:
            said = f"{plain(one.argument)} comes from what {plain(one.detail)} answered, "
            yield Odd(
                code="outside",
                sentence=said + "where anybody may have written it.",
                arguments=(one.argument,),
            )


def _unsupported(origins: Iterable[Origin], critical: Collection[str]) -> Iterator[Odd]:
    for one in origins:
        if one.kind is Kind.AGENT and one.argument in critical:
            said = f"{plain(one.argument)} was found in no source: the agent wrote it."
            yield Odd(code="unsupported", sentence=said, arguments=(one.argument,))


def _first(args: JsonObject, critical: Iterable[str], like: Like | None) -> Iterator[Odd]:
    if like is None or not (like.approved or like.rejected or like.seen):
        return
    for name in critical:
        value = args.get(name)
        if isinstance(value, str) and (name, value) not in like.seen:
            said = f"{plain(name)} has this value for the first time in this workflow."
            yield Odd(code="first", sentence=said, arguments=(name,))


def _came_back(*, came_back: bool) -> Iterator[Odd]:
    if came_back:
        yield Odd(code="again", sentence="It was asked before, and changed meanwhile.")


def _hides(value: Json) -> bool:
    if isinstance(value, dict):
        return any(hides_something(name) or _hides(item) for name, item in value.items())
    if isinstance(value, list):
        return any(_hides(item) for item in value)
    return isinstance(value, str) and hides_something(value)


def _and(names: tuple[str, ...]) -> str:
    shown = [plain(name) for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
