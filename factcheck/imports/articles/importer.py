"""From a read article to rows: the article, draft claims, and their citations.

What is there already stays as it is, so that an article can be imported again after a
correction: its new sentences and citations are added, the others' offsets are renewed.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from factcheck import search
from factcheck.db.claim_lock import take_turn
from factcheck.imports import batches
from factcheck.imports.articles.matching import claims_of, find_article
from factcheck.imports.articles.records import CitationRecord, ReadArticle, Statement
from factcheck.imports.articles.sentence_keys import (
    citation_keys,
    keys_of,
    sentence_keys,
    statement_key,
)
from factcheck.imports.outlet_matching import KnownNames, identity, new_outlet
from factcheck.imports.printed_dates import without_year
from factcheck.models import Article, Citation, Claim, ImportBatch, Outlet, OutletAlias
from factcheck.text.dates import known_day
from factcheck.text.name_keys import name_key

# What a small integer holds.
_MOST = 32_767
_REASON = "imported from the article"
_CHANGED = "imported from the article, with a day that the editor corrected"


@dataclass(slots=True)
class Imported:
    """What an import did. Counts are by `articles`, `claims`, `citations`, `outlets`."""

    article: Article
    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    new_outlets: list[Outlet] = field(default_factory=list)
    # Citations whose outlet was lost in print: no row can hold them.
    without_outlet: list[CitationRecord] = field(default_factory=list)
    # Published claims that an editor without the right to change them would have changed.
    left: list[Claim] = field(default_factory=list)
    # Published claims that now cite more.
    public: list[Claim] = field(default_factory=list)
    # What is no longer in the article: claims by their sentence, citations as they were printed.
    gone: list[Claim] = field(default_factory=list)
    gone_citations: list[Citation] = field(default_factory=list)
    # What this import has brought in; None if that is nothing.
    batch: ImportBatch | None = None


@transaction.atomic
def store(
    read: ReadArticle,
    *,
    names: KnownNames,
    publisher: Outlet | None = None,
    mapped: Mapping[str, Outlet] | None = None,
    by: User | None = None,
    left_out: Collection[str] = (),
    wanted: Collection[str] = (),
) -> Imported:
    """Write a read article, all or nothing.

    `mapped` gives an outlet, or a new unsaved one, for printed names; they become its aliases.
    `by` is the editor (none: the operator, who may change published claims). What was read
    before is not added again, for an editor may have changed it or taken it away: the article
    remembers the keys of what was read and could be written. `left_out` are keys of what an
    editor does not want, `wanted` of what is asked for again.
    """
    # One at a time, each with the names of now: two imports of one article would not see each
    # other's claims and new outlets.
    take_turn(alone=True)
    names.reload()
    return _Store(read, names, publisher, by).run(mapped or {}, set(left_out), set(wanted))


class _Store:
    def __init__(
        self, read: ReadArticle, names: KnownNames, publisher: Outlet | None, by: User | None
    ) -> None:
        self.read, self.names, self.publisher, self.by = read, names, publisher, by
        self.mapped: dict[str, Outlet] = {}
        self.new_citations: list[Citation] = []
        self.added: set[int] = set()
        self.refused: set[str] = set()  # keys of what could not be written

    def run(self, mapped: Mapping[str, Outlet], left_out: set[str], wanted: set[str]) -> Imported:
        if self.read.paragraphs > _MOST:
            raise ValidationError(_("The article has more than 32,767 paragraphs: split it."))
        self.names.prepare(self.read.outlets)
        article = find_article(self.read, publisher=self.publisher)
        self.done = Imported(article or Article())
        self.old = set(self.done.article.seen) - wanted
        self.left_out = left_out
        for printed, outlet in mapped.items():
            self._map(printed, outlet)
        self._keep_article(self.done.article)
        claims, gone = claims_of(self.done.article, self.read.statements)
        sentences = sentence_keys(self.read.statements)
        left = self.old | left_out
        new: list[tuple[Claim, Statement, str]] = []
        for statement, claim, sentence in zip(self.read.statements, claims, sentences, strict=True):
            if claim:
                self._renew(claim, statement, sentence)
            elif statement_key(sentence) not in left:
                new.append((self._claim(statement), statement, sentence))
        self._create([claim for claim, _statement, _sentence in new])
        self.added = {claim.pk for claim, _statement, _sentence in new}
        for claim, statement, sentence in new:
            self._cite_all(claim, statement, sentence, [])
        self._create(self.new_citations)
        # Rows in bulk send no signal.
        transaction.on_commit(partial(search.drain, most=search.AT_ONCE), robust=True)
        for claim in gone:
            self._mark_gone(claim)
        self._remember(self.done.article)
        self._note_batch(is_new=article is None)
        return self.done

    def _note_batch(self, *, is_new: bool) -> None:
        done, cited = self.done, {row.claim_id for row in self.new_citations}
        done.batch = batches.note_article(
            done.article,
            is_new=is_new,
            added=self.added,
            added_to=cited - self.added,
            outlets=done.new_outlets,
            by=self.by,
            unchanged=done.unchanged["claims"],
            rejected=len(done.without_outlet),
        )

    def _remember(self, article: Article) -> None:
        seen = sorted({*article.seen, *keys_of(self.read)} - (self.refused - self.old))
        if seen != article.seen:
            Article.objects.filter(pk=article.pk).update(seen=seen)
            article.seen = seen

    def _keep_article(self, article: Article) -> None:
        read, is_new = self.read, article.pk is None
        before = [getattr(article, name) for name in _ARTICLE_FIELDS]
        if is_new or self._may_change_article(article):
            article.title = article.title or read.title[:300]
            article.author = article.author or read.author[:200]
            article.publisher = article.publisher or self.publisher
            article.url = article.url or (read.url if _is_link(read.url) else "")
            if len(read.published) > len(article.published_text):
                article.published_text = read.published
        article.text = read.text
        if is_new:
            article.language = read.language
        if before != [getattr(article, name) for name in _ARTICLE_FIELDS]:
            article.full_clean()
            self._save(article)
            (self.done.created if is_new else self.done.updated)["articles"] += 1
        else:
            self.done.unchanged["articles"] += 1

    def _claim(self, statement: Statement) -> Claim:
        return Claim(
            text=statement.plain,
            language=self.read.language,
            source_text=statement.text,
            start=statement.start,
            end=statement.end,
            paragraph=statement.paragraph,
            article=self.done.article,
            created_by=self.by,
        )

    def _create(self, rows: Sequence[Claim] | Sequence[Citation]) -> None:
        """Write new rows and the beginning of their history, many at a time."""
        if rows and isinstance(rows[0], Claim):
            Claim.objects.assign_slugs(rows)
            self.done.created["claims"] += len(rows)
        bulk_create_with_history(
            list(rows),
            Claim if rows and isinstance(rows[0], Claim) else Citation,
            batch_size=500,
            default_user=self.by,
            default_change_reason=_REASON,
        )

    def _renew(self, claim: Claim, statement: Statement, sentence: str) -> None:
        """Keep a claim's place in the article, and add what it newly rests on."""
        place = {
            "start": statement.start,
            "end": statement.end,
            "paragraph": statement.paragraph,
        }
        self._move(claim, place)
        self._cite_all(claim, statement, sentence, list(claim.citations.all()))

    def _cite_all(
        self, claim: Claim, statement: Statement, sentence: str, there: list[Citation]
    ) -> None:
        """Give a claim the citations of its groups that it has not; `there` are those it has."""
        taken = {(row.outlet_id, row.date_text, row.url) for row in there}
        for index in statement.groups:
            citations = self.read.groups[index].citations
            keys = citation_keys(sentence, citations)
            for citation, key in zip(citations, keys, strict=True):
                is_new = claim.pk in self.added or key not in self.old
                if not self._is_there(citation, there, is_new=is_new) and key not in self.left_out:
                    self._cite(claim, citation, key, taken)
        for row in there:  # what no citation was found for
            if row.start is not None:
                self.done.gone_citations.append(row)
                Citation.objects.filter(pk=row.pk).update(start=None, end=None)

    def _is_there(self, record: CitationRecord, there: list[Citation], *, is_new: bool) -> bool:
        """Find the row of a citation, take it from `there` and renew it.

        One that was read before is there even if an editor changed its row or took it away.
        """
        outlet = self._known(record.outlet) if record.outlet else None
        url, _note = _link_and_note(record)
        date_text = record.date or ""
        raw = _printed(record)

        def is_same(row: Citation) -> bool:
            what = (row.outlet_id, row.date_text, row.url)
            return outlet is not None and what == (outlet.pk, date_text, url)

        row = next(filter(is_same, there), None)
        if row is None and not is_new:
            row = next((row for row in there if _is_one_day(row, outlet, date_text)), None)
            row = row or next((row for row in there if row.as_cited == raw), None)
        if row is None:
            return not is_new
        there.remove(row)
        if self._correct(row, record, outlet):
            row.start, row.end = record.start, record.end
            self._save(row)
            self.done.updated["citations"] += 1
        else:
            self._move(row, {"start": record.start, "end": record.end})
        return True

    def _correct(self, row: Citation, record: CitationRecord, outlet: Outlet | None) -> bool:
        """Take over what was corrected in print, unless an editor has changed the row."""
        url, _note = _link_and_note(record)
        date_text, url = record.date or "", url or row.url
        new = {"date_text": date_text, "date_end": _day_end(record), "url": url}
        is_year = row.date_text.startswith("--") and date_text.endswith(row.date_text[1:])
        if all(getattr(row, name) == value for name, value in new.items()):
            return False
        edits = row.history.exclude(history_change_reason=_REASON)
        is_ours = outlet is not None and row.outlet_id == outlet.pk and not edits.exists()
        twins = Citation.objects.filter(
            claim=row.claim_id, outlet=row.outlet_id, date_text=date_text, url=url
        ).exclude(pk=row.pk)
        if not (is_year or is_ours) or not self._may_change(row.claim) or twins.exists():
            return False
        for name, value in new.items():
            setattr(row, name, value)
        return True

    def _cite(
        self, claim: Claim, record: CitationRecord, key: str, taken: set[tuple[Any, ...]]
    ) -> None:
        if record.outlet is None:
            self.done.without_outlet.append(record)
        if record.outlet is None or not self._may_change(claim):
            self.refused.add(key)
            return
        outlet = self._known(record.outlet) or self._make(new_outlet(record.outlet), record.outlet)
        date_text, url, note = record.date or "", *_link_and_note(record)
        if (outlet.pk, date_text, url) in taken:
            return  # the group names it twice
        taken.add((outlet.pk, date_text, url))
        citation = Citation(
            claim=claim,
            outlet=outlet,
            as_cited=_printed(record),
            date_text=date_text,
            date_end=_day_end(record),
            url=url,
            note=note,
            position=min(len(taken) - 1, _MOST),
            start=record.start,
            end=record.end,
        )
        if without_year(date_text) not in record.printed:
            citation._change_reason = _CHANGED  # type: ignore[attr-defined]
        citation.clean()
        self.new_citations.append(citation)
        self.done.created["citations"] += 1
        if claim.is_public and claim not in self.done.public:
            self.done.public.append(claim)

    def _known(self, printed: str) -> Outlet | None:
        return self.mapped.get(identity(printed)) or self.names.find(printed)

    def _make(self, outlet: Outlet, printed: str) -> Outlet:
        if outlet.domain and Outlet.objects.filter(domain=outlet.domain).exists():
            outlet.domain = ""
        self._save(outlet)
        self.names.add(outlet, printed)
        self.done.created["outlets"] += 1
        self.done.new_outlets.append(outlet)
        return outlet

    def _map(self, printed: str, outlet: Outlet) -> None:
        if outlet.pk is None:
            outlet = self.names.find(outlet.name) or self._make(outlet, outlet.name)
        self.mapped[identity(printed)] = outlet
        if name_key(printed) and printed not in self.names:
            OutletAlias.objects.create(outlet=outlet, name=printed[:200])
            self.names.add(outlet, printed)

    def _may_change(self, claim: Claim) -> bool:
        if not claim.is_public or self.by is None or self.by.has_perm("factcheck.publish_claim"):
            return True
        if claim not in self.done.left:
            self.done.left.append(claim)
        return False

    def _may_change_article(self, article: Article) -> bool:
        """Return whether the editor may fill in what readers see of an article."""
        is_reviewer = self.by is None or self.by.has_perm("factcheck.publish_claim")
        return is_reviewer or not article.claims.public().exists()

    def _move(self, row: Claim | Citation, place: Mapping[str, int]) -> None:
        """Renew where a row stands in the text: not a change that its history should tell."""
        kind = "claims" if isinstance(row, Claim) else "citations"
        if all(getattr(row, name) == value for name, value in place.items()):
            self.done.unchanged[kind] += 1
        else:
            type(row).objects.filter(pk=row.pk).update(**place)
            self.done.updated[kind] += 1

    def _mark_gone(self, claim: Claim) -> None:
        if claim.start is None:
            return
        self.done.gone.append(claim)
        Claim.objects.filter(pk=claim.pk).update(start=None, end=None)
        Citation.objects.filter(claim=claim).update(start=None, end=None)

    def _save(self, row: Model) -> None:
        row._change_reason = _REASON  # type: ignore[attr-defined]
        row._history_user = self.by  # type: ignore[attr-defined]
        row.save()


_ARTICLE_FIELDS = (
    "title",
    "author",
    "publisher",
    "url",
    "published_text",
    "text",
    "language",
)


def _is_one_day(row: Citation, outlet: Outlet | None, date_text: str) -> bool:
    """Return whether a row is of an outlet's day, whatever its year and link."""
    is_outlet = outlet is not None and row.outlet_id == outlet.pk
    return is_outlet and without_year(row.date_text) == without_year(date_text)


def _printed(record: CitationRecord) -> str:
    return " ".join(record.raw.split())[:500]


def _day_end(record: CitationRecord) -> date | None:
    return known_day(record.date_end or "") if known_day(record.date or "") else None


def _link_and_note(record: CitationRecord) -> tuple[str, str]:
    """Return the link, and the note; what is no valid link is kept in the note."""
    url, note = record.url or "", record.note
    if not _is_link(url):
        url, note = "", ", ".join(filter(None, [note, url]))
    return url, note[:500]


def _is_link(url: str) -> bool:
    """Return whether a column takes a link. It is part of an index, whose rows have a size."""
    if len(url.encode()) > 1_000:
        return False
    try:
        Citation._meta.get_field("url").clean(url, None)
    except ValidationError:
        return False
    return True
