"""What is claimed is measured here, against a peer or a limit in the same run."""
