"""Pages, looked at by a real browser."""
