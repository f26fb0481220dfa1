"""Commands: they parse arguments and print; the work is done elsewhere."""
