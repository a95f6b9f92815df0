"""Broken files, and what their writers are told: `golden/errors.txt` holds every sentence.

`python -m tests.unit.boundary.gallery` writes the golden files anew.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sallyport.rules.boundary.check import check
from sallyport.rules.boundary.explain import explain
from tests.unit.boundary.examples import (
    PINS,
    ROLES,
    SYSTEM,
    TODAY,
    WORKFLOW,
    header,
    problems_of,
    support,
)

GOLDEN = Path(__file__).parent / "golden"


def one_tool(*lines: str, level: str = "read") -> str:
    """Return a workflow file with one tool `t`, whose further lines are given."""
    body = "".join(f"    {line}\n" for line in lines)
    return f"{header()}tools:\n  t:\n    level: {level}\n{body}"


DESIGN_WORDS = WORKFLOW.replace(
    "limits: {calls_per_task: 25, sent_per_hour: 20}",
    "trust: [kb.articles]\n"
    "limits: {calls_per_task: 25, refunds_per_day: 500.00 EUR, cost_per_task: 0.50 USD}\n"
    "always: [{level: external, at_least: ask}]",
)

WORKFLOWS: dict[str, str] = {
    "an empty file": "",
    "only a comment": "# nothing\n",
    "a list instead of words": "- workflow: w\n",
    "everything is missing": "workflow: w\n",
    "a misspelt word": WORKFLOW.replace("purpose:", "porpose:"),
    "a misspelt constraint": one_tool("only: {a: {at_mots: 5}}"),
    "a key twice": WORKFLOW + "never: []\n",
    "a key twice, deep inside": one_tool("only: {a: any, a: absent}"),
    "an anchor and an alias": one_tool("only: {a: &x {is: 1}, b: *x}"),
    "a merge": one_tool("only: {a: {<<: {is: 1}}}"),
    "a tag": one_tool("only: {a: {is: !!int 1}}"),
    "a directive": "%YAML 1.1\n---\n" + WORKFLOW,
    "two documents": WORKFLOW + "---\nworkflow: second\n",
    "YAML 1.1 truth": one_tool("only: {a: {is: yes, optional: on}}"),
    "a country that is a truth value": one_tool("only: {country: {one_of: [DE, NO]}}"),
    "an empty value": "workflow:\n",
    "a tilde": one_tool("only: {a: {is: ~}}"),
    "null": one_tool("only: {a: {is: null}}"),
    "numbers that are read in two ways": one_tool(
        "only: {a: {is: 017}, b: {is: 0x1F}, c: {is: 1_000}, d: {is: 12:30}, e: {is: 1e3}}"
    ),
    "not finite": one_tool("only: {a: {at_most: .inf}, b: {at_most: .nan}}"),
    "a date that does not exist": WORKFLOW.replace("2027-03-31", "2027-02-30"),
    "a date written otherwise": WORKFLOW.replace("2027-03-31", "2027-3-31"),
    "a number of many digits": one_tool("only: {a: {at_most: 1234567890123456789012345678901}}"),
    "a key that is a number": one_tool("only: {1: any}"),
    "text over two lines": WORKFLOW.replace("Answer tickets;", '"Answer\\n  Never: tickets;"#'),
    "invisible characters": WORKFLOW.replace("support-bot", '"support\\u202ebot"'),
    "half a character": WORKFLOW.replace("support-bot", '"support\\ud83d"'),
    "a control character": WORKFLOW + "\x07",
    "a comment that ends unseen": WORKFLOW + "# harmless \u2028never: []\n",
    "a comment that reads backwards": WORKFLOW + "# \u202e\n",
    "a tab": "workflow: w\n\tpurpose: p\n",
    "a quote that is never closed": 'workflow: "w\n',
    "a bracket that is never closed": "workflow: w\nfor: [a, b\n",
    "two colons on a line": "workflow: a: b\n",
    "wrong indentation": "workflow: w\n  purpose: p\n",
    "an impossible escape": 'workflow: "\\UFFFFFFFF"\n',
    "far too deep": "workflow: " + "[" * 60 + "]" * 60 + "\n",
    "far too long": "#" + "x" * 300_000,
    "a wildcard for tools": WORKFLOW.replace("mail.send:", '"mail.*":'),
    "a wildcard for people": WORKFLOW.replace("for: [support_agent,", 'for: ["*",'),
    "a wildcard for never": WORKFLOW.replace("[crm.export]", '["*"]'),
    "a wildcard for a value": one_tool('only: {a: {is: "*"}}'),
    "nobody may": WORKFLOW.replace("for: [support_agent, support_lead]", "for: []"),
    "nobody answers": one_tool("ask: [{who: []}]"),
    "nobody is named to answer": one_tool("ask: [{within: 4h}]"),
    "an unknown level": one_tool(level="raed"),
    "an unknown environment": WORKFLOW.replace("environment: production", "environment: prod"),
    "an unknown impact": WORKFLOW.replace("[records, money]", "[recods, money]"),
    "an unknown input": one_tool("only: {a: {is: task.onw}}"),
    "an unknown kind of input": header("{own: string}") + "tools: {t: {level: read}}\n",
    "an exception without its reason": WORKFLOW.replace(
        "        because: twelve weeks asked, none rejected\n        until: 2027-01-31\n", ""
    ),
    "a template whose slot may hold anything": one_tool(
        'templates: {a: {ack: {text: "Dear {name}", slots: {name: {any: true}}}}}'
    ),
    "a template without its slot": one_tool('templates: {a: {ack: {text: "Dear {name}"}}}'),
    "a slot without its template": one_tool(
        "templates: {a: {ack: {text: Thanks, slots: {name: {max_length: 9}}}}}"
    ),
    "slots that touch": one_tool(
        'templates: {a: {ack: {text: "{a}{b}", slots: {a: {is: x}, b: {max_length: 9}}}}}'
    ),
    "a slot that stands twice": one_tool(
        'templates: {a: {ack: {text: "{a} and {a}", slots: {a: {max_length: 9}}}}}'
    ),
    "a brace that is no slot": one_tool('templates: {a: {ack: {text: "{Name} {"}}}'),
    "a slot that is optional and long": one_tool(
        'templates: {a: {ack: {text: "{a}.", slots: {a: {max_length: 9999, optional: true}}}}}'
    ),
    "a template that is bounded elsewhere": one_tool(
        "templates: {a: {ack: {text: Thanks}}}", "allow: [{args: {a: {max_length: 9}}}]"
    ),
    "templates of nothing": one_tool("templates: {a: {}, b: {ack: {text: 5}}, c: {x: {}}}"),
    "trust in what is not there": "trust: [tt, t.x, t.x]\n" + one_tool(),
    "an unknown class of data": "data: [personel]\n" + one_tool(),
    "a place that is none": "jurisdiction: [europe]\n" + one_tool(),
    "an exception without its end": WORKFLOW.replace("        until: 2027-01-31\n", ""),
    "entries that overlap": WORKFLOW.replace("above: 50.00 EUR", "at_least: 50.00 EUR"),
    "entries that overlap without arguments": one_tool(
        "allow: [{}]", "ask: [{args: {a: any}, who: [lead]}, {who: [lead]}]"
    ),
    "an entry that nothing can match": one_tool("allow: [{args: {a: {above: 5, below: 5}}}]"),
    "two lower bounds": one_tool("only: {a: {above: 1, at_least: 2}}"),
    "any beside a bound": one_tool("only: {a: {any: true, at_most: 2}}"),
    "nothing is asked of an argument": one_tool("only: {a: {}, b: {optional: true}}"),
    "not a constraint": one_tool("only: {a: 5, b: [1, 2]}"),
    "a bound that is not a number": one_tool("only: {a: {at_most: fifty}}"),
    "parts of a cent": one_tool("only: {a: {at_most: 50.001 EUR}}"),
    "a currency nobody pays in": one_tool("only: {a: {at_most: 50.00 EUT}}"),
    "cents that do not exist": one_tool("only: {a: {at_most: 50.50 JPY}}"),
    "two currencies at once": one_tool("only: {a: {above: 5.00 EUR, at_most: 9.00 USD}}"),
    "a number and an amount at once": one_tool("only: {a: {above: 5, at_most: 9.00 USD}}"),
    "a date and a length at once": one_tool("only: {a: {above: 2026-01-01, max_length: 9}}"),
    "a time without its zone": one_tool('only: {a: {above: "2026-01-01T12:00:00"}}'),
    "words of other languages": one_tool(
        "only: {a: {equals: 1}, b: {max: 5}, c: {regex: x}, d: {ends_with: x}, e: {contains: x}}"
    ),
    "a domain that is a pattern": one_tool('only: {a: {domain: "*.example.com"}}'),
    "a whole top-level domain": one_tool("only: {a: {domain: under com}}"),
    "a domain with an empty part": one_tool("only: {a: {domain: .example.com}}"),
    "a domain of mixed letters": one_tool("only: {a: {domain: ex\u0430mple.com}}"),
    "a domain that only looks like another": one_tool(
        "only: {a: {domain: \u0430\u0440\u0440\u04cf\u0435.com}}"
    ),
    "a domain that readers spell differently": one_tool("only: {a: {domain: fa\u00df.example}}"),
    "a domain where an address was meant": one_tool("only: {a: {email: example.com}}"),
    "two addresses in one": one_tool("only: {a: {email: 'a@example.com, b@example.com'}}"),
    "an address that is a pattern": one_tool("only: {a: {email: '*@example.com'}}"),
    "a web address without its scheme": one_tool("only: {a: {url: example.com/docs}}"),
    "a web address with a user name": one_tool("only: {a: {url: 'https://me@example.com/'}}"),
    "a web address with a query": one_tool("only: {a: {url: 'https://example.com/?a=b'}}"),
    "a web address that climbs": one_tool("only: {a: {url: 'https://example.com/a/%2e%2e/b'}}"),
    "a web address by number": one_tool("only: {a: {url: 'http://2130706433/'}}"),
    "a whole drive": one_tool("only: {a: {path_under: /}, b: {path_under: .}}"),
    "any folder": one_tool("only: {a: {path_under: any}}"),
    "a path that climbs": one_tool("only: {a: {path_under: /srv/../etc}}"),
    "a path of another system": one_tool("only: {a: {path_under: 'C:\\Users'}}"),
    "letters where an address is meant": one_tool("only: {a: {starts_with: 'https://a.example'}}"),
    "letters where a path is meant": one_tool("only: {a: {starts_with: /srv/reports}}"),
    "letters that are a pattern": one_tool("only: {a: {starts_with: 'Re:*'}}"),
    "one item of a list where every one counts": one_tool("only: {a: {some: {is: x}}}"),
    "every item of a list where one is enough": one_tool(
        "only: {a: any}", "never: [{args: {a: {each: {is: x}}}}, {args: {a: {only: [x]}}}]"
    ),
    "two ways to say what a list holds": one_tool("only: {a: {only: [x], each: {is: x}}}"),
    "a list of lists": one_tool("only: {a: {each: {at_most: 3 items}}}"),
    "nothing is asked of the items": one_tool("only: {a: {each: {}}}"),
    "lists that meet when they are empty": one_tool(
        "allow: [{args: {a: {each: {email: '@example.com'}}}}]",
        "ask: [{args: {a: {each: {email: '@example.org'}}}, who: [lead]}]",
    ),
    "folders that lie in each other": one_tool(
        "allow: [{args: {a: {path_under: /srv}}}]",
        "ask: [{args: {a: {path_under: /srv/reports}}, who: [lead]}]",
    ),
    "entries of which nobody can tell": one_tool(
        "allow: [{args: {a: {url: 'https://example.com/'}}}]",
        "ask: [{args: {a: {max_length: 12}}, who: [lead]}]",
    ),
    "a length that is not whole": one_tool("only: {a: {max_length: 1.5}}"),
    "a duration without its unit": one_tool("ask: [{who: [lead], within: 4}]"),
    "a duration of months": one_tool("ask: [{who: [lead], within: 90d}]"),
    "never of nothing": one_tool("never: [{because: no}]"),
    "an unknown limit": WORKFLOW.replace("sent_per_hour: 20", "sent_per_week: 20"),
    "a limit of an argument that nobody names": WORKFLOW.replace(
        "sent_per_hour: 20", "refnuds_per_day: 500.00 EUR"
    ),
    "a sum in a currency that no tool takes": WORKFLOW.replace(
        "sent_per_hour: 20", "refunds_per_day: 500.00 USD"
    ),
    "a sum that is a number": WORKFLOW.replace("sent_per_hour: 20", "refunds_per_day: 500"),
    "a sum that is nothing": WORKFLOW.replace("sent_per_hour: 20", "refunds_per_day: 0.00 EUR"),
    "a count that is a sum": WORKFLOW.replace("sent_per_hour: 20", "sent_per_hour: 5.00 EUR"),
    "a limit for each of what nobody names": WORKFLOW.replace(
        "sent_per_hour: 20", "sent_per_hour: {at_most: 3, each: recipient}"
    ),
    "a limit that counts twice": WORKFLOW.replace("sent_per_hour: 20", "sent_per_hour: [3, 4]"),
    "a limit of none": WORKFLOW.replace("sent_per_hour: 20", "sent_per_hour: 0"),
    "words that later versions enforce": DESIGN_WORDS,
    "a word of the entry beside it": one_tool("until: 2027-01-01", "who: [lead]"),
    "text where a number was meant as text": WORKFLOW.replace("agent: support-bot", "agent: 7"),
}

SYSTEMS: dict[str, str] = {
    "no way to it": "system: desk\n",
    "two ways to it": "system: desk\nurl: https://a.example\ncommand: [server]\n",
    "clear text over the network": "system: desk\nurl: http://desk.example.com/mcp\n",
    "a password in the address": "system: desk\nurl: https://me:hunter2@desk.example.com/\n",
    "another scheme": "system: desk\nurl: ftp://desk.example.com/\n",
    "not an address": "system: desk\nurl: https://[bad/\n",
    "a transport that does not fit": SYSTEM.replace("transport: http", "transport: stdio"),
    "a command as one text": "system: desk\ncommand: server --flag\n",
    "an unquoted number for a program": "system: desk\ncommand: [server, --port, 8080]\n",
    "a variable without a program": SYSTEM + "env: {A: b}\n",
    "a bad variable": "system: desk\ncommand: [server]\nenv: {A-B: c, D: 'secret:'}\n",
    "a credential for a program": "system: desk\ncommand: [server]\ncredential: token\n",
    "a probe without what it expects": SYSTEM.replace("    expects: solved\n", ""),
    "a probe that is never used": SYSTEM.replace("recovery: probe", "recovery: at_most_once"),
    "a time to live that is never used": SYSTEM.replace("recovery: idempotency_key, ", ""),
    "an unknown recovery": SYSTEM.replace("recovery: probe", "recovery: prob"),
    "a fact without its field": SYSTEM.replace(", field: ticket.state", ""),
    "a field that is no way": SYSTEM.replace("ticket.state", "ticket..state"),
    "a source that names nothing": SYSTEM.replace("arg.ticket_id", "arg."),
    "a way back that is not one of ours": SYSTEM.replace("reversible: false", "reversible: maybe"),
    "a way back as YAML 1.1 has it": SYSTEM.replace("reversible: false", "reversible: no"),
    "a way back that nothing says": SYSTEM.replace("reversible: false", "reversible: true"),
    "a way back where there is none": SYSTEM.replace(
        "reversible: false", "reversible: false, undo: {tool: mail.recall}"
    ),
    "an undo by what nobody read": SYSTEM.replace(
        "reversible: false", "undo: {tool: mail.recall, args: {id: before.id}}"
    ),
    "tries without end": SYSTEM.replace("reversible: false", "retries: 99"),
    "tries that outlast their key": SYSTEM.replace("2d, reversible: false", "1m, retries: 5"),
    "a cost without its currency": SYSTEM.replace("reversible: false", "cost: 5"),
    "a cost that is too fine": SYSTEM.replace("reversible: false", "cost: 0.00000001 USD"),
    "units of nothing": SYSTEM.replace("reversible: false", "units: {a: cents, b: minor EUX}"),
    "fields that lead nowhere": SYSTEM.replace("reversible: false", "fields: {a..b: {}, c: {}}"),
    "a class of data that is none": SYSTEM.replace(
        "reversible: false", "args: {to: {data: privat}}, writer: me"
    ),
    "a jurisdiction by its name": SYSTEM.replace("transport", "jurisdiction: Europe\ntransport"),
    "a timeout of hours": SYSTEM.replace("timeout: 10s", "timeout: 5h"),
}


def errors_text() -> str:
    """Return what the writers of all broken files are told."""
    lines = ["Broken workflow files"]
    for title, text in WORKFLOWS.items():
        lines += ["", title, *(f"  {problem}" for problem in problems_of(text))]
    lines += ["", "", "Broken system files"]
    for title, text in SYSTEMS.items():
        lines += ["", title, *(f"  {problem}" for problem in problems_of(text, system=True))]
    return "\n".join(lines) + "\n"


CHILD = """\
system: desk
command: [desk-server, --read, "two words"]
env: {TOKEN: secret:desk-token, MODE: plain-value}
jurisdiction: DE
tools:
  t:
    level: read
    timeout: 2m
    reversible: true
    before: {tool: look}
    undo: {tool: untouch, args: {which: result.id, back: before.state, 'on': task.own, how: 5}}
    retries: 1
    cost: 0.005 USD
    critical: [d, l]
    units: {d: minor EUR}
    args: {l: {data: personal}, a: {data: internal}}
    fields: {id: {data: public, writer: system}, text: {writer: customer}, mark: {data: secret}}
    writer: staff
"""

EVERY_OPERATOR = """\
trust: [t.ticket.state, t.customer]
data: [public, health]
jurisdiction: [EU, CH]
limits:
  d_per_day: 9.00 EUR
  q_per_task: {at_most: 20.5 EUR, each: l}
  calls_per_hour: [{at_most: 3, each: l}, 9]
  cost_per_day: 0.000001 USD
""" + one_tool(
    "system: desk",
    "touches: [access, customer_communication, deletion, legal, publishing, regulatory, safety]",
    "only:",
    "  a: {is: fixed}",
    "  b: {is: 5}",
    "  c: {is: true}",
    "  d: {is: 5.00 EUR}",
    '  e: {one_of: ["5", 5, task.own]}',
    "  f: {at_least: 1, below: 10}",
    "  g: {above: 2026-01-01, at_most: 2026-12-31, optional: true}",
    "  h: any",
    "  i: absent",
    "  k: {domain: [example.com, under example.com, xn--bcher-kva.example, task.own]}",
    '  l: {email: [ann@example.com, "@example.org", under example.net], max_length: 64}',
    '  m: {url: ["https://example.com:8443/a%20b/%c3%a9", "http://[::1]/"]}',
    '  t: {path_under: [/srv/reports, "a \\"or\\" b"]}',
    '  o: {starts_with: "Re: "}',
    "  p: {only: [bug, 5], at_least: 1 items, below: 4 items}",
    "  q: {each: {below: 8.00 EUR}, above: 2 items, at_most: 9 items}",
    '  r: {at_least: "2026-01-01T12:00:00Z", below: "2026-01-02T00:00:00.5+01:00"}',
    "  s: {domain: any}",
    "templates:",
    "  u:",
    '    ack: {text: "Thank you."}',
    '    refund: {text: ["Dear {name},", "", "{sum} EUR is back: {own}"],'
    " slots: {name: {max_length: 80}, sum: {at_most: 500.00 EUR}, own: {is: task.own}}}",
    "when: {state: [open, 3, true]}",
    "allow: [{because: harmless, until: 2026-12-24, args: {j: {is: 1}}, when: {mood: [calm]}}]",
    "ask: [{who: [lead, boss], how_many: 2, within: 90s, because: it counts, args: {j: {is: 2}}}]",
    "never: [{args: {h: {is: bad}, l: {some: {starts_with: x}}}, when: {state: [open]}}]",
    level="classify",
)


def explained() -> str:
    """Return the support desk and a boundary with the rest of the vocabulary, in words."""
    both = (support(), support(EVERY_OPERATOR, CHILD))
    return "\n\n".join(explain(replace(one, digest="(its digest)")) for one in both)


def checked() -> str:
    """Return what a reviewer is told of a boundary where little fits together."""
    boundary = support(
        WORKFLOW.replace("crm.get_contact:", "crm.get_contcat:")
        .replace("task: {", "task: {spare: text, ")
        .replace("status: {one_of", "state: {one_of")
        .replace("ticket_state: [open", "tiket_state: [open")
        .replace("8h}]", "8h}]\n  crm.export: {level: read}")
    )
    found = check(boundary, today=TODAY, offered=PINS, roles=ROLES[:2])
    return "".join(f"{one.severity.value:8}{one.where}: {one.what}; {one.fix}\n" for one in found)


TEXTS = {"errors.txt": errors_text, "explained.txt": explained, "checked.txt": checked}

if __name__ == "__main__":
    for name, text in TEXTS.items():
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_text(text(), encoding="utf-8")
