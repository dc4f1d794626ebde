"""The built-in graphs, one module each. Asking and acting are separate nodes in all of them."""
