"""A start that is made on two seats, or a seat that is kept by a start that was refused."""

from __future__ import annotations
