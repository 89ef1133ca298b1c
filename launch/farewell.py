"""What a person needs to know once everything runs."""

from __future__ import annotations

import json

from launch.console import BOLD, Console
from launch.settings import LaunchSettings


def show(console: Console, settings: LaunchSettings, *, has_new_accounts: bool) -> None:
    """Prints the address, the accounts and what to look at; passwords only the first time."""
    address = settings.address
    console.line()
    console.line(f"平台已就绪  The platform is ready:  {address}", style=BOLD)
    console.line(f"  接口文档  API documentation:   {address}/api/docs")
    console.line(f"  接口目录  Discovery document:  {address}/api")
    console.line(f"  日志      Logs:                {settings.log_dir}")
    entries = json.loads(settings.accounts_file.read_text("utf-8"))
    console.line("  账号      Accounts:")
    for account in entries["accounts"]:
        _entry(console, account["username"], account["password"] if has_new_accounts else None, account["roles"])
    console.line("  客户端    Clients:")
    for client in entries["clients"]:
        if not client["client_id"].startswith("service-"):
            _entry(console, client["client_id"], client["secret"] if has_new_accounts else None, client["roles"])
    console.line(f"  口令与密钥保存于  Passwords and secrets are kept in:  {settings.accounts_file}")
    console.line("  按 Ctrl-C 停止  Press Ctrl-C to stop")


def _entry(console: Console, name: str, secret: str | None, roles: list[str]) -> None:
    console.line(f"    {name:<16} {secret or '':<22} {', '.join(roles)}".rstrip())
