"""Call detail records that carriers send after a call."""
