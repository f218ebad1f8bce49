"""Keys for CRMs and scripts."""
