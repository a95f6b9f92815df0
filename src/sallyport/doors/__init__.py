"""The doors: where agents, people and operators come in. Each knows the house, not its rooms."""
