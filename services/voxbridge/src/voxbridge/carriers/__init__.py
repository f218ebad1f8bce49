"""Carriers, their numbers, and what opens their APIs."""
