"""Deploys: one image after another into a running fleet, without cutting a call."""
