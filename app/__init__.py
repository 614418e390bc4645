"""The Streamlit page. The only package that imports streamlit."""
