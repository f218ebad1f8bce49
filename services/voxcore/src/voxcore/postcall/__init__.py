"""What happens between the hang-up and the result: disposition or analysis, quality check, payload."""
