"""Which worker host takes the next call."""
