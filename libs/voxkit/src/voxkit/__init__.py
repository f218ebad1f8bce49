"""Shared library of Vox: wire contracts, settings, logs, metrics, HTTP client, templates, phone numbers."""
