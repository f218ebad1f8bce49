"""What benches of voxbridge share: `stack` runs one with its stores, `report` writes the dated figures."""
