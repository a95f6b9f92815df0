"""Reads `templates`: the texts of which an argument must be one, and what each slot may hold.

A slot that could hold just anything would make the whole template mean nothing, so each is bounded:
by its length, by listed values, or by something that is parsed.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallyport.model import ArgumentRule, Entry, Operator, Template
from sallyport.rules.boundary import values
from sallyport.rules.boundary.arguments import ArgumentReader
from sallyport.rules.boundary.problems import Collector, Mark
from sallyport.rules.boundary.templates import SLOT, SLOT_MAX, parts_of
from sallyport.rules.boundary.yaml_strict import Listing, Node, Scalar, Table

TEMPLATE_WORDS = ("text", "slots")
TEMPLATES_MAX = 50
TEXT_MAX = 20_000
_NOT_IN_SLOTS = frozenset(
    {Operator.ANY, Operator.ABSENT, Operator.ONLY, Operator.EACH, Operator.SOME}
)


class TemplateReader:
    """Reads the templates of one tool; `arguments` reads what is asked of a slot."""

    def __init__(self, out: Collector, arguments: ArgumentReader) -> None:
        self._out = out
        self._arguments = arguments

    def read(self, node: Node | None) -> dict[str, tuple[Template, ...]]:
        """Return the templates by argument, having reported what is wrong with them."""
        found = values.table(self._out, node, "`templates`")
        templates: dict[str, tuple[Template, ...]] = {}
        for argument, value in found.values.items():
            values.check_argument(self._out, found.keys[argument], argument)
            templates[argument] = self._of_argument(argument, value)
        return templates

    def check_entries(
        self, templates: Mapping[str, tuple[Template, ...]], entries: tuple[Entry, ...], mark: Mark
    ) -> None:
        """Report entries that bound an argument whose text is a template already."""
        for entry in entries:
            for name in (one for one in entry.args if one in templates):
                what = f"`{entry.where}` bounds `{name}`, which has templates"
                self._out.add(mark, "pointless", what, "say it of the slots")

    def _of_argument(self, argument: str, node: Node) -> tuple[Template, ...]:
        what = f"the templates of `{argument}`"
        found = values.table(self._out, node, what)
        if isinstance(node, Table) and not node.values:
            self._out.add(node.mark, "empty", f"{what} are none", "write at least one")
        if len(found.values) > TEMPLATES_MAX:
            self._out.add(
                found.mark, "too_large", f"{what} are more than {TEMPLATES_MAX}", "write fewer"
            )
            return ()
        for name, mark in found.keys.items():
            values.check_name(self._out, mark, name, "a template")
        return tuple(self._template(name, one) for name, one in found.values.items())

    def _template(self, name: str, node: Node) -> Template:
        out, what = self._out, f"template `{name}`"
        table = values.table(out, node, what)
        values.known_words(out, table, TEMPLATE_WORDS, what)
        if isinstance(node, Table):
            values.required(out, table, {"text": '"Dear {name}, ..."'}, what)
        text = self._text(table.values.get("text"), what)
        slots = self._arguments.rules(table.values.get("slots"), "`slots`")
        names = parts_of(text)[1]
        listed = table.values.get("slots")
        marks = listed.keys if isinstance(listed, Table) else {}
        for slot, rule in slots.items():
            self._check_slot(slot, rule, marks.get(slot, table.mark))
            if text and slot not in names:
                fix = f"write `{{{slot}}}` into the text, or remove it"
                out.add(
                    marks.get(slot, table.mark), "pointless", f"{what} has no slot `{slot}`", fix
                )
        for slot in (one for one in dict.fromkeys(names) if one not in slots):
            fix = f"add `{slot}: {{max_length: 80}}`, or another constraint"
            said = f"nothing is asked of slot `{slot}` of {what}"
            out.add(table.mark, "missing_word", said, fix)
        ordered = {slot: slots[slot] for slot in names if slot in slots}
        return Template(name=name, text=text, slots=ordered)

    def _text(self, node: Node | None, what: str) -> str:
        """Return a template's text, of one line or of several; empty where it cannot be used."""
        if node is None:
            return ""
        lines = node.items if isinstance(node, Listing) else (node,)
        found = [one.value if isinstance(one, Scalar) else None for one in lines]
        text = "\n".join(line for line in found if isinstance(line, str))
        if not text.strip() or not all(isinstance(line, str) for line in found):
            fix = "write it, or a list of its lines"
            self._out.add(node.mark, "wrong_type", f"the text of {what} is no text", fix)
            return ""
        if len(text) > TEXT_MAX:
            said = f"the text of {what} is longer than {TEXT_MAX} characters"
            self._out.add(node.mark, "too_large", said, "write it shorter")
            return ""
        fixed, names = parts_of(text)
        if any("{" in part or "}" in part for part in fixed):
            fix = "name slots in small letters, digits and `_`, and write no other braces"
            self._out.add(node.mark, "bad_name", f"{what} has a brace that is no slot", fix)
        elif "" in fixed[1:-1]:
            said = f"two slots of {what} touch each other"
            self._out.add(node.mark, "overlap", said, "write something between them")
        elif len(set(names)) < len(names):
            said = f"a slot stands twice in {what}"
            self._out.add(node.mark, "duplicate_key", said, "give the second another name")
        else:
            return text
        return ""

    def _check_slot(self, slot: str, rule: ArgumentRule, mark: Mark) -> None:
        used = {one.operator for one in rule.constraints}
        if not SLOT.fullmatch(f"{{{slot}}}"):
            fix = "use small letters, digits and `_`"
            self._out.add(mark, "bad_name", f"`{slot}` cannot be the name of a slot", fix)
        if rule.optional:
            what = f"slot `{slot}` is optional, and a slot is always filled"
            self._out.add(mark, "pointless", what, "write a second template without it")
        if used & _NOT_IN_SLOTS or used == {Operator.STARTS_WITH}:
            fix = "write `max_length`, `one_of`, a bound, or a word that is parsed"
            self._out.add(mark, "wildcard", f"slot `{slot}` may hold just anything", fix)
        for one in rule.constraints:
            longest = one.bounds[0] if one.operator is Operator.MAX_LENGTH else 0
            if isinstance(longest, int) and longest > SLOT_MAX:
                what = f"slot `{slot}` is longer than {SLOT_MAX} characters"
                self._out.add(mark, "out_of_range", what, f"write {SLOT_MAX} or less")
