"""What search reads: a folded document for each claim, and the queue of documents to renew."""

from django.db import models


class SearchDocument(models.Model):
    """The folded words of one claim. `factcheck.search` fills it; nobody edits it."""

    claim = models.OneToOneField(
        "factcheck.Claim", models.CASCADE, primary_key=True, related_name="search_document"
    )
    # The claim and its claimant; a hit here weighs more ...
    claim_words = models.TextField(default="")
    # ... than one among the outlets cited.
    outlet_words = models.TextField(default="")

    def __str__(self) -> str:
        return self.claim_words


class SearchPending(models.Model):
    """A claim whose document may be stale. Triggers append; draining deletes what it read.

    No row is unique to a claim: a writer who commits later must leave a row of its own, or a
    drain that read the older text would take the newer mark away with it.
    """

    claim_id = models.BigIntegerField()

    class Meta:
        db_table = "factcheck_search_pending"

    def __str__(self) -> str:
        return str(self.claim_id)
