"""Single calls out, and the look-ups of workers and SIP servers."""
