"""Other networks below a common superior: finding them, and reading them where its policy says so."""
