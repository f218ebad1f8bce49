"""Parts of `bench/console_interaction.py`: `stage` fills a stack, `seats` beat for a fleet, `window` is a page."""
