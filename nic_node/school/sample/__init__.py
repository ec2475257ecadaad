"""Sample data: an invented plan with a project on its way, to look around in; it goes again without a trace."""
