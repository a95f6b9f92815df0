"""How a database of an older Sallyport becomes one of this. Alembic reads these files."""
