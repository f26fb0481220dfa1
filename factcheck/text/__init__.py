"""Pure functions on text. They know nothing of Django or of the database."""

# Migrations import it from here.
from factcheck.text.slugs import new_ref
