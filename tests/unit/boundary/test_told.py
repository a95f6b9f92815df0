"""Files with one mistake: every problem that is told of each, and no other.

What is told of each stands in `golden/texts/told.txt`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from sallyport.model import USUAL_DATA, DataClass, Impact, Level, Lookup, Plumbing, System
from sallyport.rules.boundary.load import load_system, load_workflow
from sallyport.rules.boundary.workflow_file import loosens_a_default
from tests.sentences import WRITE
from tests.unit.boundary.examples import problems_of, tool
from tests.unit.boundary.gallery import one_tool

GOLDEN = Path(__file__).parent / "golden" / "texts" / "told.txt"
FIVE = "{a: {max_length: 5}}"
LONG = "a" * 20_001


def template(said: str) -> str:
    """Return a file whose one tool has a template of which this is said."""
    return one_tool(f"templates: {{body: {{one: {said}}}}}")


def slot(said: str) -> str:
    """Return a file with a template whose one slot must fit this."""
    return template(f'{{text: "{{a}}", slots: {{a: {said}}}}}')


def many(number: int) -> str:
    """Return so many templates."""
    return ", ".join(f"t{n}: {{text: t{n}}}" for n in range(number))


def tool_words(*lines: str, level: str = "read") -> str:
    """Return a file with one tool of these words, at a level where nothing need be reasoned."""
    return one_tool(*lines, level=level)


def desk(words: str, url: str = "https://desk.example.com/mcp") -> str:
    """Return a system's file with these further words."""
    return f"system: desk\nurl: {url}\n{words}\n"


def of_tool(words: str) -> str:
    """Return a system's file with one tool of which this is said."""
    return desk(f"tools: {{t: {{{words}}}}}")


EVERY_WORD_WRONG = """\
workflow: [a]
purpose: [a]
owner: 5
agent: {a: b}
environment: 7
expires: [1]
for: soon
task: soon
limits: 5
stop: soon
never: soon
always: 5
trust: 5
data: 5
jurisdiction: 5
tools: soon
more: 5
"""
EVERY_TOOL_WORD_WRONG = one_tool(
    "system: 5",
    "touches: soon",
    "only: soon",
    "when: soon",
    "allow: soon",
    "ask: soon",
    "never: soon",
    "templates: soon",
    "undo: soon",
    "may_ask: soon",
    "more: 5",
    level="7",
)
EVERY_ENTRY_WORD_WRONG = one_tool(
    "allow: [{args: soon, when: soon, because: 5, until: soon, who: [a]}]",
    "ask:",
    "  - {args: soon, when: soon, because: 5, who: soon, how_many: soon, within: soon,",
    "     needs_human: soon, until: 2027-01-01}",
    "never: [{args: soon, when: soon, because: 5, who: [a]}]",
)
FACTS_WRONG = "when: {'*': [1], b: [], c: [{}], d: 5, e: [[1], 2]}"
EVERY_SYSTEM_WORD_WRONG = """\
system: [a]
transport: soon
url: 5
command: soon
env: soon
credential: 5
jurisdiction: 5
tools: soon
facts: soon
more: 5
"""
LOOK_UPS_WRONG = """\
    before: soon
    probe: {tool: 5, args: soon, field: 5, more: 5}
    expects: x
    recovery: probe
    undo: {tool: '*', args: {'*': 1, a: [1], b: arg., c: task., d: before., e: result.}, field: x}
"""

WORKFLOWS = {
    "every word wrong": EVERY_WORD_WRONG,
    "every word of a tool wrong": EVERY_TOOL_WORD_WRONG,
    "every word of an entry wrong": EVERY_ENTRY_WORD_WRONG,
    "facts in every wrong way": tool_words(FACTS_WRONG),
    "names that are patterns": one_tool(
        "undo: {'*': put_back, a: soon, b: [by_hand]}", "touches: [soon, [a]]", "may_ask: [soon]"
    ).replace("task: {own: text}", "task: {'*': text, a: soon, own: [text]}"),
    "a stop in wrong words": f"stop: {{by: soon, tell: 5, by_hand: [a], more: 5}}\n{one_tool()}",
    "tools that are none": f"{one_tool()[: one_tool().index('  t:')]}  '*': {{level: read}}\n",
    "no tool": f"{one_tool()[: one_tool().index('tools:')]}tools: {{}}\n",
    "a tool in words": f"{one_tool()[: one_tool().index('  t:')]}  t: soon\n",
    "a tool of no level": f"{one_tool()[: one_tool().index('  t:')]}  t: {{only: {{a: any}}}}\n",
    "entries in words": tool_words("ask: [soon]", "allow: [[a]]", "never: [5]"),
    "no entries": tool_words("ask: []", "allow: []", "never: []"),
    "entries that forbid nothing": tool_words("never: [{}, {because: x}]"),
    "an entry that forbids what may be left out": tool_words(
        "never: [{args: {a: {is: 1, optional: true}}}]"
    ),
    "one entry too many": tool_words(
        "never:", *(f"  - {{args: {{a: {{is: {n}}}}}}}" for n in range(51))
    ),
    "one entry too many that would allow": tool_words(
        "allow:",
        *(f"  - {{args: {{a: {{is: {n}}}}}}}" for n in range(51)),
        "ask: [{args: {a: {above: 5, below: 5}}, who: [lead]}]",
        level="external",
    ),
    "one person too many": tool_words("ask: [{who: [lead], how_many: 11}]"),
    "a second too long": tool_words("ask: [{who: [lead], within: 2592001s}]"),
    "an exception without anything": tool_words("allow: [{}]", level="external"),
    "an exception without its end": tool_words("allow: [{because: x}]", level="external"),
    "an exception about money": tool_words("touches: [money]", "allow: [{until: 2027-01-01}]"),
    "three entries that meet": tool_words(
        "allow: [{args: {a: {at_most: 5}}}]",
        "ask:",
        "  - {args: {a: {above: 4, below: 7}}, who: [lead]}",
        "  - {args: {a: {above: 9, below: 9}}, who: [lead]}",
        "  - {args: {a: {above: 6}}, who: [lead]}",
    ),
    "an answer that asks": one_tool("may_ask: [form]").replace("  t:", "  resources/list:"),
    "a system in place of a workflow": desk("tools: {}"),
    "a list in place of a workflow": "[a]\n",
    "nothing in place of a workflow": "{}\n",
    "templates in words": one_tool("templates: soon"),
    "templates of an argument in words": one_tool("templates: {body: soon}"),
    "templates of a wildcard": one_tool("templates: {'*': {one: {text: hi}}}"),
    "a template in words": template("soon"),
    "a template with another word": template("{text: hi, txt: hi}"),
    "a template with a bad name": one_tool("templates: {body: {_one: {text: hi}}}"),
    "a template without a text": template(f"{{slots: {FIVE}}}"),
    "a template that is a number": template(f"{{text: 5, slots: {FIVE}}}"),
    "a template with a number among its lines": template(f"{{text: [hi, 5], slots: {FIVE}}}"),
    "a template of lists": template(f"{{text: [hi, [ho]], slots: {FIVE}}}"),
    "a template of no lines": template(f"{{text: [], slots: {FIVE}}}"),
    "a template of blanks": template(f"{{text: [' ', ''], slots: {FIVE}}}"),
    "a template that is too long": template(f"{{text: {LONG}, slots: {FIVE}}}"),
    "a template of long lines": template(f"{{text: [{LONG[:10_000]}, {LONG[:10_000]}]}}"),
    "a template with an open brace": template('{text: "{"}'),
    "a template with a brace beside a slot": template(
        '{text: "{a} and {", slots: {a: {max_length: 9}}}'
    ),
    "a template with a closed brace": template('{text: "a }"}'),
    "a template of slots that touch": template(
        '{text: "{a}{b}", slots: {a: {max_length: 5}, b: {max_length: 5}}}'
    ),
    "a template with a slot twice": template(f'{{text: "{{a}} {{a}}", slots: {FIVE}}}'),
    "slots in words": template('{text: "{a}", slots: soon}'),
    "a slot of which nothing is asked": template('{text: "{a} {b}"}'),
    "a slot that is not in the text": template(f"{{text: hi, slots: {FIVE}}}"),
    "a slot with a name that is none": template(
        '{text: "{a}", slots: {a: {max_length: 5}, A: {max_length: 5}}}'
    ),
    "a slot that is optional": slot("{max_length: 5, optional: true}"),
    "a slot for anything": slot("any"),
    "a slot for nothing": slot("absent"),
    "a slot for a list": slot("{only: [a]}"),
    "a slot for a list, item by item": slot("{each: {is: a}}"),
    "a slot for a list with one item": slot("{some: {is: a}}"),
    "a slot that begins": slot("{starts_with: b}"),
    "a slot that is too long": slot("{max_length: 1001}"),
    "too many templates": one_tool(f"templates: {{body: {{{many(51)}}}}}"),
    "an entry about a template": one_tool(
        "templates: {body: {one: {text: hi}}}", "ask: [{args: {body: any, to: any}, who: [lead]}]"
    ),
    "a workflow with a word of a system": f"system: desk\n{one_tool()}",
    "a workflow without a name": one_tool().replace("workflow: w", "workflow: '*'"),
    "an agent without a name": one_tool().replace("agent: a", "agent: '*'"),
    "trust in words": f"trust: soon\n{one_tool()}",
    "trust in nothing": f"trust: []\n{one_tool()}",
    "trust in lists": f"trust: [[a], t]\n{one_tool()}",
    "trust in other tools": f"trust: [t, tt.x, u]\n{one_tool()}",
    "data in words": f"data: soon\n{one_tool()}",
    "data of no class": f"data: []\n{one_tool()}",
    "data of a class that is none": f"data: [public, personel]\n{one_tool()}",
    "a place in words": f"jurisdiction: soon\n{one_tool()}",
    "places that are none": f"jurisdiction: [DE, europe, [CH]]\n{one_tool()}",
}
SYSTEMS = {
    "every word of a system wrong": EVERY_SYSTEM_WORD_WRONG,
    "a system that is a list": "[a]\n",
    "a system that is nothing": "{}\n",
    "a system by its way alone": "url: https://desk.example.com/\n",
    "a system without a way": "system: desk\n",
    "a system with two ways": desk("command: [run]"),
    "a system of another way": desk("transport: stdio"),
    "a program of another way": "system: desk\ntransport: http\ncommand: [run]\n",
    "a program with a credential": "system: desk\ncommand: [run]\ncredential: key\n",
    "variables for nobody": desk("env: {A: b}"),
    "a program of nothing": "system: desk\ncommand: []\n",
    "a program in numbers": "system: desk\ncommand: [run, 5, [a]]\n",
    "variables that are none": (
        "system: desk\ncommand: [run]\nenv:"
        f" {{A-B: c, 9: d, '9': d, '': e, {'a' * 129}: f, B: [c], C: 5, D: 'secret:*', E: ''}}\n"
    ),
    "a credential that is a pattern": desk("credential: 'secret:*'"),
    "tools of patterns": desk("tools: {'*': {level: read}, t: soon}"),
    "every word of its tool wrong": of_tool(
        "level: soon, recovery: soon, idempotency_ttl: soon, timeout: soon, more: 5"
    ),
    "look-ups in every wrong way": desk(f"tools:\n  t:\n{LOOK_UPS_WRONG}"),
    "facts that are none": desk(
        "facts: {'*': {tool: t, field: a}, a: soon, b: {tool: t}, c: {field: a},"
        " d: {tool: t, field: a..b}, e: {tool: t, field: '.'}}"
    ),
    "a timeout of a second more": of_tool("timeout: 3601s"),
    "keys known for a second more": of_tool("recovery: idempotency_key, idempotency_ttl: 7776001s"),
    "keys known for nothing": of_tool("idempotency_ttl: 1h"),
    "a probe without its words": of_tool("recovery: probe"),
    "a probe for nothing": of_tool("probe: {tool: t}, expects: x"),
    "tries that last as long as their key": of_tool(
        "recovery: idempotency_key, retries: 1, timeout: 30s, idempotency_ttl: 1m"
    ),
    "a way back by what nobody read": of_tool(
        "undo: {tool: t, args: {a: 5, b: before.x, c: result.y}}"
    ),
}
URLS = (
    *("desk", "//desk.example.com/", "https:desk", "https:///a", "https://:443/", "https://[::1"),
    *("https://desk.example.com:0/", "https://desk.example.com:x/", "https://a.example:65536/"),
    *("'https://a b/'", "https://me@a.example/", "https://:pw@a.example/", "https://a.example/#b"),
    *("ftp://a.example/", "http://a.example/", "http://10.0.0.1/", "http://localhost.a.example/"),
    *("ftp://localhost/", "http://127.0.0.1.a.example/"),
)
SYSTEMS.update({f"the address {url}": desk("", url) for url in URLS})


TITLES = (*WORKFLOWS, *SYSTEMS)
_written: dict[str, list[str]] = {}


@cache
def known() -> dict[str, list[str]]:
    """Return what stands in the golden file, by title."""
    parts = (part.split("\n") for part in GOLDEN.read_text(encoding="utf-8").split("\n\n"))
    return {title: [line for line in lines if line] for title, *lines in parts}


def write(title: str, lines: list[str]) -> None:
    """Put what is told of a file in its place in the golden file."""
    _written[title] = lines
    parts = ("\n".join([one, *_written[one]]) for one in TITLES if one in _written)
    GOLDEN.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


@pytest.mark.parametrize("title", TITLES)
def test_every_problem_of_a_file_is_told_and_no_other(title: str) -> None:
    """Word by word: whoever mends what is named has a file that loads."""
    of_a_system = title in SYSTEMS
    found = problems_of((SYSTEMS if of_a_system else WORKFLOWS)[title], system=of_a_system)
    lines = [f"  {one.code.removeprefix('boundary.')}: {one}" for one in found]
    if WRITE:
        write(title, lines)

    assert lines
    assert WRITE or lines == known()[title]


FINE_SYSTEMS = {
    **{
        url: desk("", url)
        for url in (
            *("https://a.example", "https://a.example:8443/b?c=d", "http://localhost:1/"),
            *("http://127.8.9.1/", "http://[::1]:9/", "HTTPS://a.example/"),
        )
    },
    "a program": "system: desk\ncommand: [run]\ntransport: stdio\nenv: {_a: '', B9: secret:x}\n",
    "a credential": desk("transport: http\ncredential: secret:desk-key"),
    "a timeout of an hour": of_tool("timeout: 1h"),
    "keys known for ninety days": of_tool("recovery: idempotency_key, idempotency_ttl: 90d"),
    "tries that end before their key": of_tool(
        "recovery: idempotency_key, retries: 1, timeout: 29s, idempotency_ttl: 1m"
    ),
    "one try that may outlast its key": of_tool(
        "recovery: idempotency_key, timeout: 1m, idempotency_ttl: 1m"
    ),
    "tries without a key": of_tool("retries: 5, timeout: 1h, level: read"),
    "the longest name of a variable": (f"system: desk\ncommand: [run]\nenv: {{{'a' * 128}: b}}\n"),
}


def test_a_system_is_what_its_file_says() -> None:
    """And nothing more: what is not said of a tool is the careful default."""
    found = load_system(
        "system: own\ncommand: [run, two words]\nenv: {A: '', B: secret:b, C: c}\n"
        "tools: {t: {timeout: 2m, level: create, before: {tool: u}}, v: {}}\n"
        "facts: {state: {tool: u, args: {a: arg.b, c: 5}, field: d.e}}\n",
        "own.yaml",
    )

    assert found == System(
        name="own",
        command=("run", "two words"),
        environment={"A": "", "B": "secret:b", "C": "c"},
        tools={
            "t": Plumbing(timeout_ms=120_000, level=Level.CREATE, before=Lookup(tool="u", args={})),
            "v": Plumbing(),
        },
        facts={"state": Lookup(tool="u", args={"a": "arg.b", "c": 5}, path="d.e")},
    )


@pytest.mark.parametrize("title", FINE_SYSTEMS)
def test_a_system_that_is_just_right_is_told_nothing(title: str) -> None:
    """At the edge of what may be."""
    assert problems_of(FINE_SYSTEMS[title], system=True) == ()


FINE = {
    "as many entries as there may be": tool_words(
        "never:", *(f"  - {{args: {{a: {{is: {n}}}}}}}" for n in range(50))
    ),
    "as many people as there may be": tool_words("ask: [{who: [lead], how_many: 10}]"),
    "as long as it may take": tool_words("ask: [{who: [lead], within: 30d}]"),
    "an entry by what stands there": tool_words("never: [{when: {state: [open]}}]"),
    "a reading that asks": one_tool("may_ask: [form]").replace("  t:", "  resources/read:"),
    "a prompt that asks": one_tool("may_ask: [url]").replace("  t:", "  prompts/get:"),
    "an answer that asks nothing": one_tool().replace("  t:", "  resources/list:"),
    "a template as long as it may be": template(f"{{text: {LONG[:20_000]}}}"),
    "as many templates as there may be": one_tool(f"templates: {{body: {{{many(50)}}}}}"),
    "a slot as long as it may be": slot("{max_length: 1000}"),
    "a slot that begins and ends": slot("{starts_with: b, max_length: 9}"),
    "a slot of words": slot("{one_of: [b, c]}"),
    "a slot of a number": slot("{at_most: 5000}"),
    "a slot with the longest name": template(
        f'{{text: "{{{"a" * 64}}}", slots: {{{"a" * 64}: {{max_length: 5}}}}}}'
    ),
}


@pytest.mark.parametrize("title", FINE)
def test_what_is_just_right_is_told_nothing(title: str) -> None:
    """At the edge of what may be."""
    assert problems_of(FINE[title]) == ()


@pytest.mark.parametrize(
    "level, touches, expected",
    [
        (Level.READ, frozenset[Impact](), False),
        (Level.READ, frozenset({Impact.MONEY}), True),
        (Level.EXTERNAL, frozenset[Impact](), True),
        (Level.EXTERNAL, frozenset({Impact.MONEY}), True),
    ],
)
def test_an_entry_that_allows_loosens_what_would_ask(
    level: Level, touches: frozenset[Impact], *, expected: bool
) -> None:
    """By the level of the tool, or by what it touches."""
    assert loosens_a_default(level, touches) is expected


def test_a_template_is_its_lines_and_its_slots_in_the_order_of_its_text() -> None:
    """Whatever order they were written in."""
    rule = tool(
        "templates:\n"
        "  body:\n"
        '    one: {text: ["{b},", "", "{a}"], slots: {a: {max_length: 5}, b: {is: x}}}\n'
        "    two: {text: bye}"
    )
    one, two = rule.templates["body"]

    assert (one.name, one.text, list(one.slots)) == ("one", "{b},\n\n{a}", ["b", "a"])
    assert (two.name, two.text, dict(two.slots)) == ("two", "bye", {})


def test_what_is_said_of_sources_stands_in_its_place() -> None:
    """Places in order; the usual classes of data where nothing is said."""
    said = load_workflow(
        f"data: [health, public]\njurisdiction: [EU, CH]\n{one_tool()}",
        "w",
    )
    silent = load_workflow(one_tool(), "w")

    assert said.data == {DataClass.HEALTH, DataClass.PUBLIC}
    assert said.jurisdiction == ("CH", "EU")
    assert silent.data == USUAL_DATA
    assert (silent.jurisdiction, silent.trust) == ((), ())
