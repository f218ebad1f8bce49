"""The operator's command line of Vox."""
