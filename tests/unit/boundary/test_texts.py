"""What a boundary looks like to its readers, letter by letter: owners, agents, editors, Cedar.

Each text is a golden file. `make said` writes them anew; read what changed before it is committed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sallyport.model import Environment, Json, JsonObject, Level
from sallyport.rules.boundary import gates
from sallyport.rules.boundary.amounts import CURRENCIES, minor_digits
from sallyport.rules.boundary.cedar import export
from sallyport.rules.boundary.diff import diff, in_words
from sallyport.rules.boundary.editor import workflow_schema
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.inputs import unfit
from sallyport.rules.boundary.new import Answers, propose_level, render_system, render_workflow
from sallyport.rules.boundary.page import page
from sallyport.rules.boundary.schemas import tool_schema
from sallyport.rules.boundary.system_editor import system_schema
from sallyport.rules.boundary.unasked import Unasked
from tests.sentences import WRITE
from tests.unit.boundary.examples import (
    SYSTEM,
    TODAY,
    UPDATE,
    WORKFLOW,
    problems_of,
    ruled,
    sentences,
    support,
    tool,
)
from tests.unit.boundary.gallery import CHILD, EVERY_OPERATOR, one_tool
from tests.unit.boundary.test_always import LINES, always
from tests.unit.boundary.test_new import ANSWERS, READ_FILE, WRITE_FILE
from tests.unit.boundary.test_overlap import OFFERED, SAID
from tests.unit.boundary.test_source_words import at_desk, with_words
from tests.unit.boundary.test_system_words import bank
from tests.unit.boundary.test_unasked import DEFAULT, WITH_ENTRY, proposed

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).parent / "golden" / "texts"


def shown(value: Json) -> str:
    """Return JSON as a person reads it."""
    return json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n"


def proved() -> str:
    """Return the support desk with every sort of line under `always`."""
    return explain(support(always(*LINES)))


def sourced() -> str:
    """Return a workflow that says where data lies, what it is and whom it trusts."""
    words = "jurisdiction: [EU, CH]\ndata: [public, health]\ntrust: [crm.get_contact.email]"
    contact = "{fields: {email: {writer: staff}}, cost: 0.10 EUR}"
    return explain(support(with_words(words), at_desk(jurisdiction="DE", contact=contact)))


def bare() -> str:
    """Return a tool without arguments, and one that asks in its middle."""
    text = WORKFLOW.replace(
        "  mail.send:\n",
        "  crm.export: {level: read}\n  mail.send:\n    may_ask: [form, url, sampling, roots]\n",
    ).replace("never: [crm.export]\n", "")
    return explain(support(text))


def changed() -> str:
    """Return what an owner reads of a change: in the head, in a tool, taken away and added."""
    after = (
        WORKFLOW.replace("purpose: Answer", "purpose: Read")
        .replace("at_most: 50.00 EUR", "at_most: 40.00 EUR")
        .replace("sent_per_hour: 20", "sent_per_hour: 21")
        .replace("never: [crm.export]\n", "")
        .replace(
            "  crm.get_contact:\n    level: read\n    only: {contact_id: {is: task.contact_id}}\n",
            "",
        )
        .replace("tools:\n", "tools:\n  crm.export: {level: read}\n")
    )
    return in_words(diff(support(), support(after, SYSTEM.replace("10s", "12s"))))


def schemas() -> str:
    """Return the schemas that agents see of every word for arguments, and of an amount in cents."""
    rules = [
        *support(EVERY_OPERATOR, CHILD).workflow.tools.values(),
        *bank().workflow.tools.values(),
    ]
    rules += support().workflow.tools.values()
    return "".join(shown(tool_schema(rule)) for rule in rules)


def policies() -> str:
    """Return what is exported of the desk and of every word that Cedar can say."""
    exported = [export(support()), export(support(EVERY_OPERATOR, CHILD)), export(bank())]
    return "\n".join(
        "\n".join([one.schema, one.policies, *(f"{k}: {v}" for k, v in one.left_out.items())])
        for one in exported
    )


NEVER = (
    *(
        "{is: a}",
        "{is: null}",
        "{is: true}",
        "{is: 5}",
        "{is: -0.5}",
        "{is: task.own}",
        "{is: 1e3}",
    ),
    *("{one_of: [a*, 5.00 EUR, task.own]}", "{at_most: 5.00 EUR}", "{above: 2026-01-01}"),
    *(
        "{starts_with: 'a*'}",
        "{max_length: 3}",
        "{domain: under example.com}",
        "{domain: task.own}",
    ),
    *("{email: ann+x@example.com}", "{email: task.own}", "{url: 'https://example.com/docs'}"),
    *("{path_under: /srv}", "{path_under: srv/a}", "{path_under: task.own}", "{url: task.own}"),
    *(
        "{some: {is: a}}",
        "{some: {email: any}}",
        "{above: 2 items}",
        "{at_most: '2026-01-01T12:00:00Z'}",
    ),
)


def vocabulary() -> str:
    """Return each word for arguments as Cedar has it: where it is asked, and where forbidden."""
    said = [f"only: {{x: {one}}}" for one in SAID]
    said += [f"never: [{{args: {{x: {one}}}}}]" for one in NEVER]
    said += [
        "allow: [{args: {x: {is: 1}}, when: {state: [open, 3, true]}}]",
        "allow: [{because: calm, until: 2026-12-24, args: {x: any}}]",
        "ask: [{who: [lead], args: {x: {is: 2}}}]",
        "ask: [{who: [lead], args: {x: {is: 2}}}, {who: [boss], args: {x: {is: 3}}}]",
    ]
    return "".join(f"// {one}\n{_policy(one, level)}\n" for one in said for level in _LEVELS)


_LEVELS = ("read", "external")


def _policy(line: str, level: str) -> str:
    text = one_tool(line, level=level)
    if problems_of(text):
        return "// is no file"
    found = export(support(text))
    return found.policies + "".join(f"// {name}: {why}" for name, why in found.left_out.items())


def opened() -> str:
    """Return what stands behind each hard gate of the desk, and of one with nothing behind it."""
    both = (support(), bank(), support(EVERY_OPERATOR, CHILD))
    return "".join(f"{one}\n" for each in both for one in gates.hard_gates(each, today=TODAY))


NAMES: tuple[tuple[str, JsonObject], ...] = (
    ("resources/read", {}),
    ("read_file", {"readOnlyHint": True}),
    ("read_file", {}),
    ("read_and_send", {"readOnlyHint": True}),
    ("frobnicate", {"readOnlyHint": True}),
    ("mail.send", {}),
    ("send_report", {"readOnlyHint": True}),
    ("create_ticket", {}),
    ("create_ticket", {"destructiveHint": True}),
    ("forget", {}),
)


def first_files() -> str:
    """Return the files that are written for somebody who has none, and why each level."""
    answers = Answers(
        name="files",
        purpose="Look after my notes: nothing else.",
        owner="me@example.com",
        agent="my-agent",
        requesters=("me", "you"),
        expires=date(2027, 3, 1),
        environment=Environment.PRODUCTION,
        inputs={"note": "text", "day": "date"},
        system="notes",
        asks=("owner", "reviewer"),
    )
    odd: JsonObject = {"name": "odd\nname", "inputSchema": {"properties": {"a": {}}}}
    tools = [(READ_FILE, Level.READ), (WRITE_FILE, Level.UPDATE), (odd, Level.READ)]
    systems = (
        render_system("web", url="https://a.example/mcp", credential="key", reads=["get", "see"]),
        render_system("own", command=["run", "a b"], environment={"A": "1"}, final=["drop"]),
    )
    levels = (propose_level({"name": n, "annotations": hints}) for n, hints in NAMES)
    return "\n".join(
        [
            render_workflow(answers, tools),
            render_workflow(ANSWERS, tools[:2]),
            *systems,
            *(
                f"{name}: {level.name} {why}"
                for (name, _), (level, why) in zip(NAMES, levels, strict=True)
            ),
        ]
    )


ODD: list[Json] = [
    *("a\\b", "/srv/../etc", "a\u200bb", "srv/%2e", "x" * 400, 10**40, "9" * 40, "5.001 EUR"),
    *("https://example.com@evil.example/", "http://1.2.3.4/", "https://ex\u0430mple.com/docs"),
    *("ann@example.com\n", "a@b@example.com", "1.2.3", "2026-13-01"),
    {"amount": 5},
    {"a": None},
]


def refusals() -> str:
    """Return every sentence by which a value is refused, of each word for arguments."""
    said: set[str] = set()
    for line in SAID:
        rule = tool(f"only: {{x: {line}}}")
        for value in (*OFFERED, *ODD):
            said.update(sentences(ruled(rule, {"x": value}, inputs={"own": "a"})))
            said.update(sentences(ruled(rule, {"x": value}, inputs={})))
        said.update(sentences(ruled(rule, {})), sentences(ruled(rule, {"x": "a", "z": 1})))
    return "".join(f"{one}\n" for one in sorted(said))


def elsewhere() -> str:
    """Return what is said where no entry fits, or one forbids."""
    rule = support().workflow.tools["tickets.update"]
    calls: list[JsonObject] = [
        {**UPDATE, "refund": 501},
        {**UPDATE, "status": "deleted"},
        {**UPDATE, "refund": "5.00 USD"},
        {"ticket_id": "T-2", "status": "gone"},
    ]
    states: tuple[Json, ...] = ("open", "shut", 10**30, True, None, [1], 5)
    facts: list[JsonObject] = [{}, *({"ticket_state": one} for one in states)]
    found = (sentences(ruled(rule, args, facts=fact)) for args in calls for fact in facts)
    return "".join(f"{'; '.join(one)}\n" for one in found)


def unfitting() -> str:
    """Return what is said of inputs that are not what the workflow asks for."""
    kinds = {"a": "text", "b": "email", "c": "number", "d": "date", "e": "time"}
    said = [unfit(kinds, {name: wrong}) for name in (*kinds, "z") for wrong in (True, "?\n")]
    return "\n".join(map("; ".join, said)) + "\n"


def split() -> str:
    """Return files in which a gate was split: of an entry, of a default, of an entry with more."""
    more = WITH_ENTRY.replace(
        "        within: 2h\n",
        "        within: 2h\n        because: it weighs\n        needs_human: true\n"
        "        when: {state: [open]}\n",
    )
    seen: list[JsonObject] = [
        {"ticket_id": "T-1", "queue": queue, "weight": weight}
        for queue, weight in (("spam", 12), ("spam", 30), ("billing", 15))
    ]
    first = "tickets.label.ask[0]"
    made = [
        proposed(WITH_ENTRY, first, [*seen, {**seen[0], "note": "a"}]),
        proposed(WITH_ENTRY, "tickets.label.ask[1]", [{**seen[0], "weight": 50}]),
        proposed(DEFAULT, "", seen[:1]),
        proposed(more, first, seen[:2]),
    ]
    return "\n".join(
        f"# Bounded by its owner alone: {', '.join(one.left)}\n{one.text}"
        for one in made
        if isinstance(one, Unasked)
    )


TEXTS: dict[str, Callable[[], str]] = {
    "split.yaml": split,
    "always.txt": proved,
    "sources.txt": sourced,
    "declared.txt": lambda: explain(bank()),
    "bare.txt": bare,
    "change.txt": changed,
    "page.html": lambda: page([explain(support()), explain(bank())]),
    "schemas.json": schemas,
    "policies.cedar": policies,
    "vocabulary.cedar": vocabulary,
    "currencies.txt": lambda: "".join(f"{c} {minor_digits(c)}\n" for c in sorted(CURRENCIES)),
    "refusals.txt": refusals,
    "elsewhere.txt": elsewhere,
    "gates.txt": opened,
    "first_files.txt": first_files,
    "inputs.txt": unfitting,
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_the_golden_one(name: str) -> None:
    """Whoever changes what people read sees it, and has it read by somebody else."""
    text = TEXTS[name]()
    if WRITE:
        GOLDEN.mkdir(parents=True, exist_ok=True)
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind, schema", [("workflow", workflow_schema), ("system", system_schema)])
def test_the_published_schema_is_what_editors_get(
    kind: str, schema: Callable[[], JsonObject]
) -> None:
    """`make docs` writes it; word for word, since an editor shows each description."""
    published = (ROOT / "docs" / f"{kind}.schema.json").read_text(encoding="utf-8")

    assert schema() == json.loads(published)
