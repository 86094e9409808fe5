"""Import and export: rows become items with labels, and items with labels become files."""
