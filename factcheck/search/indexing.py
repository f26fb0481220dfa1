"""The documents that search reads, and the queue of those to renew."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import chain

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from factcheck.models import Claim, SearchDocument, SearchPending
from factcheck.models.turns import take_turn
from factcheck.wordkeys import BARRIER, keys, tokens

# A save renews at most so many documents; the rest wait, and search reads them as they are.
AT_ONCE = 1000
_CHUNK = 500
_LOCK = 0x66616374  # any number of our own: "fact"
# No claim says more; PostgreSQL has a limit to what one row's index may hold.
_MOST_WORDS = 5_000
_ID_BITS = 32


def place(claim_id: int, claimed_on: date | None) -> int:
    """Return a document's id: documents stand in the order of their claims' days, then ids."""
    return (claimed_on or date.min).toordinal() << _ID_BITS | claim_id


def claim_of(place: int) -> int:
    """Return the claim's id of a document's."""
    return place & (1 << _ID_BITS) - 1


def document(
    claim_id: int, claimed_on: date | None, said: Iterable[str], named: Iterable[str]
) -> SearchDocument:
    """Return the unsaved document of what a claim and its claimant say, and of what names it."""
    claim_words, claim_stems = _columns(said)
    other_words, other_stems = _columns(named)
    return SearchDocument(
        id=place(claim_id, claimed_on),
        claim_id=claim_id,
        claim_words=claim_words,
        claim_stems=claim_stems,
        other_words=other_words,
        other_stems=other_stems,
    )


def documents(claim_ids: Collection[int], *, using: str = DEFAULT_DB_ALIAS) -> list[SearchDocument]:
    """Return the unsaved documents of the claims that exist among `claim_ids`."""
    claims = (
        Claim.objects.using(using)
        .filter(pk__in=claim_ids)
        .select_related("claimant", "article")
        .defer("article__text", "article__seen")
        .prefetch_related("citations__outlet__aliases", "topics")
    )
    return [
        document(claim.pk, claim.claimed_on, _said_by(claim), _naming(claim)) for claim in claims
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
            store(documents(ids, using=using), using=using)
        done, last = done + len(ids), ids[-1]
        yield done
    drain(using=using)


def store(found: list[SearchDocument], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Write documents in place of those that their claims had: a new day is a new id.

    Each locks its claim until the end: taking turns, and in one order, so that nobody waits for
    somebody who waits.
    """
    take_turn(using)
    rows = SearchDocument.objects.using(using)
    rows.filter(claim__in=[row.claim_id for row in found]).delete()
    rows.bulk_create(sorted(found, key=lambda row: row.claim_id))


def _drain_chunk(using: str) -> int:
    if not SearchPending.objects.using(using).exists():
        return 0
    with transaction.atomic(using=using):
        if not _alone(using):
            return 0
        queued = dict(
            SearchPending.objects.using(using).order_by("pk").values_list("pk", "claim_id")[:_CHUNK]
        )
        store(documents(set(queued.values()), using=using), using=using)
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


def _said_by(claim: Claim) -> Iterator[str]:
    yield from (claim.text, claim.native_text)
    if claim.claimant:
        yield from (claim.claimant.name, claim.claimant.native_name)


def _naming(claim: Claim) -> Iterator[str]:
    for outlet in {
        citation.outlet_id: citation.outlet for citation in claim.citations.all()
    }.values():
        yield from (outlet.name, outlet.native_name, outlet.domain)
        yield from (alias.name for alias in outlet.aliases.all())
    yield from (topic.name for topic in claim.topics.all())
    if claim.article:
        yield claim.article.title


def _columns(texts: Iterable[str]) -> tuple[str, str]:
    """Return the full forms of all words in their order, and the stems that differ from them."""
    parts = [_part(text) for text in dict.fromkeys(texts) if text]
    words = f" {BARRIER} ".join(words for words, _stems in parts if words)
    stems = " ".join(dict.fromkeys(chain.from_iterable(stems for _words, stems in parts)))
    return (f" {words} " if words else ""), (f" {stems} " if stems else "")


# Outlets' names come again with every claim that cites them.
@lru_cache(20_000)
def _part(text: str) -> tuple[str, tuple[str, ...]]:
    found = [keys(word) for word in tokens(text)[:_MOST_WORDS]]
    stems = dict.fromkeys(chain.from_iterable(key.stems for key in found))
    return " ".join(key.full for key in found), tuple(stems)
