"""The JSON API, `/api/v1/`: the content of the public pages for programs, and drafts for editors.

A list takes the same query string and cursors as its page. Its rows are flat and go from the
database to JSON without objects (`flat_rows`). `serializers` has the fields of a row once, for
lists, single rows and the schema; `drafts` has what editors send. Errors are problem documents
(RFC 9457).
"""
