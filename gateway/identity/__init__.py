"""Accounts, clients and the token endpoint: who may come in, and with which token."""
