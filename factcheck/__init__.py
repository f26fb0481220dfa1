"""A source-tracking fact-check database.

A claim is a statement that can be checked. Citations say which outlet reported it, and when;
outlets with one owner are a family, and only families count as independent sources. What was
found is an append-only log of verifications, and the claim's status is read from that log.
"""
