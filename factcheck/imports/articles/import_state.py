"""What the import of one article knows and has done so far; its writers share it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Model

from factcheck.imports.articles.records import CitationRecord, ReadArticle
from factcheck.imports.outlet_matching import OutletNames, identity, new_outlet
from factcheck.models import Article, Citation, Claim, ImportBatch, Outlet, OutletAlias
from factcheck.text.name_keys import name_key

CHANGE_REASON = "imported from the article"
# What a small integer holds.
MAX_POSITION = 32_767


@dataclass(slots=True)
class Imported:
    """What an import did. Counts are by `articles`, `claims`, `citations`, `outlets`."""

    article: Article
    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    new_outlets: list[Outlet] = field(default_factory=list)
    # Citations whose outlet is missing in print, so that no record can hold them.
    without_outlet: list[CitationRecord] = field(default_factory=list)
    # Published claims that an editor without the permission to change them would have changed.
    skipped: list[Claim] = field(default_factory=list)
    # Published claims that now cite more.
    public_claims: list[Claim] = field(default_factory=list)
    # What the article no longer has: claims by their sentence, citations as they were printed.
    removed_claims: list[Claim] = field(default_factory=list)
    removed_citations: list[Citation] = field(default_factory=list)
    # What this import has added; None if that is nothing.
    batch: ImportBatch | None = None


class ImportState:
    """One import: the article that was read, the editor, the outlets, and the result."""

    def __init__(
        self, read: ReadArticle, names: OutletNames, by: User | None, article: Article
    ) -> None:
        self.read, self.names, self.by = read, names, by
        self.done = Imported(article)
        self.new_claim_ids: set[int] = set()
        # Keys of sentences and citations: imported before, not wanted, and impossible to write.
        self.imported_keys: set[str] = set()
        self.skipped_keys: set[str] = set()
        self.refused_keys: set[str] = set()
        self._outlets: dict[str, Outlet] = {}  # that the editor chose for printed names

    def choose_outlet(self, printed: str, outlet: Outlet) -> None:
        """Let a printed name mean an outlet, which is created if it is new."""
        if outlet.pk is None:
            outlet = self.names.find(outlet.name) or self._create_outlet(outlet, outlet.name)
        self._outlets[identity(printed)] = outlet
        if name_key(printed) and printed not in self.names:
            OutletAlias.objects.create(outlet=outlet, name=printed[:200])
            self.names.add(outlet, printed)

    def find_outlet(self, printed: str | None) -> Outlet | None:
        """Return the outlet that a printed name means, if there is one."""
        if not printed:
            return None
        return self._outlets.get(identity(printed)) or self.names.find(printed)

    def get_outlet(self, printed: str) -> Outlet:
        """Return the outlet that a printed name means; create it if it is new."""
        return self.find_outlet(printed) or self._create_outlet(new_outlet(printed), printed)

    def _create_outlet(self, outlet: Outlet, printed: str) -> Outlet:
        if outlet.domain and Outlet.objects.filter(domain=outlet.domain).exists():
            outlet.domain = ""
        self.save(outlet)
        self.names.add(outlet, printed)
        self.done.created["outlets"] += 1
        self.done.new_outlets.append(outlet)
        return outlet

    def may_change(self, claim: Claim) -> bool:
        """Return whether the editor may change a claim; note the claim if not."""
        if not claim.is_public or self._may_publish:
            return True
        if claim not in self.done.skipped:
            self.done.skipped.append(claim)
        return False

    def may_change_article(self, article: Article) -> bool:
        """Return whether the editor may fill in what readers see of an article."""
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
        """Set where a record stands in the text. That is no change for its history."""
        kind = "claims" if isinstance(row, Claim) else "citations"
        if all(getattr(row, name) == value for name, value in offsets.items()):
            self.done.unchanged[kind] += 1
        else:
            type(row).objects.filter(pk=row.pk).update(**offsets)
            self.done.updated[kind] += 1
