"""The documents that search reads, and the queue of those to renew."""

from collections.abc import Collection, Iterator

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from factcheck.models import Claim, SearchDocument, SearchPending
from factcheck.text import fold

# A save renews at most so many documents; the rest wait, and search reads them as they are.
AT_ONCE = 1000
_CHUNK = 500
_LOCK = 0x66616374  # any number of our own: "fact"


def documents(claim_ids: Collection[int], *, using: str = DEFAULT_DB_ALIAS) -> list[SearchDocument]:
    """Return the unsaved documents of the claims that exist among `claim_ids`."""
    claims = (
        Claim.objects.using(using)
        .filter(pk__in=claim_ids)
        .select_related("claimant")
        .prefetch_related("citations__outlet__aliases")
    )
    return [
        SearchDocument(
            claim_id=claim.pk,
            claim_words=_join(_words_of_claim(claim)),
            outlet_words=_join(_words_of_outlets(claim)),
        )
        for claim in claims
    ]


def drain(*, using: str = DEFAULT_DB_ALIAS, most: int | None = None) -> int:
    """Renew the documents of at most `most` queued claims (None: of all); return how many."""
    done = 0
    while most is None or done < most:
        renewed = _drain_chunk(using)
        done += renewed
        if not renewed:
            break
    return done


def rebuild(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[int]:
    """Renew every document, yielding how many are done after each chunk."""
    done, last = 0, 0
    while ids := list(
        Claim.objects.using(using)
        .filter(pk__gt=last)
        .order_by("pk")
        .values_list("pk", flat=True)[:_CHUNK]
    ):
        with transaction.atomic(using=using):
            _store(documents(ids, using=using), using)
        done, last = done + len(ids), ids[-1]
        yield done
    drain(using=using)


def _drain_chunk(using: str) -> int:
    if not SearchPending.objects.using(using).exists():
        return 0
    with transaction.atomic(using=using):
        if not _alone(using):
            return 0
        queued = dict(
            SearchPending.objects.using(using).order_by("pk").values_list("pk", "claim_id")[:_CHUNK]
        )
        _store(documents(set(queued.values()), using=using), using)
        SearchPending.objects.using(using).filter(pk__in=queued).delete()
        return len(queued)


def _alone(using: str) -> bool:
    """Return whether this is the only drain. Two could overwrite each other's newer words."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return True  # SQLite has one writer at a time
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return cursor.fetchone()[0]


def _store(found: list[SearchDocument], using: str) -> None:
    SearchDocument.objects.using(using).bulk_create(
        found,
        update_conflicts=True,
        unique_fields=["claim"],
        update_fields=["claim_words", "outlet_words"],
    )


def _words_of_claim(claim: Claim) -> Iterator[str]:
    yield from (claim.text, claim.native_text)
    if claim.claimant:
        yield from (claim.claimant.name, claim.claimant.native_name)


def _words_of_outlets(claim: Claim) -> Iterator[str]:
    for outlet in {citation.outlet for citation in claim.citations.all()}:
        yield from (outlet.name, outlet.native_name, outlet.domain)
        yield from (alias.name for alias in outlet.aliases.all())


def _join(parts: Iterator[str]) -> str:
    return "\n".join(dict.fromkeys(fold(part) for part in parts if part))
