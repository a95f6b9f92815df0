"""The question that is put to a solver, letter by letter: its digest stands in the ledger.

Whoever encodes a word in another way asks another question of every boundary that is signed. Then
the golden files show which: `SAID=write` writes them anew.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from sallyport.model import Entry, Level, ToolRule
from sallyport.rules.proof.claims import narrower
from sallyport.rules.proof.encode import said
from sallyport.rules.proof.formula import All, Formula
from sallyport.rules.proof.search import names_of
from sallyport.rules.proof.smt import script
from sallyport.rules.proof.standing import standing
from sallyport.rules.proof.subjects import World
from tests.unit.boundary.examples import WORKFLOW, support, tool
from tests.unit.boundary.test_system_words import bank
from tests.unit.proof.test_hidden_widenings import of

TODAY = date(2026, 11, 21)
GOLDEN: Final = Path(__file__).parent / "golden"
WRITE: Final = os.environ.get("SAID") == "write"

RULES = {
    "anything": "only: {x: any}",
    "nothing at all": "",
    "left out": "only: {x: absent, z: {is: a, optional: true}}",
    "text, number, truth": "only: {x: {one_of: [a, 5, true, false, 2.50]}}",
    "an amount": "only: {x: {is: 5.00 EUR}, z: {is: 6.00 EUR}, u: {is: 5.00 USD}}",
    "ranges": "only: {x: {above: 5, at_most: 7}, z: {at_least: 5.00 EUR, below: 9.00 EUR}}",
    "days": "only: {x: {above: 2026-01-01, at_most: 2026-01-05}}",
    "moments": "only: {x: {at_least: 2026-01-01T12:00:00Z, below: 2026-01-01T14:00:00+01:00}}",
    "an input of the task": "only: {x: {is: task.own}, z: {one_of: [task.own, '5.00 EUR']}}",
    "an input and a word": "only: {x: {is: task.own}, z: {one_of: [task.own, b]}}",
    "two arguments of one input": (
        "only: {x: {is: task.own}, z: {is: task.own}}\nnever: [{args: {z: {max_length: 5}}}]"
    ),
    "an input among items": "only: {x: any}\nnever: [{args: {x: {some: {is: task.own}}}}]",
    "never an input": "only: {x: any}\nnever: [{args: {x: {one_of: [a, task.own]}}}]",
    "an argument that only `never` names": "only: {x: any}\nnever: [{args: {x: any, z: {is: 1}}}]",
    "an input beside tests": "only: {x: {is: task.own}, z: {email: [task.own, '@example.com']}}",
    "domains": (
        "only: {x: {domain: [a.example.com, under example.org]}}\n"
        "never: [{args: {x: {domain: under example.com}}}, {args: {x: {domain: any}}}]"
    ),
    "mailboxes": (
        "only: {x: {email: under example.com, max_length: 30}}\n"
        "ask: [{args: {x: {email: ann@a.example.com}}, who: [r]},"
        " {args: {x: {email: '@b.example.com', starts_with: bob}}, who: [r]}]"
    ),
    "web addresses": (
        "only: {x: {url: ['https://example.com/docs', 'https://example.org']}}\n"
        "never: [{args: {x: {url: 'https://example.com/docs/a'}}}]"
    ),
    "paths": (
        "only: {x: {path_under: [/srv, srv]}}\n"
        "allow: [{args: {x: {path_under: /srv/a}}}, {args: {x: {path_under: srv}}}]"
    ),
    "letters": (
        "only: {x: {starts_with: 'Re: ', max_length: 30}}\n"
        "never: [{args: {x: {max_length: 9}}}, {args: {x: {starts_with: 'Re: a'}}}]"
    ),
    "a word beside tests": (
        "only: {x: {domain: any, max_length: 12}}\n"
        "never: [{args: {x: {one_of: [example.com, far.example.com, '2026-01-02', '5.00 EUR',"
        " '2026-01-01T12:00:00Z', '7']}}}]"
    ),
    "lists of words": "only: {x: {only: [a, 5], at_least: 1 items, below: 4 items}}",
    "lists of amounts": "only: {x: {each: {above: 5.00 EUR, below: 9.00 EUR}}}",
    "lists two times": (
        "only: {x: {each: {email: '@example.com'}}}\n"
        "never: [{args: {x: {some: {starts_with: ann}}}}, {args: {x: {some: {is: task.own}}}}]"
    ),
    "never, with all that it takes for a fit": (
        "only: {x: any, z: any, u: any, v: any}\n"
        "never: [{args: {x: {one_of: [a, 5, 1.00 EUR, task.own]}}}, {args: {x: {above: 5}}},\n"
        "  {args: {x: {above: 2026-01-01}, z: {max_length: 5}}},\n"
        "  {args: {u: {some: {is: a}}, v: absent}, when: {s: [a, 1]}}, {when: {s: [true]}}]"
    ),
    "facts": (
        "only: {x: any}\nwhen: {s: [open, 3, true]}\n"
        "allow: [{when: {m: [calm]}}]\nask: [{when: {m: [busy, 5]}, who: [r]}]"
    ),
    "templates": (
        "only: {z: {max_length: 9}, x: {max_length: 90, optional: true}}\n"
        "templates:\n"
        "  x:\n"
        "    one: {text: 'Hi {who}.', slots: {who: {max_length: 8}}}\n"
        "    more: {text: 'Hi {who}.', slots: {who: {max_length: 9}}}\n"
        "    bye: {text: Bye.}\n"
        "  u: {bye: {text: Bye.}}\n"
        "allow: [{args: {v: {is: 1}}}]\nask: [{args: {w: {is: 1}}, who: [r]}]"
    ),
}
LEVELS = {
    "update: asked": (Level.UPDATE, ""),
    "touching: asked": (Level.READ, "touches: [records]"),
    "update: what has its reason and end is not asked": (
        Level.UPDATE,
        (
            "allow: [{args: {x: {is: 1}}, because: small, until: 2026-12-24},\n"
            "  {args: {x: {is: 2}}}]\n"
            "ask: [{args: {x: {is: 3}}, who: [a, b], how_many: 2, within: 90s},"
            " {args: {x: {is: 4}}, who: [a], needs_human: true}]"
        ),
    ),
    "read: no reason is needed": (
        Level.READ,
        (
            "allow: [{args: {x: {is: 1}}, because: small, until: 2026-12-24},\n"
            "  {args: {x: {is: 2}}}]\n"
            "ask: [{args: {x: {is: 3}}, who: [a]}]"
        ),
    ),
}


def asked_about(rule: ToolRule) -> str:
    """Return what is asked about a rule: what is certain, then each formula with its name."""
    world = World()
    told = said(rule, world, names_of([rule]))
    named: list[tuple[str, Formula]] = [
        ("allowed", told.allowed),
        ("asked", told.asked),
        ("refused", told.refused),
        *((f"question {question}", formula) for question, formula in told.questions),
        *((f"entry {where}", formula) for where, formula in told.entries),
    ]
    names = "".join(f"; {name}\n" for name, _ in named)
    return names + script(All((world.axioms(), *(formula for _, formula in named)))).text


def _rules() -> str:
    found = {name: tool(lines) for name, lines in RULES.items()}
    path, domain = (tool(f"only: {{x: {one}}}") for one in ("{path_under: srv}", "{domain: any}"))
    for name, one, other in (("a path", path, domain), ("a domain", domain, path)):
        never = Entry(where="never[0]", args=other.only)
        found[f"{name} and not both"] = replace(one, never=(never,))
    found |= {name: replace(tool(lines), level=level) for name, (level, lines) in LEVELS.items()}
    cents = bank().workflow.tools["pay"]
    found["units, and what nobody can take back"] = cents
    return "\n".join(f"; --- {name}\n{asked_about(rule)}" for name, rule in found.items())


class Recording:
    """Answers nothing but that there is no model, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, formula: Formula) -> None:
        """Keep a question."""
        self.asked.append(script(formula).text)


def _compared() -> str:
    solver = Recording()
    pairs = [
        (
            "arguments that only one of them names",
            "only: {x: any, z: {is: 1, optional: true}}",
            "only: {x: any, v: {is: 1, optional: true}}",
        ),
        ("level", "only: {x: {max_length: 5}}", "only: {x: {max_length: 4}}"),
        (
            "who is asked, how many, how long, and whether they must",
            "ask: [{args: {x: {is: 1}}, who: [a, b], within: 5h}]",
            (
                "ask: [{args: {x: {is: 1}}, who: [a], how_many: 2, within: 4h, needs_human: true},"
                " {args: {x: {is: 2}}, who: [a, b], within: 5h}]"
            ),
        ),
    ]
    for _, new, old in pairs:
        narrower(of(tool(new)), of(tool(old)), today=TODAY, solve=solver)
    narrower(of(tool("only: {x: any}")), support(), today=TODAY, solve=solver)
    return "\n; --- next\n".join(solver.asked)


LINES = """\
always:
  - {tool: tickets.update, args: {refund: {at_most: 400.00 EUR}, status: {one_of: [open, gone]}}}
  - {level: update, at_least: ask}
  - {tool: crm.get_contact, at_least: refuse}
"""


def _standing() -> str:
    solver = Recording()
    boundary = support(WORKFLOW + LINES)
    standing(boundary, today=TODAY, solve=solver)
    return "\n; --- next\n".join(solver.asked)


TEXTS = {"rules.smt2": _rules, "compared.smt2": _compared, "standing.smt2": _standing}


def test_what_a_solver_is_asked_is_the_golden_question() -> None:
    """So a digest that was kept still names what was asked."""
    asked = {name: text() for name, text in TEXTS.items()}
    if WRITE:
        for name, text in asked.items():
            (GOLDEN / name).write_text(text, encoding="utf-8")

    assert asked == {name: (GOLDEN / name).read_text(encoding="utf-8") for name in TEXTS}
