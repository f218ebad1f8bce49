"""HTTP and sockets: what may start a call, and what may be asked of a worker."""
