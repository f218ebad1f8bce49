"""One file a provider behind one interface; a file is imported when a bot first asks for it."""
