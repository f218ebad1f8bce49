"""Hosts of an installation: the inventory, and the files that a host runs from."""
