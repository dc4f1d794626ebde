"""The two files of a desk: copying both in an order that loses nothing, and what to make of it when one of them is an older copy."""
