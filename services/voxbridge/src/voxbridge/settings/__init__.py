"""Settings: the environment of the process (`environment`) and the document that people edit (`service`)."""

from voxbridge.settings.environment import BridgeSettings

__all__ = ["BridgeSettings"]
