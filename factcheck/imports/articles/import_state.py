"""The state of one article's import, shared by its writers, and the result."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Model

from factcheck.imports.articles.records import CitationRecord, ParsedArticle
from factcheck.imports.outlet_matching import OutletNames, new_outlet, printed_name_key
from factcheck.models import Article, Citation, Claim, ImportBatch, Outlet, OutletAlias
from factcheck.text.name_keys import name_key

CHANGE_REASON = "imported from the article"
# What a small integer holds.
MAX_POSITION = 32_767


@dataclass(slots=True)
class ImportResult:
    """The result of an import. Counts are by `articles`, `claims`, `citations`, `outlets`."""

    article: Article
    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    new_outlets: list[Outlet] = field(default_factory=list)
    # Citations without a printed outlet, which cannot be saved.
    without_outlet: list[CitationRecord] = field(default_factory=list)
    # Published claims that were not changed because the editor lacks the permission.
    skipped: list[Claim] = field(default_factory=list)
    # Published claims that have got new citations.
    public_claims: list[Claim] = field(default_factory=list)
    # Claims and citations that the article's text no longer has.
    removed_claims: list[Claim] = field(default_factory=list)
    removed_citations: list[Citation] = field(default_factory=list)
    # The rows that this import has added; None if there are none.
    batch: ImportBatch | None = None


class ImportState:
    """The state of one import: the parsed article, the editor, the outlets, and the result."""

    def __init__(
        self, parsed: ParsedArticle, names: OutletNames, by: User | None, article: Article
    ) -> None:
        self.parsed, self.names, self.by = parsed, names, by
        self.result = ImportResult(article)
        self.new_claim_ids: set[int] = set()
        # Keys of sentences and citations: imported before, skipped by the editor, refused.
        self.imported_keys: set[str] = set()
        self.skipped_keys: set[str] = set()
        self.refused_keys: set[str] = set()
        self._outlets: dict[
            str, Outlet
        ] = {}  # chosen by the editor, by the key of the printed name

    def choose_outlet(self, printed: str, outlet: Outlet) -> None:
        """Map a printed name to an outlet; create the outlet if it is new."""
        if outlet.pk is None:
            outlet = self.names.find(outlet.name) or self._create_outlet(outlet, outlet.name)
        self._outlets[printed_name_key(printed)] = outlet
        if name_key(printed) and printed not in self.names:
            OutletAlias.objects.create(outlet=outlet, name=printed[:200])
            self.names.add(outlet, printed)

    def find_outlet(self, printed: str | None) -> Outlet | None:
        """Return the outlet that a printed name means; None if it is unknown."""
        if not printed:
            return None
        return self._outlets.get(printed_name_key(printed)) or self.names.find(printed)

    def get_outlet(self, printed: str) -> Outlet:
        """Return the outlet that a printed name means; create it if it is new."""
        return self.find_outlet(printed) or self._create_outlet(new_outlet(printed), printed)

    def _create_outlet(self, outlet: Outlet, printed: str) -> Outlet:
        if outlet.domain and Outlet.objects.filter(domain=outlet.domain).exists():
            outlet.domain = ""
        self.save(outlet)
        self.names.add(outlet, printed)
        self.result.created["outlets"] += 1
        self.result.new_outlets.append(outlet)
        return outlet

    def may_change(self, claim: Claim) -> bool:
        """Return whether the editor may change a claim; add it to the skipped claims if not."""
        if not claim.is_public or self._may_publish:
            return True
        if claim not in self.result.skipped:
            self.result.skipped.append(claim)
        return False

    def may_change_article(self, article: Article) -> bool:
        """Return whether the editor may fill in an article's public fields."""
        return self._may_publish or not article.claims.public().exists()

    @property
    def _may_publish(self) -> bool:
        return self.by is None or self.by.has_perm("factcheck.publish_claim")

    def save(self, row: Model) -> None:
        """Save a record with the import as the reason in its history."""
        row._change_reason = CHANGE_REASON  # type: ignore[attr-defined]
        row._history_user = self.by  # type: ignore[attr-defined]
        row.save()

    def update_offsets(self, row: Claim | Citation, offsets: Mapping[str, int]) -> None:
        """Set a record's offsets in the text, without a history entry."""
        kind = "claims" if isinstance(row, Claim) else "citations"
        if all(getattr(row, name) == value for name, value in offsets.items()):
            self.result.unchanged[kind] += 1
        else:
            type(row).objects.filter(pk=row.pk).update(**offsets)
            self.result.updated[kind] += 1
