"""Loads fixtures in bulk, as `loaddata` would, many rows at a time."""
