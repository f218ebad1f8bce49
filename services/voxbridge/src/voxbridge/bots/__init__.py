"""Bots: what a call says, hears and may do."""
