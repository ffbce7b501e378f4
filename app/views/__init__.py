"""One page a file; each is run by Streamlit from top to bottom."""
