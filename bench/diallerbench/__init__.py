"""A voxdialler under measurement: `world` makes it, `plans` reads what its queries cost."""
