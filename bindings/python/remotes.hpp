// SPDX-License-Identifier: MIT
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>

#include "backends.hpp"

namespace jci::python {

// The built-in remotes as Python holds them, a type each, so that each is shown as the class that users write.
struct EmailHandle : NativeRemote {};
struct GitRemoteHandle : NativeRemote {};
struct MockRemoteHandle : NativeRemote {};
struct GiteaHandle : NativeRemote {};
struct GithubHandle : NativeRemote {};
struct WhenHandle : NativeRemote {};
struct GitlabHandle : NativeRemote {};
struct TelegramHandle : NativeRemote {};
struct WebhookHandle : NativeRemote {};
struct FileHandle : NativeRemote {};
struct StdoutHandle : NativeRemote {};

/// Gitea, Github and Gitlab.
void bind_forges(pybind11::module_& module);
/// Telegram, Webhook, File and Stdout.
void bind_messages(pybind11::module_& module);

/// Throws BadConfig unless it is between 0 and a day. `setting` is its name.
std::chrono::milliseconds to_milliseconds(double seconds, const char* setting);

}  // namespace jci::python
