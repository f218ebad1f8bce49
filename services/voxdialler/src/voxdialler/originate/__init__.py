"""Ways to ring a callee: one file a way, all behind `base.Originator`."""
