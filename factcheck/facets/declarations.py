"""The facets of the claims list: where each one's values are stored, and how the panel shows it.

A facet is a filter whose choices the panel counts. `docs/architecture.md` lists what else a new
filter touches, and `tests/filters/test_claims.py` notices what was forgotten.
"""

from dataclasses import dataclass
from typing import Literal

from django.db.models import Model

from factcheck.models import Article, Claimant, Outlet, Owner, Topic


@dataclass(frozen=True, kw_only=True)
class Facet:
    """A facet. Its name is that of the filter, and of the parameter in the query string."""

    # A column of the claim that holds the value. Values stored elsewhere are read by functions of
    # their own in `facets.bitmap_reader`.
    column: str = ""
    # The value belongs to a citation: filters of citations must hold of one and the same citation.
    of_citation: bool = False
    # A field of the cited outlet that holds the value.
    outlet_field: str = ""
    # The model whose records are the values; their ids are counted, their names shown.
    model: type[Model] | None = None
    label_field: str = "name"
    # The order in the panel: those with most claims first; the newest first; or all codes in the
    # order of the filter, even those that no claim has.
    order: Literal["count", "newest", "fixed"] = "count"
    # The panel shows it open before any of its choices is used.
    is_open: bool = False


# In the order of the panel.
FACETS = {
    "status": Facet(column="status", order="fixed", is_open=True),
    "basis": Facet(order="fixed", is_open=True),
    "outlet": Facet(of_citation=True, model=Outlet, is_open=True),
    "owner": Facet(of_citation=True, outlet_field="owner", model=Owner),
    "control": Facet(of_citation=True, outlet_field="control"),
    "country": Facet(of_citation=True, outlet_field="country"),
    "claimant": Facet(column="claimant_id", model=Claimant),
    "topic": Facet(model=Topic),
    "article": Facet(column="article_id", model=Article, label_field="title"),
    "year": Facet(order="newest"),
    "language": Facet(column="language"),
    "stance": Facet(of_citation=True),
}
CLAIM_FACETS = tuple(name for name, facet in FACETS.items() if not facet.of_citation)
CITATION_FACETS = tuple(name for name, facet in FACETS.items() if facet.of_citation)
