"""Between a request and its view: log-in limits, double submissions, outages, lost forms."""
