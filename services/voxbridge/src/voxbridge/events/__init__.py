"""Event stream: what happens, told to open pages. Nothing durable: a page that missed something asks again."""
