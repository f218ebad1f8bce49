"""The network as a carrier: a REST API that rings callees and connects the answered ones to a media socket."""
