"""Control plane of Vox: users, bots, runtime config, calls, results, settings."""

from importlib.metadata import version

__version__ = version("voxbridge")
