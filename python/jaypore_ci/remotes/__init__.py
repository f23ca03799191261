# SPDX-License-Identifier: MIT
"""Where reports are published to.

`GitRemote` in git itself; `Gitea`, `Github` and `Gitlab` in a pull request; `Email`, `Telegram` and `Webhook` as messages; `File` and
`Stdout` on this machine; `Mock` in a test. `When` tells one of them on some occasions only. To write one, see `interfaces.Remote`.
"""

from __future__ import annotations

from jaypore_ci.remotes.email import Email
from jaypore_ci.remotes.file import File, Stdout
from jaypore_ci.remotes.git import GitRemote
from jaypore_ci.remotes.gitea import Gitea
from jaypore_ci.remotes.github import Github
from jaypore_ci.remotes.gitlab import Gitlab
from jaypore_ci.remotes.mock import Mock
from jaypore_ci.remotes.telegram import Telegram
from jaypore_ci.remotes.webhook import Webhook
from jaypore_ci.remotes.when import When

__all__ = ["Email", "File", "GitRemote", "Gitea", "Github", "Gitlab", "Mock", "Stdout", "Telegram", "Webhook", "When"]
