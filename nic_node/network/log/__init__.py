"""The log of a network founded here: its epochs, its credentials, its one writer, and how it is served."""
