"""Analytics: calls counted in buckets of 15 minutes and in days, so that no page ever reads the calls themselves."""
