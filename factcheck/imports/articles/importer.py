"""Writes a read article into the database: the article, draft claims, and their citations.

What exists already stays as it is, so that an article can be imported again after a correction:
its new sentences and citations are added, the offsets of the others are updated.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from factcheck import search
from factcheck.db.claim_lock import lock_claims
from factcheck.imports import batches
from factcheck.imports.articles.citation_writer import CitationWriter, is_valid_link
from factcheck.imports.articles.import_state import (
    CHANGE_REASON,
    MAX_POSITION,
    Imported,
    ImportState,
)
from factcheck.imports.articles.matching import claims_of, find_article
from factcheck.imports.articles.records import ReadArticle, Statement
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
def store(
    read: ReadArticle,
    *,
    names: OutletNames,
    publisher: Outlet | None = None,
    mapped: Mapping[str, Outlet] | None = None,
    by: User | None = None,
    left_out: Collection[str] = (),
    wanted: Collection[str] = (),
) -> Imported:
    """Write a read article, all or nothing.

    `mapped` gives an outlet, or a new unsaved one, for printed names; they become its aliases.
    `by` is the editor (None: the operator, who may change published claims). What was imported
    before is not added again, because an editor may have changed or deleted it: the article
    remembers its keys. `left_out` are keys of what an editor does not want, `wanted` of what is
    to be added again.
    """
    # One import at a time, each with the present names: two imports of one article would not see
    # each other's claims and new outlets.
    lock_claims(exclusive=True)
    names.reload()
    if read.paragraphs > MAX_POSITION:
        raise ValidationError(_("The article has more than 32,767 paragraphs: split it."))
    names.prefetch(read.outlets)
    article = find_article(read, publisher=publisher)
    state = ImportState(read, names, by, article or Article())
    state.imported_keys = set(state.done.article.seen) - set(wanted)
    state.skipped_keys = set(left_out)
    for printed, outlet in (mapped or {}).items():
        state.choose_outlet(printed, outlet)
    return _Importer(state).run(publisher, is_new=article is None)


class _Importer:
    """Writes the article and its claims."""

    def __init__(self, state: ImportState) -> None:
        self.state, self.done, self.read = state, state.done, state.read
        self.citations = CitationWriter(state)

    def run(self, publisher: Outlet | None, *, is_new: bool) -> Imported:
        self._write_article(publisher, is_new=is_new)
        claims, removed = claims_of(self.done.article, self.read.statements)
        self._write_claims(claims)
        if self.citations.new:
            self._create(Citation, self.citations.new)
        # Records that are created in bulk send no signal.
        transaction.on_commit(partial(search.drain, most=search.AT_ONCE), robust=True)
        for claim in removed:
            self._mark_removed(claim)
        self._remember_keys()
        self._note_batch(is_new=is_new)
        return self.done

    def _write_article(self, publisher: Outlet | None, *, is_new: bool) -> None:
        read, article = self.read, self.done.article
        before = [getattr(article, name) for name in _ARTICLE_FIELDS]
        if is_new or self.state.may_change_article(article):
            article.title = article.title or read.title[:300]
            article.author = article.author or read.author[:200]
            article.publisher = article.publisher or publisher
            article.url = article.url or (read.url if is_valid_link(read.url) else "")
            if len(read.published) > len(article.published_text):
                article.published_text = read.published
        article.text = read.text
        if is_new:
            article.language = read.language
        if before != [getattr(article, name) for name in _ARTICLE_FIELDS]:
            article.full_clean()
            self.state.save(article)
            (self.done.created if is_new else self.done.updated)["articles"] += 1
        else:
            self.done.unchanged["articles"] += 1

    def _write_claims(self, claims: Sequence[Claim | None]) -> None:
        """Update the claims that statements have already, and create those of the new ones."""
        sentences = sentence_keys(self.read.statements)
        skipped = self.state.imported_keys | self.state.skipped_keys
        new: list[tuple[Claim, Statement, str]] = []
        for statement, claim, sentence in zip(self.read.statements, claims, sentences, strict=True):
            if claim:
                self._update_claim(claim, statement, sentence)
            elif statement_key(sentence) not in skipped:
                new.append((self._new_claim(statement), statement, sentence))
        created = [claim for claim, _statement, _sentence in new]
        if created:
            Claim.objects.assign_slugs(created)
            self._create(Claim, created)
            self.done.created["claims"] += len(created)
        self.state.new_claim_ids = {claim.pk for claim in created}
        for claim, statement, sentence in new:
            self.citations.cite(claim, statement, sentence, [])

    def _new_claim(self, statement: Statement) -> Claim:
        return Claim(
            text=statement.plain,
            language=self.read.language,
            source_text=statement.text,
            start=statement.start,
            end=statement.end,
            paragraph=statement.paragraph,
            article=self.done.article,
            created_by=self.state.by,
        )

    def _update_claim(self, claim: Claim, statement: Statement, sentence: str) -> None:
        """Update a claim's place in the article, and add the citations that are new."""
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
        """Write new records and the beginning of their history, many at a time."""
        bulk_create_with_history(
            list(rows),
            model,
            batch_size=500,
            default_user=self.state.by,
            default_change_reason=CHANGE_REASON,
        )

    def _mark_removed(self, claim: Claim) -> None:
        """Note that the article no longer has a claim's sentence; the claim stays."""
        if claim.start is None:
            return
        self.done.removed_claims.append(claim)
        Claim.objects.filter(pk=claim.pk).update(start=None, end=None)
        Citation.objects.filter(claim=claim).update(start=None, end=None)

    def _remember_keys(self) -> None:
        """Keep the keys of all that was read and could be written."""
        article, state = self.done.article, self.state
        refused = state.refused_keys - state.imported_keys
        seen = sorted({*article.seen, *keys_of(self.read)} - refused)
        if seen != article.seen:
            Article.objects.filter(pk=article.pk).update(seen=seen)
            article.seen = seen

    def _note_batch(self, *, is_new: bool) -> None:
        done, added = self.done, self.state.new_claim_ids
        done.batch = batches.note_article(
            done.article,
            is_new=is_new,
            added=added,
            added_to={row.claim_id for row in self.citations.new} - added,
            outlets=done.new_outlets,
            by=self.state.by,
            unchanged=done.unchanged["claims"],
            rejected=len(done.without_outlet),
        )
