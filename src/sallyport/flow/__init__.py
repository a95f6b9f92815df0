"""The flow performs what the rules ask for. It holds no rules of its own."""
