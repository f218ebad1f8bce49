"""Call worker of Vox: one process, one call."""
