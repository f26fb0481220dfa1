"""Other publishers' fact-checks: reads ClaimReview, web pages and tables, and writes findings."""
