"""The database beneath the models: bulk SQL, locks, and the SQLite file. It imports no model."""
