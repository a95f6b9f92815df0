"""What a request may hold: named fields, each with a JSON Schema, and nothing else.

Rules:
  1. A field that is unknown, missing or of another shape is an error that names it, and repeats
     nothing of its value.
  2. The schema that is checked is the one that the OpenAPI document shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

import jsonschema_rs

from sallyport.errors import BadInputError, InvariantError
from sallyport.model import Json, JsonObject
from sallyport.rules import canonical
from sallyport.rules.statements import Signed

TEXT_CHARS_MAX = 100_000
TIME_US_MAX = 2**62
DIGITS_MAX = 19


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its schema, what it is, and whether it may be left out."""

    schema: JsonObject
    says: str
    optional: bool = False

    def as_json(self) -> JsonObject:
        """Return the schema with its meaning, as the OpenAPI document shows it."""
        return {**self.schema, "description": self.says}


Fields: TypeAlias = Mapping[str, Field]


def text(says: str, *, optional: bool = False, chars_max: int = 1000) -> Field:
    """Return a field of at least one character."""
    return Field({"type": "string", "minLength": 1, "maxLength": chars_max}, says, optional)


def words(says: str, *, optional: bool = False, chars_max: int = TEXT_CHARS_MAX) -> Field:
    """Return a field of text that may be empty."""
    return Field({"type": "string", "maxLength": chars_max}, says, optional)


def one_of(values: Sequence[str], says: str, *, optional: bool = False) -> Field:
    """Return a field that takes one of a few words."""
    return Field({"type": "string", "enum": list[Json](values)}, says, optional)


def whole(says: str, *, at_most: int = TIME_US_MAX, optional: bool = False) -> Field:
    """Return a field of an integer from 0."""
    return Field({"type": "integer", "minimum": 0, "maximum": at_most}, says, optional)


def flag(says: str, *, optional: bool = False) -> Field:
    """Return a field that is true or false."""
    return Field({"type": "boolean"}, says, optional)


def table(says: str, *, optional: bool = False) -> Field:
    """Return a field that is an object of anything."""
    return Field({"type": "object"}, says, optional)


def texts_by_name(says: str) -> Field:
    """Return a field that is an object of texts."""
    return Field({"type": "object", "additionalProperties": {"type": "string"}}, says)


def texts(says: str, *, optional: bool = False) -> Field:
    """Return a field that is a list of texts."""
    return Field({"type": "array", "items": {"type": "string", "minLength": 1}}, says, optional)


def signed(verb: str, *, optional: bool = False) -> Field:
    """Return a field that is a person's signature over `statement(verb, details)`."""
    schema: JsonObject = {
        "type": "object",
        "properties": {
            "person": {"type": "string", "minLength": 1},
            "at_us": {"type": "integer", "minimum": 0},
            "signature": {"type": "string", "minLength": 1},
        },
        "required": ["person", "at_us", "signature"],
        "additionalProperties": False,
    }
    return Field(schema, f"who signs `{verb}`, when, and the hex signature", optional)


class Given:
    """The fields that a request gave, checked; those left out read as empty."""

    def __init__(self, values: JsonObject) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """Return a text; empty where it was left out."""
        value = self._values.get(name, "")
        if not isinstance(value, str):
            raise _unchecked(name)
        return value

    def whole(self, name: str, default: int = 0) -> int:
        """Return an integer.

        Raises:
            BadInputError: It is spelled as a decimal; JSON Schema takes `1.0` for an integer.
        """
        value = self._values.get(name, default)
        if isinstance(value, Decimal):
            raise BadInputError(f"`{name}` is spelled as a decimal", fix="write it in digits alone")
        if not isinstance(value, int):
            raise _unchecked(name)
        return value

    def flag(self, name: str) -> bool:
        """Return a truth value; False where it was left out."""
        return self._values.get(name) is True

    def table(self, name: str) -> JsonObject:
        """Return an object; empty where it was left out."""
        value = self._values.get(name, {})
        if not isinstance(value, dict):
            raise _unchecked(name)
        return value

    def texts_by_name(self, name: str) -> dict[str, str]:
        """Return an object of texts."""
        return {key: value for key, value in self.table(name).items() if isinstance(value, str)}

    def texts(self, name: str) -> list[str]:
        """Return a list of texts."""
        value = self._values.get(name, [])
        if not isinstance(value, list):
            raise _unchecked(name)
        return [item for item in value if isinstance(item, str)]

    def signed(self, name: str = "signed") -> Signed:
        """Return a signature."""
        inner = Given(self.table(name))
        return Signed(
            person=inner.text("person"),
            at_us=inner.whole("at_us"),
            signature=inner.text("signature"),
        )


def check(fields: Fields, values: JsonObject, place: str) -> Given:
    """Return the given values once all of them fit.

    Args:
        fields: What may be given.
        values: What was given.
        place: Where, for messages: `the body` or `the query`.

    Raises:
        BadInputError: A field is unknown, missing or of another shape.
    """
    for name in values:
        if name not in fields:
            known = ", ".join(f"`{field}`" for field in fields) or "nothing"
            raise BadInputError(f"`{name[:60]}` is not a field of {place}", fix=f"give {known}")
    for name, field in fields.items():
        if name in values:
            _check_field(name, field, values[name], place)
        elif not field.optional:
            raise BadInputError(
                f"field `{name}` of {place} is missing", fix=f"give `{name}`: {field.says}"
            )
    return Given(values)


def from_query(fields: Fields, pairs: Sequence[tuple[str, str]]) -> JsonObject:
    """Return query parameters as the values they spell.

    Raises:
        BadInputError: One is given twice.
    """
    values: JsonObject = {}
    for name, spelled in pairs:
        if name in values:
            raise BadInputError(f"`{name[:60]}` stands twice in the query", fix="give it once")
        values[name] = _spelled(fields.get(name), spelled)
    return values


def object_schema(fields: Fields) -> JsonObject:
    """Return the JSON Schema of an object with these fields and no others."""
    return {
        "type": "object",
        "properties": {name: field.as_json() for name, field in fields.items()},
        "required": [name for name, field in fields.items() if not field.optional],
        "additionalProperties": False,
    }


def _spelled(field: Field | None, spelled: str) -> Json:
    kind = field.schema.get("type") if field else "string"
    if kind == "integer" and spelled.isascii() and spelled.isdigit() and len(spelled) <= DIGITS_MAX:
        return int(spelled)
    if kind == "boolean" and spelled in {"0", "1"}:
        return spelled == "1"
    return spelled


def _check_field(name: str, field: Field, value: Json, place: str) -> None:
    if not _validator(canonical.text(field.schema)).is_valid(value):
        raise BadInputError(
            f"field `{name}` of {place} is not what it must be",
            fix=f"give `{name}` as {_described(field.schema)}: {field.says}",
        )


def _described(schema: JsonObject) -> str:
    if "enum" in schema:
        return f"one of {canonical.text(schema['enum'])}"
    kind = str(schema.get("type", "JSON"))
    bounds = [f"{name} {schema[name]}" for name in _BOUNDS if name in schema]
    return f"{kind} ({', '.join(bounds)})" if bounds else kind


_BOUNDS = ("minLength", "maxLength", "minimum", "maximum")


@lru_cache(maxsize=512)
def _validator(schema: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema)


def _unchecked(name: str) -> InvariantError:
    return InvariantError(f"field `{name}` was read before it was checked")
