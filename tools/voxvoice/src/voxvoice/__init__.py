"""Local speech models of Vox behind the OpenAI HTTP API."""
