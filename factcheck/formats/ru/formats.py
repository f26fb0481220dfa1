"""How readers of Russian write days and numbers, where Django has it otherwise."""

# Django's own says “20 Август”: the month of a day stands in the genitive.
MONTH_DAY_FORMAT = "j E"
