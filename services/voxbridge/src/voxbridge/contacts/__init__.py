"""Contacts of campaigns: the CSV upload, additions and exclusions by API, the list."""
