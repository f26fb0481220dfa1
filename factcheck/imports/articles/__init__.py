"""Articles: reads text or a web page, and drafts claims with their dated citations."""
