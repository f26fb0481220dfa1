"""From a read article to rows: the article, draft claims, and their citations.

What is there already stays as it is, so that an article can be imported again after a
correction: its new sentences and citations are added, the others' offsets are renewed.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from factcheck.ingest.outlets import KnownNames, new_outlet
from factcheck.ingest.records import CitationRecord, ReadArticle, Statement
from factcheck.models import Article, Citation, Claim, Outlet, OutletAlias
from factcheck.models.turns import take_turn
from factcheck.text import fold, known_day, name_key

# What a small integer holds.
_MOST = 32_767
_REASON = "imported from the article"
_ASIDE = re.compile(r"\([^()]*\)")


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
    # Claims whose sentence is no longer in the article.
    gone: list[Claim] = field(default_factory=list)


def find_article(read: ReadArticle, *, publisher: Outlet | None = None) -> Article | None:
    """Return the article that `read` is a version of: by its link, or by what it is called."""
    if read.url and (found := Article.objects.filter(url=read.url).first()):
        return found
    title = fold(read.title)
    for article in Article.objects.filter(Q(title=read.title) | Q(title__iexact=read.title)):
        is_same = (
            fold(article.title) == title
            and _agree(fold(article.author), fold(read.author))
            and _agree(article.publisher_id, publisher and publisher.pk)
            and (
                article.published_text.startswith(read.published)
                or read.published.startswith(article.published_text)
            )
        )
        if is_same:
            return article
    return None


def _agree(one: Any, other: Any) -> bool:
    return one == other or not one or not other


def sentences_of(article: Article) -> tuple[dict[str, list[Claim]], set[str]]:
    """Return an article's claims by their sentence's key, and the keys of deleted ones."""
    there: dict[str, list[Claim]] = defaultdict(list)
    claims = article.claims.exclude(source_text="").order_by("start", "pk")
    for claim in claims.prefetch_related("citations"):
        there[sentence_key(claim.source_text)].append(claim)
    past = Claim.history.filter(article_id=article.pk).exclude(source_text="")
    ever = {sentence_key(text) for text in past.values_list("source_text", flat=True)}
    return there, ever - set(there)


@transaction.atomic
def store(
    read: ReadArticle,
    *,
    names: KnownNames,
    publisher: Outlet | None = None,
    mapped: Mapping[str, Outlet] | None = None,
    by: User | None = None,
    with_deleted: bool = False,
) -> Imported:
    """Write a read article, all or nothing.

    `mapped` gives an outlet, or a new unsaved one, for printed names; they become its aliases.
    `by` is the editor (none: the operator, who may change published claims). A claim that an
    editor deleted comes back only `with_deleted`.
    """
    # One at a time, each with the names of now: two imports of one article would not see each
    # other's claims and new outlets.
    take_turn(alone=True)
    names.reload()
    return _Store(read, names, publisher, by).run(mapped or {}, with_deleted=with_deleted)


class _Store:
    def __init__(
        self, read: ReadArticle, names: KnownNames, publisher: Outlet | None, by: User | None
    ) -> None:
        self.read, self.names, self.publisher, self.by = read, names, publisher, by
        self.outlets: dict[str, Outlet] = {}
        self.new_citations: list[Citation] = []

    def run(self, mapped: Mapping[str, Outlet], *, with_deleted: bool) -> Imported:
        if self.read.paragraphs > _MOST:
            raise ValidationError(_("The article has more than 32,767 paragraphs: split it."))
        self.names.prepare(self.read.outlets)
        article = find_article(self.read, publisher=self.publisher)
        self.done = Imported(article or Article())
        for printed, outlet in mapped.items():
            self._map(printed, outlet)
        self._keep_article(self.done.article)
        self._know_what_is_there()
        for statement in self.read.statements:
            key = sentence_key(statement.text)
            if self.waiting[key]:
                self._renew(self.waiting[key].pop(0), statement)
            elif with_deleted or key not in self.deleted:
                self._add(statement)
        bulk_create_with_history(
            self.new_citations,
            Citation,
            batch_size=500,
            default_user=self.by,
            default_change_reason=_REASON,
        )
        for claim in (claim for claims in self.waiting.values() for claim in claims):
            self._mark_gone(claim)
        return self.done

    def _keep_article(self, article: Article) -> None:
        read, is_new = self.read, article.pk is None
        before = [getattr(article, name) for name in _ARTICLE_FIELDS]
        article.title = article.title or read.title[:300]
        article.author = article.author or read.author[:200]
        article.publisher = article.publisher or self.publisher
        article.url = article.url or read.url
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

    def _know_what_is_there(self) -> None:
        """Read what the article's claims cite, and what editors took away from them."""
        self.waiting, self.deleted = sentences_of(self.done.article)
        self.cited: dict[int, set[tuple[int, str, str]]] = defaultdict(set)
        claims = [claim.pk for same in self.waiting.values() for claim in same]
        ever = Citation.history.filter(claim_id__in=claims)
        for claim_id, *key in ever.values_list("claim_id", "outlet_id", "date_text", "url"):
            self.cited[claim_id].add(tuple(key))

    def _add(self, statement: Statement) -> None:
        claim = Claim(
            text=statement.plain,
            language=self.read.language,
            source_text=statement.text,
            start=statement.start,
            end=statement.end,
            paragraph=statement.paragraph,
            article=self.done.article,
            created_by=self.by,
        )
        self._save(claim)
        self.done.created["claims"] += 1
        for report in self._reports(statement):
            self._cite(claim, report, [])

    def _renew(self, claim: Claim, statement: Statement) -> None:
        """Keep a claim's place in the article, and add what it newly rests on."""
        place = {
            "start": statement.start,
            "end": statement.end,
            "paragraph": statement.paragraph,
        }
        self._move(claim, place)
        there = list(claim.citations.all())
        for report in self._reports(statement):
            self._cite(claim, report, there)

    def _cite(self, claim: Claim, report: CitationRecord, there: list[Citation]) -> None:
        if report.outlet is None:
            self.done.without_outlet.append(report)
            return
        outlet = self._outlet(report.outlet)
        date_text, url, note = report.date or "", *_link_and_note(report)
        place = {"start": report.start, "end": report.end}
        for citation in there:
            same = (citation.outlet_id, citation.url) == (outlet.pk, url)
            if same and citation.date_text == date_text:
                self._move(citation, place)
                return
            if (
                same
                and citation.date_text.startswith("--")
                and date_text.endswith(citation.date_text[1:])
            ):
                if self._may_change(claim):
                    citation.date_text, citation.date_end = date_text, _day_end(report)
                    citation.start, citation.end = place["start"], place["end"]
                    self._save(citation)
                    self.done.updated["citations"] += 1
                return
        if (outlet.pk, date_text, url) in self.cited[claim.pk]:
            return  # an editor took it away, or the group names it twice
        if not self._may_change(claim):
            return
        self.cited[claim.pk].add((outlet.pk, date_text, url))
        citation = Citation(
            claim=claim,
            outlet=outlet,
            as_cited=" ".join(report.raw.split())[:500],
            date_text=date_text,
            date_end=_day_end(report),
            url=url,
            note=note,
            position=min(len(self.cited[claim.pk]) - 1, _MOST),
            **place,
        )
        citation.clean()
        self.new_citations.append(citation)
        self.done.created["citations"] += 1

    def _reports(self, statement: Statement) -> list[CitationRecord]:
        return [
            report for index in statement.groups for report in self.read.groups[index].citations
        ]

    def _outlet(self, printed: str) -> Outlet:
        key = name_key(printed) or printed
        if key not in self.outlets:
            self.outlets[key] = self.names.find(printed) or self._new_outlet(printed)
        return self.outlets[key]

    def _new_outlet(self, printed: str) -> Outlet:
        outlet = self._make(new_outlet(printed))
        self.names.add(printed, outlet)
        return outlet

    def _make(self, outlet: Outlet) -> Outlet:
        if outlet.domain and Outlet.objects.filter(domain=outlet.domain).exists():
            outlet.domain = ""
        self._save(outlet)
        self.done.created["outlets"] += 1
        self.done.new_outlets.append(outlet)
        return outlet

    def _map(self, printed: str, outlet: Outlet) -> None:
        if outlet.pk is None:
            outlet = self.names.find(outlet.name) or self._make(outlet)
        self.outlets[name_key(printed) or printed] = outlet
        if name_key(printed) and printed not in self.names:
            OutletAlias.objects.create(outlet=outlet, name=printed[:200])
            self.names.add(printed, outlet)

    def _may_change(self, claim: Claim) -> bool:
        if not claim.is_public or self.by is None or self.by.has_perm("factcheck.publish_claim"):
            return True
        if claim not in self.done.left:
            self.done.left.append(claim)
        return False

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


_ARTICLE_FIELDS = ("title", "author", "publisher", "url", "published_text", "text", "language")


def sentence_key(text: str) -> str:
    """Return what makes a sentence the same one: its words, whatever its groups cite."""
    return name_key(_ASIDE.sub(" ", text)) or name_key(text)


def _day_end(report: CitationRecord) -> Any:
    return known_day(report.date_end or "") if known_day(report.date or "") else None


def _link_and_note(report: CitationRecord) -> tuple[str, str]:
    """Return the link, and the note; what is no valid link is kept in the note."""
    url, note = report.url or "", report.note
    try:
        if url:
            Citation._meta.get_field("url").clean(url, None)
    except ValidationError:
        url, note = "", ", ".join(filter(None, [note, url]))
    return url, note[:500]
