"""How readers of Russian write days and numbers, where Django has it otherwise."""

# Django's own says “20 Август”: the month of a day stands in the genitive.
MONTH_DAY_FORMAT = "j E"
# The first is what the calendar of the admin writes.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]
