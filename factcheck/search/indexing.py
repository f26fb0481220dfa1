"""The documents that search reads, and the queue of those to renew."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from factcheck import sql
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
from factcheck.wordkeys import BARRIER, keys, tokens

# A save renews at most so many documents; the rest wait, and search reads them as they are.
AT_ONCE = 1000
_CHUNK = 500
_LOCK = 0x66616374  # any number of our own: "fact"
# No claim says more; PostgreSQL has a limit to what one row's index may hold.
_MOST_WORDS = 5_000
# Longer texts are statements, which do not come again.
_MOST_REMEMBERED = 80


def place(claim_id: int, claimed_on: date | None) -> int:
    """Return a document's id: documents stand in the order of their claims' days, then ids."""
    return (claimed_on or date.min).toordinal() << ID_BITS | claim_id


def claim_of(place: int) -> int:
    """Return the claim's id of a document's."""
    return place & CLAIM_MASK


class Document(NamedTuple):
    """A row of `models.SearchDocument`, as it is written."""

    id: int
    claim_id: int
    claim_words: str
    claim_stems: str
    other_words: str
    other_stems: str
    fingerprint: int


class Words(NamedTuple):
    """What a text is found by."""

    # The full forms of all words in their order, and the stems that differ from them.
    full: str
    stems: str
    # A number that texts of the same words share, in any order and inflexion.
    fingerprint: int


def documents(
    claim_ids: Iterable[int],
    *,
    known: Mapping[str, Words] | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> list[Document]:
    """Return the documents of the claims that exist among `claim_ids`.

    `known` are the words of texts that were read before.
    """
    ids, read = list(claim_ids), known or {}
    named = _naming(ids, using)
    claims = (
        Claim.objects.using(using)
        .filter(pk__in=sql.within(ids, using=using))
        .order_by()
        .values_list(
            *("pk", "claimed_on", "text", "native_text"),
            *("claimant__name", "claimant__native_name", "article__title"),
        )
    )
    found = []
    for pk, day, text, *said, title in claims:
        stated = read.get(text) or words_of(text)
        own = _columns([stated, *map(words_of, filter(None, said))])
        others = _columns_of_names((*named[pk], title) if title else tuple(named[pk]))
        found.append(Document(place(pk, day), pk, *own, *others, stated.fingerprint))
    return found


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


def store(found: Sequence[Document], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Write documents in place of those that their claims had: a new day is a new id.

    Each locks its claim until the end: taking turns, and in one order, so that nobody waits for
    somebody who waits. No drain writes meanwhile.
    """
    lock_claims(using)
    _alone(using, wait=True)
    table = SearchDocument._meta.db_table
    sql.delete(table, "claim_id", [row.claim_id for row in found], using=using)
    # On PostgreSQL in the order in which claims are locked; on SQLite in that of the index, which
    # would otherwise begin a new segment at every row that stands before the last.
    place = 1 if connections[using].vendor == "postgresql" else 0
    rows = sorted(found, key=itemgetter(place))
    sql.insert(table, Document._fields, rows, using=using)


def _drain_chunk(using: str) -> int:
    if not SearchPending.objects.using(using).exists():
        return 0
    with transaction.atomic(using=using):
        lock_claims(using)
        if not _alone(using):
            return 0
        queued = dict(
            SearchPending.objects.using(using).order_by("pk").values_list("pk", "claim_id")[:_CHUNK]
        )
        store(documents(set(queued.values()), using=using), using=using)
        SearchPending.objects.using(using).filter(pk__in=queued).delete()
        return len(queued)


def _alone(using: str, *, wait: bool = False) -> bool:
    """Return whether nobody else renews documents. Two could overwrite each other's newer words."""
    connection = connections[using]
    if connection.vendor != "postgresql" or is_private(using):
        return True  # SQLite has one writer at a time
    with connection.cursor() as cursor:
        lock = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
        cursor.execute(f"SELECT {lock}(%s)", [_LOCK])
        return wait or cursor.fetchone()[0]


def _naming(claim_ids: list[int], using: str) -> dict[int, list[str]]:
    """Return the names of the outlets that claims cite, and of their topics."""
    those = sql.within(claim_ids, using=using)
    cited = Citation.objects.using(using).filter(claim__in=those).order_by("claim", "pk")
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
    topics = Claim.topics.through.objects.using(using).filter(claim__in=those)
    for claim, topic in topics.order_by("claim", "topic").values_list("claim", "topic__name"):
        found[claim].append(topic)
    return found


def _columns(texts: Iterable[Words]) -> tuple[str, str]:
    """Return the full forms of some texts, and their stems."""
    # Outlets and their aliases are named much alike.
    parts = list(dict.fromkeys(texts))
    words = f" {BARRIER} ".join(part.full for part in parts if part.full)
    stems = " ".join(dict.fromkeys(" ".join([part.stems for part in parts]).split()))
    return (f" {words} " if words else ""), (f" {stems} " if stems else "")


@lru_cache(5_000)  # many claims cite the same outlets
def _columns_of_names(names: tuple[str, ...]) -> tuple[str, str]:
    return _columns(map(words_of, filter(None, names)))


def words_of(text: str) -> Words:
    """Return what a text is found by."""
    return _words_of_name(text) if len(text) <= _MOST_REMEMBERED else _words_of(text)


def _words_of(text: str) -> Words:
    every = list(map(keys, tokens(text)))
    same = {key.stems[0] if key.stems else key.full for key in every}
    digest = hashlib.blake2b(" ".join(sorted(same)).encode(), digest_size=8).digest()
    found = every[:_MOST_WORDS]
    stems = dict.fromkeys(chain.from_iterable(key.stems for key in found))
    full = " ".join([key.full for key in found])
    return Words(full, " ".join(stems), int.from_bytes(digest, signed=True))


# Names come again and again.
_words_of_name = lru_cache(20_000)(_words_of)
