"""Claims that give an outlet a track record."""

from datetime import date

from tests import factories


def create_record(outlet, true, false, *, undecided=0):
    for status in ["true"] * true + ["false"] * false + [""] * undecided:
        claim = factories.create_claim(claimed_on=date(2021, 8, 1))
        factories.create_citation(claim, outlet)
        if status:
            factories.create_verification(claim, status=status)
