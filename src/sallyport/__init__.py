"""Sallyport: a gateway with two gates between AI agents and business systems.

The first gate checks every call against authority declared beforehand; the second is a person.
Read `sallyport.model` first, then `sallyport.rules.steps`.
"""

__version__ = "0.1.0"
