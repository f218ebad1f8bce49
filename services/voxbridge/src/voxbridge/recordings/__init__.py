"""Recordings: from object storage or from the worker host that still holds them."""
