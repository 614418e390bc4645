"""One module a command, each with ``main(argv) -> exit code``; loaded only when it is asked for."""
