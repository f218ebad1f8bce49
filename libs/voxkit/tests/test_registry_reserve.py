"""A caller that takes a second seat because an answer was lost, or believes in one that nobody gave it (CL1 to CL3)."""

from __future__ import annotations
