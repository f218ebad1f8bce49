"""Backups of the database: dumped, encrypted, read back; restored into an empty one; practised."""
