"""Commands of the program, as a person types them."""
