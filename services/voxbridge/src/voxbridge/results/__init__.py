"""Call results: stored once, however often they arrive and whatever shape they are in."""
