"""Attempts of campaigns: what results make of them and of their contacts, and the lists people read."""
