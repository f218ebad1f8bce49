"""One module a command; each has a function that the command line calls and that returns the exit code."""
