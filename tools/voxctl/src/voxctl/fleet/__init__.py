"""What operators see and steer of the capacity registry: `vox fleet`."""
