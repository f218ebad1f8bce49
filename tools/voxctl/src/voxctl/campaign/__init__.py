"""Campaigns as an operator at a terminal sees them, over the API of voxbridge."""
