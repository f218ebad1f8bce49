"""What monitors ask: health and metrics."""
