"""Runtime config: everything a worker needs for one call, built in one request."""
