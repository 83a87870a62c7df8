"""From a deal to the facts that rules read."""
