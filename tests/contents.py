"""What a database holds, read through natural keys, to compare two loads."""

from factcheck import search
from factcheck.models import (
    Article,
    Citation,
    Claim,
    Claimant,
    Evidence,
    Outlet,
    OutletAlias,
    Owner,
    Proposal,
    Topic,
    Verification,
)

MODELS = (Owner, Claimant, Outlet, OutletAlias, Topic, Article, Claim, Citation, Verification)


def contents():
    """What every row says, read through natural keys."""
    search.drain()
    rows = {}
    for model in (*MODELS, Evidence, Proposal):
        rows_of = model.objects.all()
        if model is Verification:  # what begins at the end of a load is looked at elsewhere
            rows_of = rows_of.filter(content__isnull=True)
        for one in rows_of:
            values = {}
            for field in model._meta.concrete_fields:
                value = getattr(one, field.name)
                values[field.name] = value.natural_key() if hasattr(value, "natural_key") else value
            del values["id"]
            if model is Claim:
                values["topics"] = sorted(one.topics.values_list("slug", flat=True))
                document = one.search_document
                values["words"] = (document.claim_words, document.claim_stems)
                values["names"] = (document.other_words, document.other_stems)
            rows[model, one.natural_key()] = values
    return rows
