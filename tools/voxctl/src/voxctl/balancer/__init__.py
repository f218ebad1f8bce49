"""HAProxy on fleet and ingress hosts: rendered from templates, checked, spoken to through its sockets."""
