"""Brings data in: articles, other publishers' fact-checks, and fixtures in bulk."""
