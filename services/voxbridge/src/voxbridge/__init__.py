"""Control plane of Vox: users, bots, runtime config, calls, results, settings."""
