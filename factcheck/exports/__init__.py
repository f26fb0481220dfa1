"""What leaves as data: ClaimReview, feeds of it, tables, the answers of Google's API, citations."""
