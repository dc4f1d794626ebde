"""Streamlit pages: read, draw, one call. They know neither SQL nor LangGraph."""
