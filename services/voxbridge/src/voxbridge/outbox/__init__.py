"""Outbox: durable jobs in MongoDB, done at least once."""
