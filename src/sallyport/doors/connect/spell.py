"""Start a server whose command line needs a credential: `python -m ...spell NAME.. -- COMMAND..`.

Such a server is declared with `secret:NAME` in its words and the credential in its environment,
where Sallyport fills it in at the last moment. This puts it into the words, takes it out of the
environment, and becomes the server.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence


def spelled(
    words: Sequence[str], environment: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Return the command with its credentials, and the environment without them.

    Args:
        words: Names of variables, `--`, and the command.
        environment: What this process was given.
    """
    split = words.index("--")
    names, command = sorted(words[:split], key=len, reverse=True), words[split + 1 :]
    marks = re.compile("|".join(re.escape(f"secret:{name}") for name in names))

    def filled(mark: re.Match[str]) -> str:
        return environment.get(mark[0].removeprefix("secret:"), "")

    kept = {key: value for key, value in environment.items() if key not in names}
    return [marks.sub(filled, word) for word in command], kept


def main() -> None:
    """Become the server."""
    command, environment = spelled(sys.argv[1:], os.environ)
    os.execve(command[0], command, environment)  # noqa: S606 - a list of words, no shell


if __name__ == "__main__":
    main()
