"""Container images: what goes into each, and how they are built."""
