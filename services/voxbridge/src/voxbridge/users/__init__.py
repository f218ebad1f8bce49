"""The people who use the console: records, roles, ranks."""
