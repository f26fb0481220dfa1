"""Translates the errors of the readers of imports: one sentence for each error code."""

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from factcheck.imports.errors import Code, Location, ReadError, Unit

SENTENCES: Mapping[Code, Promise | str] = {
    Code.NOT_UTF8: _("This is not UTF-8 text. Save it with the encoding UTF-8."),
    Code.LINE_NOT_JSON: _(
        "This line is not valid JSON: the error is at character %(position)d. Correct the line."
    ),
    Code.JSON_INVALID: _("The JSON is not valid here. Correct the file."),
    Code.JSON_COMMA_MISSING: _("The JSON is not valid here: a comma is missing. Add it."),
    Code.JSON_NAME_EXPECTED: _(
        "The JSON is not valid here: a name and a colon are expected. Correct the file."
    ),
    Code.JSON_LIST_EXPECTED: _("The file must begin with a list. Put its objects in [ and ]."),
    Code.JSON_LIST_UNFINISHED: _(
        "The file ends in the middle of its list. It may have been cut off: copy or download it"
        " again."
    ),
    Code.JSON_TEXT_AFTER_END: _("There is more text after the end of the JSON. Remove it."),
    Code.JSON_TOO_DEEP: _("The JSON is nested too deeply. Check its brackets."),
    Code.JSON_NUMBER_TOO_LONG: _("A number has too many digits. Correct it."),
    Code.FACT_CHECKS_MISSING: _(
        "No fact-check was found in this file. Check that it holds ClaimReview data or a table of"
        " fact-checks."
    ),
    Code.FIELD_MISSING: _("This field is missing or empty. Fill it in."),
    Code.FIELD_TOO_LONG: _("This field is longer than %(limit)s characters. Shorten it."),
    Code.ADDRESS_MISSING: _(
        "The address of the fact-check is missing. Add it: a fact-check is recognised by its"
        " address."
    ),
    Code.ADDRESS_NOT_PUBLIC: _(
        "“%(value)s” is not an http or https address of a public site. Correct it."
    ),
    Code.FACT_CHECK_WITHDRAWN: _(
        "The publisher has withdrawn this fact-check, so it is not imported."
    ),
    Code.RECORD_TOO_COMPLEX: _(
        "The data is nested too deeply or has too many parts for a fact-check. Remove what does"
        " not belong to it."
    ),
    Code.BLOCK_NOT_JSON: _(
        "The JSON-LD that begins here is not valid JSON: the error is at its character"
        " %(position)d. Correct it."
    ),
    Code.PAGE_TOO_LARGE: _(
        "The web page is larger than %(limit)s MB. Save only the part with its JSON-LD."
    ),
    Code.PAGE_ENCODING_WRONG: _(
        "The web page says that its encoding is %(encoding)s, but it is not. Save the page in"
        " UTF-8."
    ),
    Code.TABLE_ENCODING_WRONG: _(
        "The table is not in the encoding %(encoding)s. Choose its encoding, or save the table in"
        " UTF-8."
    ),
    Code.TABLE_CELL_TOO_LONG: _(
        "A cell is longer than %(limit)s characters. Check that its quotation mark is closed."
    ),
    Code.MAPPING_INVALID: _("“%(text)s” has no field or no column. Write field=column."),
    Code.MAPPED_FIELD_UNKNOWN: _("There is no field “%(name)s”. The fields are: %(names)s."),
    Code.COLUMN_UNKNOWN: _("The table has no column “%(name)s”. Its columns are: %(names)s."),
    Code.COLUMN_NUMBER_EXPECTED: _(
        "“%(name)s” is not the number of a column. Without a header row, write the number of the"
        " column, from 1."
    ),
    Code.COLUMN_MISSING: _(
        "It is not known which column holds the field “%(name)s”. Write it as %(name)s=column."
    ),
    Code.ARTICLE_TOO_LARGE: _("The file is larger than %(limit)s bytes. Split the article."),
    Code.ARTICLE_BINARY: _(
        "This is a binary file, not text. Save the article as plain text or HTML."
    ),
    Code.ARTICLE_EMPTY: _("The file is empty. Choose another one."),
    Code.ARTICLE_MISSING: _("No article was found in the page. Paste the article's plain text."),
    Code.ARTICLE_UNREADABLE: _("The page cannot be read. Paste the article's plain text."),
    Code.HTML_NOT_SUPPORTED: _(
        "This is HTML, and the extra “html” that reads it is not installed. Paste the article's"
        " plain text, or install the extra: python -m pip install 'factcheck[html]'"
    ),
    Code.HTML_TOO_LONG: _(
        "The page is longer than %(limit)s characters. Paste the article's plain text."
    ),
    Code.HTML_TOO_COMPLEX: _(
        "The page has more than %(limit)s elements. Paste the article's plain text."
    ),
    Code.DATE_INVALID: _(
        "“%(value)s” is not a date. Write a day, a month or a year: 2021-09-10, 2021-09 or 2021."
    ),
    Code.VALUE_INVALID: "%(reason)s",
    Code.DATABASE_REJECTED: _("The database does not accept it (%(reason)s). Correct it."),
    Code.FIXTURE_FORMAT_UNKNOWN: _(
        "This command reads .json and .jsonl files, also with .gz. Use loaddata for other files."
    ),
    Code.FIXTURE_MODEL_MISSING: _("This object has no “model”. Add it."),
    Code.FIXTURE_FIELDS_INVALID: _("“fields” is not an object. Put the fields in { and }."),
    Code.MODEL_UNKNOWN: _("There is no such model. Correct its name."),
    Code.LIST_EXPECTED: _("A list is expected. Put the values in [ and ]."),
    Code.REFERENCE_MISSING: _(
        "There is no %(key)s yet. Put what is referred to before what refers to it, as dumpdata"
        " --natural-foreign --natural-primary does."
    ),
    Code.FORWARD_REFERENCE_MISSING: _(
        "There is no %(model)s %(key)s, neither in the files nor in the database. Add it, or"
        " correct the reference."
    ),
    Code.GZIP_INVALID: _("The compressed file is damaged or cut off. Copy or download it again."),
    Code.HALF_SURROGATE_PAIR: _(
        "The text holds half of a surrogate pair (\\ud800 to \\udfff), which is not a character."
        " Remove it."
    ),
}
_UNITS = {
    Unit.LINE: _("Line %(number)d"),
    Unit.RECORD: _("Record %(number)d"),
    Unit.BYTE: _("Byte %(number)d"),
}


def error_sentence(error: ReadError) -> str:
    """Return the sentence that says what is wrong and what to do about it."""
    params = dict(error.params)
    if "limit" in params:
        params["limit"] = number_format(params["limit"], force_grouping=True)
    return str(SENTENCES[error.code]) % params


def location_text(location: Location) -> str:
    """Return a place in a file in words, such as `Line 3`."""
    return str(_UNITS[location.unit]) % {"number": location.number}


def describe(error: ReadError) -> str:
    """Return an error in one line: the file, the place and the field if known, then a sentence."""
    location = location_text(error.location) if error.location else ""
    return ": ".join(filter(None, (error.path, location, error.field, error_sentence(error))))
