"""The command line: thin clients of the gateway's local socket, and what starts and connects it."""

from sallyport.doors.cli.app import main

__all__ = ["main"]
