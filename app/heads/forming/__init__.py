"""The section "How heads form" of the page "Heads": its choice, what is said, what is drawn."""
