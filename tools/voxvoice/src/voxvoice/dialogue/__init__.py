"""The scripted language model: dialogues as data, answers computed from the message list alone."""
