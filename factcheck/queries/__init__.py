"""The read side: what pages, exports and the API ask of the database."""
