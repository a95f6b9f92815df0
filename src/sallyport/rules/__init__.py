"""Rules: values in, values out. No clock, file, socket or randomness; now is a fact."""

VERSION = "2"
"""The version of what the rules mean. It is part of every boundary's digest, so a release that
decides anything differently must raise it, and owners then sign again."""
