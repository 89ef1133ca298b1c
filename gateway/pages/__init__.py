"""What the gateway itself has to say: discovery, OpenAPI, documentation, the meaning of every problem."""
