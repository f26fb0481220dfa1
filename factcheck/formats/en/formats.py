"""How readers of English write days and numbers, where Django has it otherwise."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
TIME_FORMAT = "H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
SHORT_DATE_FORMAT = "j M Y"
FIRST_DAY_OF_WEEK = 1
# The first is what the calendar of the admin writes. No form guesses what 05/07/2022 is.
DATE_INPUT_FORMATS = ["%Y-%m-%d"]
