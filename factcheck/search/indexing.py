"""Search documents, which hold the word keys of claims, and the queue of those to update."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from factcheck.db import bulk_sql
from factcheck.db.claim_lock import is_private, lock_claims
from factcheck.models import (
    Citation,
    Claim,
    Outlet,
    OutletAlias,
    SearchDocument,
    SearchPending,
)
from factcheck.models.claims import CLAIM_MASK, ID_BITS
from factcheck.text.search_keys import BARRIER, keys, tokens

# A save updates at most so many documents; the rest stay queued, and search reads them directly.
DRAIN_BATCH = 1000
_DOCUMENTS_PER_CHUNK = 500
_LOCK = 0x66616374  # any number of our own: "fact"
# No claim has more words; PostgreSQL limits what one row's index entry may hold.
_MAX_WORDS = 5_000
# Longer texts are statements, which seldom come again.
_MAX_CACHED_LENGTH = 80


def document_id(claim_id: int, claimed_on: date | None) -> int:
    """Return a document's id, which orders documents by their claims' dates, then ids."""
    return (claimed_on or date.min).toordinal() << ID_BITS | claim_id


def claim_id_of(document_id: int) -> int:
    """Return the id of a document's claim."""
    return document_id & CLAIM_MASK


class Document(NamedTuple):
    """The columns of `models.SearchDocument`."""

    id: int
    claim_id: int
    claim_words: str
    claim_stems: str
    other_words: str
    other_stems: str
    fingerprint: int


class Words(NamedTuple):
    """The word keys of a text."""

    # The full forms of all words in their order, and the stems that differ from them.
    full: str
    stems: str
    # Equal for texts of the same words, in any order and inflexion.
    fingerprint: int


def documents(claim_ids: Iterable[int], *, using: str = DEFAULT_DB_ALIAS) -> list[Document]:
    """Return the documents of the claims that exist among `claim_ids`."""
    ids = list(claim_ids)
    names = _related_names(ids, using)
    claims = (
        Claim.objects.using(using)
        .filter(pk__in=bulk_sql.in_values(ids, using=using))
        .order_by()
        .values_list(
            *("pk", "claimed_on", "text", "native_text"),
            *("claimant__name", "claimant__native_name", "article__title"),
        )
    )
    rows = []
    for pk, day, text, *own_texts, title in claims:
        words = search_words(text)
        own = _columns([words, *map(search_words, filter(None, own_texts))])
        others = _columns_of_names((*names[pk], title) if title else tuple(names[pk]))
        rows.append(Document(document_id(pk, day), pk, *own, *others, words.fingerprint))
    return rows


def drain(*, using: str = DEFAULT_DB_ALIAS, most: int | None = None) -> int:
    """Update the documents of at most `most` queued claims (None: of all); return how many."""
    done = 0
    while most is None or done < most:
        updated = _drain_chunk(using)
        done += updated
        if not updated:
            break
    return done


def rebuild(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[int]:
    """Update every document, yielding how many are done after each chunk."""
    done, last = 0, 0
    while ids := list(
        Claim.objects.using(using)
        .filter(pk__gt=last)
        .order_by("pk")
        .values_list("pk", flat=True)[:_DOCUMENTS_PER_CHUNK]
    ):
        with transaction.atomic(using=using):
            store(documents(ids, using=using), using=using)
        done, last = done + len(ids), ids[-1]
        yield done
    drain(using=using)


def store(rows: Sequence[Document], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Replace the documents of some claims; a claim's new date gives its document a new id.

    Each write locks its claim until the transaction ends. The locks on all claims and on documents
    are taken first, and the rows are written in one order, so that no deadlock is possible.
    """
    lock_claims(using)
    _lock_documents(using, wait=True)
    table = SearchDocument._meta.db_table
    bulk_sql.delete(table, "claim_id", [row.claim_id for row in rows], using=using)
    # PostgreSQL: in the order in which claims are locked. SQLite: in the order of the index, which
    # begins a new segment at every row that comes before the last one.
    column = 1 if connections[using].vendor == "postgresql" else 0
    bulk_sql.insert(table, Document._fields, sorted(rows, key=itemgetter(column)), using=using)


def _drain_chunk(using: str) -> int:
    if not SearchPending.objects.using(using).exists():
        return 0
    with transaction.atomic(using=using):
        lock_claims(using)
        if not _lock_documents(using):
            return 0
        queued = dict(
            SearchPending.objects.using(using)
            .order_by("pk")
            .values_list("pk", "claim_id")[:_DOCUMENTS_PER_CHUNK]
        )
        store(documents(set(queued.values()), using=using), using=using)
        SearchPending.objects.using(using).filter(pk__in=queued).delete()
        return len(queued)


def _lock_documents(using: str, *, wait: bool = False) -> bool:
    """Take the lock on documents, or return False: two writers could overwrite newer words."""
    connection = connections[using]
    if connection.vendor != "postgresql" or is_private(using):
        return True  # SQLite has one writer at a time
    with connection.cursor() as cursor:
        lock = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
        cursor.execute(f"SELECT {lock}(%s)", [_LOCK])
        return wait or cursor.fetchone()[0]


def _related_names(claim_ids: list[int], using: str) -> dict[int, list[str]]:
    """Return the names of the outlets that claims cite, and of their topics."""
    ids = bulk_sql.in_values(claim_ids, using=using)
    cited = Citation.objects.using(using).filter(claim__in=ids).order_by("claim", "pk")
    pairs = list(dict.fromkeys(cited.values_list("claim", "outlet")))
    outlets = {outlet for _claim, outlet in pairs}
    names: dict[int, list[str]] = defaultdict(list)
    rows = Outlet.objects.using(using).filter(pk__in=outlets).order_by()
    for pk, *own in rows.values_list("pk", "name", "native_name", "domain"):
        names[pk] += own
    aliases = OutletAlias.objects.using(using).filter(outlet__in=outlets).order_by("pk")
    for pk, name in aliases.values_list("outlet", "name"):
        names[pk].append(name)
    found: dict[int, list[str]] = defaultdict(list)
    for claim, outlet in pairs:
        found[claim] += names[outlet]
    topics = Claim.topics.through.objects.using(using).filter(claim__in=ids)
    for claim, topic in topics.order_by("claim", "topic").values_list("claim", "topic__name"):
        found[claim].append(topic)
    return found


def _columns(texts: Iterable[Words]) -> tuple[str, str]:
    """Return the two columns of some texts: their full forms, and their stems."""
    # Outlets and their aliases are named much alike.
    parts = list(dict.fromkeys(texts))
    words = f" {BARRIER} ".join(part.full for part in parts if part.full)
    stems = " ".join(dict.fromkeys(" ".join([part.stems for part in parts]).split()))
    return (f" {words} " if words else ""), (f" {stems} " if stems else "")


@lru_cache(5_000)  # many claims cite the same outlets
def _columns_of_names(names: tuple[str, ...]) -> tuple[str, str]:
    return _columns(map(search_words, filter(None, names)))


def search_words(text: str) -> Words:
    """Return the word keys of a text."""
    return _search_words_cached(text) if len(text) <= _MAX_CACHED_LENGTH else _search_words(text)


def _search_words(text: str) -> Words:
    words = list(map(keys, tokens(text)))
    lemmas = {word.stems[0] if word.stems else word.full for word in words}
    digest = hashlib.blake2b(" ".join(sorted(lemmas)).encode(), digest_size=8).digest()
    del words[_MAX_WORDS:]
    stems = dict.fromkeys(chain.from_iterable(word.stems for word in words))
    full = " ".join([word.full for word in words])
    return Words(full, " ".join(stems), int.from_bytes(digest, signed=True))


# Names come again and again.
_search_words_cached = lru_cache(20_000)(_search_words)
