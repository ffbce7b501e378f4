"""Questions → answers, and the pages that show them."""
