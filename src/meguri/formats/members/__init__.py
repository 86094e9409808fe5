"""The gallery of formats: one file for each."""
