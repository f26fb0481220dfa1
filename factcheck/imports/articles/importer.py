"""Writes a parsed article into the database: the article, draft claims, and their citations.

An article can be imported again after a correction. Its new sentences and citations are added; of
existing ones only the offsets are updated.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from factcheck import search
from factcheck.bulk_history import record_creation
from factcheck.db.claim_lock import lock_claims
from factcheck.imports import batches
from factcheck.imports.articles.citation_writer import CitationWriter, is_valid_link
from factcheck.imports.articles.import_state import (
    CHANGE_REASON,
    MAX_POSITION,
    ImportResult,
    ImportState,
)
from factcheck.imports.articles.matching import find_article, match_claims
from factcheck.imports.articles.records import ParsedArticle, Statement
from factcheck.imports.articles.sentence_keys import keys_of, sentence_keys, statement_key
from factcheck.imports.outlet_matching import OutletNames
from factcheck.models import Article, Citation, Claim, Outlet

_ARTICLE_FIELDS = (
    "title",
    "author",
    "publisher",
    "url",
    "published_text",
    "text",
    "language",
)


@transaction.atomic
def write_article(
    parsed: ParsedArticle,
    *,
    names: OutletNames,
    publisher: Outlet | None = None,
    chosen_outlets: Mapping[str, Outlet] | None = None,
    by: User | None = None,
    skipped_keys: Collection[str] = (),
    reimported_keys: Collection[str] = (),
) -> ImportResult:
    """Write a parsed article in one transaction; idempotent.

    `chosen_outlets` maps printed names to outlets, which may be new and unsaved; the names become
    aliases. `by` is the editor (None: the operator, who may change published claims). The article
    stores the keys of the sentences and citations that were imported. They are not added again,
    because an editor may have changed or deleted them. `skipped_keys` are not imported,
    `reimported_keys` are imported again.
    """
    # One import at a time, with fresh names: two imports of one article at the same time would not
    # see each other's claims and new outlets.
    lock_claims(exclusive=True)
    names.reload()
    if parsed.paragraphs > MAX_POSITION:
        raise ValidationError(_("The article has more than 32,767 paragraphs: split it."))
    names.prefetch(parsed.outlets)
    article = find_article(parsed, publisher=publisher)
    state = ImportState(parsed, names, by, article or Article())
    state.imported_keys = set(state.result.article.seen) - set(reimported_keys)
    state.skipped_keys = set(skipped_keys)
    for printed, outlet in (chosen_outlets or {}).items():
        state.choose_outlet(printed, outlet)
    return _Importer(state).run(publisher, is_new=article is None)


class _Importer:
    """Writes the article and its claims."""

    def __init__(self, state: ImportState) -> None:
        self.state, self.result, self.parsed = state, state.result, state.parsed
        self.citations = CitationWriter(state)

    def run(self, publisher: Outlet | None, *, is_new: bool) -> ImportResult:
        self._write_article(publisher, is_new=is_new)
        claims, removed = match_claims(self.result.article, self.parsed.statements)
        self._write_claims(claims)
        if self.citations.new:
            self._create(Citation, self.citations.new)
        # Records that are created in bulk send no signal.
        transaction.on_commit(partial(search.drain, limit=search.DRAIN_BATCH), robust=True)
        for claim in removed:
            self._mark_removed(claim)
        self._store_keys()
        self._record_batch(is_new=is_new)
        return self.result

    def _write_article(self, publisher: Outlet | None, *, is_new: bool) -> None:
        parsed, article = self.parsed, self.result.article
        before = [getattr(article, name) for name in _ARTICLE_FIELDS]
        if is_new or self.state.may_change_article(article):
            article.title = article.title or parsed.title[:300]
            article.author = article.author or parsed.author[:200]
            article.publisher = article.publisher or publisher
            article.url = article.url or (parsed.url if is_valid_link(parsed.url) else "")
            if len(parsed.published) > len(article.published_text):
                article.published_text = parsed.published
        article.text = parsed.text
        if is_new:
            article.language = parsed.language
        if before != [getattr(article, name) for name in _ARTICLE_FIELDS]:
            article.full_clean()
            self.state.save(article)
            (self.result.created if is_new else self.result.updated)["articles"] += 1
        else:
            self.result.unchanged["articles"] += 1

    def _write_claims(self, claims: Sequence[Claim | None]) -> None:
        """Update the existing claims of statements, and create claims for new statements."""
        sentences = sentence_keys(self.parsed.statements)
        skipped = self.state.imported_keys | self.state.skipped_keys
        new: list[tuple[Claim, Statement, str]] = []
        for statement, claim, sentence in zip(
            self.parsed.statements, claims, sentences, strict=True
        ):
            if claim:
                self._update_claim(claim, statement, sentence)
            elif statement_key(sentence) not in skipped:
                new.append((self._new_claim(statement), statement, sentence))
        created = [claim for claim, _statement, _sentence in new]
        if created:
            Claim.objects.assign_slugs(created)
            self._create(Claim, created)
            self.result.created["claims"] += len(created)
        self.state.new_claim_ids = {claim.pk for claim in created}
        for claim, statement, sentence in new:
            self.citations.cite(claim, statement, sentence, [])

    def _new_claim(self, statement: Statement) -> Claim:
        return Claim(
            text=statement.plain,
            language=self.parsed.language,
            source_text=statement.text,
            start=statement.start,
            end=statement.end,
            paragraph=statement.paragraph,
            article=self.result.article,
            created_by=self.state.by,
        )

    def _update_claim(self, claim: Claim, statement: Statement, sentence: str) -> None:
        """Update a claim's offsets in the article, and add new citations."""
        offsets = {
            "start": statement.start,
            "end": statement.end,
            "paragraph": statement.paragraph,
        }
        self.state.update_offsets(claim, offsets)
        self.citations.cite(claim, statement, sentence, list(claim.citations.all()))

    def _create(
        self, model: type[Claim | Citation], rows: Sequence[Claim] | Sequence[Citation]
    ) -> None:
        """Create new records and their first history entries in bulk."""
        if rows:
            manager: Any = model.objects
            manager.bulk_create(rows, batch_size=500)
            record_creation(rows, reason=CHANGE_REASON, by=self.state.by)

    def _mark_removed(self, claim: Claim) -> None:
        """Note that the article no longer has a claim's sentence; the claim stays."""
        if claim.start is None:
            return
        self.result.removed_claims.append(claim)
        Claim.objects.filter(pk=claim.pk).update(start=None, end=None)
        Citation.objects.filter(claim=claim).update(start=None, end=None)

    def _store_keys(self) -> None:
        """Store the keys of all sentences and citations except those that were refused."""
        article, state = self.result.article, self.state
        refused = state.refused_keys - state.imported_keys
        keys = sorted({*article.seen, *keys_of(self.parsed)} - refused)
        if keys != article.seen:
            Article.objects.filter(pk=article.pk).update(seen=keys)
            article.seen = keys

    def _record_batch(self, *, is_new: bool) -> None:
        result, added = self.result, self.state.new_claim_ids
        result.batch = batches.record_article(
            result.article,
            is_new=is_new,
            added=added,
            added_to={row.claim_id for row in self.citations.new} - added,
            outlets=result.new_outlets,
            by=self.state.by,
            unchanged=result.unchanged["claims"],
            rejected=len(result.without_outlet),
        )
