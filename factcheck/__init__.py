"""A source-tracking fact-check database.

A claim is a statement that can be checked. Citations say which outlet reported it, and when.
Outlets with the same owner count as one independent source. Fact-checks are entries of an
append-only log, from which the claim's status is computed. docs/glossary.md explains the words.
"""
