"""The console: where people see what agents may do and did, and answer.

Nothing here decides. A page loads from the flow and shows; an act hands a signed statement to the
flow. Every page is one JSON value with two faces, so that it cannot differ from its `.json` twin.
"""

from sallyport.doors.console.app import console_app

__all__ = ["console_app"]
