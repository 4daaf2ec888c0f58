"""The product in a picture: its cut-out and matte, its shape, and that its pixels are kept."""
