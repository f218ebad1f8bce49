"""The embedded stack: every part of Vox as a child process of one supervisor, with its data in one folder."""
