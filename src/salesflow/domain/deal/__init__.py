"""The deal: the customer, the opportunity, how far it has come, and the people on both sides."""
