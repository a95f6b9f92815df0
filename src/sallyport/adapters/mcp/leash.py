"""Runs a command that dies with whoever started it, even by `kill -9`.

A program of its own: `python -I -S leash.py PARENT NAMES COMMAND ARGUMENT...`. It asks the kernel
for a SIGKILL when the parent ends, then becomes the command. Doing this between fork and exec in
the gateway would run Python in a copy of a process with threads, which can hang. The environment
is narrowed to NAMES (separated by commas), since an interpreter's start may add to it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Hold the process on a leash and become the command."""
    parent, names, *command = sys.argv[1:]
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent may have ended before the kernel was asked.
    if os.getppid() != int(parent):
        sys.exit(1)
    environment = {name: os.environ[name] for name in names.split(",") if name in os.environ}
    os.execve(command[0], command, environment)  # noqa: S606 - this is what it is for


if __name__ == "__main__":
    main()
