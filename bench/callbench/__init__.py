"""Parts of `vox bench call`: fake providers, workers under measurement, calls that note every frame, figures."""
