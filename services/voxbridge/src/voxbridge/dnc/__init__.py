"""The do-not-call list of the deployment."""
