"""Log-in, tokens, passwords, and the account of the person who asks."""
