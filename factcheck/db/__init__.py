"""The database beneath the models: bulk SQL, locks, and the SQLite file. No model is known here."""
