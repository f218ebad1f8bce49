"""Wire shapes that cross a service boundary, used by both sides."""
