"""`vox images scan`: what is known to be vulnerable among the packages of an image."""
