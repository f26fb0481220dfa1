"""Internal tables: search documents and their queue, the change log, caches and progress."""

from django.db import models

from factcheck.text.slugs import new_ref


class SearchDocument(models.Model):
    """The word keys of one claim (`factcheck.text.search_keys`). `factcheck.search` fills it.

    Its id is the claim's day and id (`search.document_id`): documents stand in the order of the
    list. The columns hold keys with a space before and after each.
    """

    id = models.BigIntegerField(primary_key=True)
    claim = models.OneToOneField("factcheck.Claim", models.CASCADE, related_name="search_document")
    # The full forms of the claim's and its claimant's words, in their order, then the stems; a
    # hit here weighs more ...
    claim_words = models.TextField(default="")
    claim_stems = models.TextField(default="")
    # ... than one among the outlets cited, the topics and the article's title.
    other_words = models.TextField(default="")
    other_stems = models.TextField(default="")
    # Of the words of its statement, whatever their order and endings: what two claims that say
    # the same share.
    fingerprint = models.BigIntegerField(default=0, db_index=True)

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


class Change(models.Model):
    """Something that readers see has changed: claims by their ids, or (none) any other row.

    Triggers append, `factcheck.data_version` reads: how far the log has come is the data's version.
    """

    first_id = models.BigIntegerField(null=True)
    last_id = models.BigIntegerField(null=True)
    # How many changes this row stands for: more than one where old ones were pruned.
    weight = models.BigIntegerField(default=1, db_default=1)

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"


class Epoch(models.Model):
    """A random name of the database, renewed when it is filled again (`factcheck.data_version`)."""

    name = models.CharField(max_length=60, default=new_ref)

    def __str__(self) -> str:
        return self.name


class FacetIndex(models.Model):
    """A part of the saved index of facets, for one state of the data (`facets.persistence`)."""

    # Of the code that made it, and of the server whose transactions the snapshot names.
    form = models.CharField(max_length=64)
    server = models.CharField(max_length=60, blank=True)
    # The state, as a `change_log.DataVersion`.
    epoch = models.CharField(max_length=60)
    number = models.BigIntegerField()
    snapshot = models.TextField(blank=True)
    part = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.epoch}.{self.number}"


class ImportProgress(models.Model):
    """The progress of loading a fixture, from which an interrupted load continues."""

    # Of the file's name, size and beginning.
    digest = models.CharField(max_length=64, unique=True)
    objects_done = models.BigIntegerField(default=0)
    # References to rows that come later in the file.
    later = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.digest}: {self.objects_done}"
