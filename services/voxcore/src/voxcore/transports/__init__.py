"""One file a wire protocol: connection, metadata, hang-up and transfer, nothing else."""
