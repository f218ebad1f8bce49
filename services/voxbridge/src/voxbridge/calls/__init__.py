"""Calls: the record of every conversation."""
