"""The yardstick: a Streamlit page with one text field, one slider and one line."""

import streamlit as st

st.text_input("Text", "the keys")
st.html(f"<p>{st.select_slider('Heads', [1, 2, 4, 8, 16, 32], 8)}</p>")
