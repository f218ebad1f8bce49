"""The spoken conversation: speech in, turns, language model, speech out."""
