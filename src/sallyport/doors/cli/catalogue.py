"""An older catalogue of roles, as `sallyport admin roles --json` wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sallyport.errors import BadInputError
from sallyport.model import Json
from sallyport.rules.strict_json import loads

BYTES_MAX = 1024 * 1024


def read(path: Path) -> Mapping[str, list[str]]:
    """Return the rights of each role in a file.

    Raises:
        BadInputError: It cannot be read, or is no such file.
    """
    try:
        found = loads(path.read_bytes(), bytes_max=BYTES_MAX, depth_max=8)
    except (OSError, BadInputError) as error:
        raise BadInputError(
            f"`{path}` cannot be read", fix="name what `sallyport admin roles --json` wrote"
        ) from error
    roles = found.get("roles") if isinstance(found, dict) else None
    if not isinstance(roles, dict) or not all(_are_texts(one) for one in roles.values()):
        raise BadInputError(
            f"`{path}` holds no roles", fix="name what `sallyport admin roles --json` wrote"
        )
    return {role: [str(one) for one in _items(rights)] for role, rights in roles.items()}


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
