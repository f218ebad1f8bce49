"""Who changed what, from where: an append-only record."""
