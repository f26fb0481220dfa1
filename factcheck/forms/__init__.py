"""Form fields and the renderer that the admin, the filters and the API share."""
