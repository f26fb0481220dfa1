"""Pure functions on text. They know nothing of Django or of the database."""

# Migrations name it by this path.
from factcheck.text.slugs import new_ref
