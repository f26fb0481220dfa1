"""From the text of an article to its statements and citation groups. Pure functions."""
