"""E-mail: written in the transaction of what causes it, sent by the worker, never lost from sight."""
