"""Data for other programs: ClaimReview, tables, full exports, Google's API, citations of pages."""
