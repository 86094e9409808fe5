"""Label schema, annotation types, what people answered and what models proposed."""
