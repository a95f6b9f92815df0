"""One sentence of what a call will do, for a list and a title.

It names the tool as its operator titled it, or by its own name in words, then the arguments that
decide whom or how much. It is a heading: what is sent stands below it, complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sallyport.model import Json, JsonObject
from sallyport.rules.inert import plain

LEADING = 3
"""So many arguments stand in a sentence where nobody has said which ones are critical."""
SHORT = 60


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a sentence; `argument` names the value that it is, and is empty for words."""

    text: str
    argument: str = ""


def sentence(tool: str, args: JsonObject, *, title: str = "", leading: Iterable[str] = ()) -> str:
    """Return the sentence, as `parts` puts it together."""
    return "".join(one.text for one in parts(tool, args, title=title, leading=leading))


def parts(
    tool: str, args: JsonObject, *, title: str = "", leading: Iterable[str] = ()
) -> tuple[Part, ...]:
    """Return the sentence in parts, so that a page can mark its values.

    Args:
        tool: The wire name, `tickets.update`.
        args: The arguments, amounts already with their currency.
        title: The tool's title, if its definition has one.
        leading: The arguments that matter most, in order.
    """
    named = [name for name in leading if name in args] or _short(args)
    found = [Part(plain(title) or name_of(tool))]
    for name in named:
        found.append(Part(f"{': ' if len(found) == 1 else ', '}{_words(name)} "))
        found.append(Part(_value(args[name]), name))
    return tuple(found)


def name_of(tool: str) -> str:
    """Return a tool's name as words, its verb first where one can be told: `update tickets`."""
    noun, _, verb = tool.rpartition(".")
    words = f"{_words(verb)} {_words(noun)}".strip() if noun else _words(tool)
    return words[:1].upper() + words[1:]


def _short(args: JsonObject) -> list[str]:
    found = [name for name, value in args.items() if _is_short(value)]
    return found[:LEADING]


def _is_short(value: Json) -> bool:
    return not isinstance(value, list | dict) and len(str(value)) <= SHORT


def _value(value: Json) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "nothing"}[value]
    if isinstance(value, Mapping):
        return _amount(value)
    if isinstance(value, list):
        return _count(len(value), "item")
    return plain(str(value))


def _amount(value: Mapping[str, Json]) -> str:
    if set(value) == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    return _count(len(value), "field")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").replace(".", " ").replace("/", " ")
