"""Simulated telephone network of Vox: callees with personas, carrier API, load, latency."""
