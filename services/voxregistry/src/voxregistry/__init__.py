"""Capacity registry of Vox: knows every call slot of a fleet, hands each one out once, takes it back when unused."""

__version__ = "0.1.0"
