"""From an article to draft claims: readers that know no database, their records, and the store."""
