"""The JSON API, `/api/v1/`: what the public pages show, for machines, and drafts for editors.

A list takes the query string of its page and the same cursors. Rows are flat and go from the
database to JSON as they are; `serializers` says which columns they have, once for the rows, the
schema and one row's own address. Whatever goes wrong is a problem document (RFC 9457).
"""
