"""Campaigns: what is dialled, when, with which bot; their states, and what is counted of them."""
