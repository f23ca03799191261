// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace jci::setup {

/// Where `cicd/pre-push.sh` has Jaypore CI run: on this machine, or in an image that has it.
enum class RunIn { jci, container };

/// The text of `cicd/pre-push.sh`, which the hook calls.
std::string pre_push_script(RunIn where);

/// The text of `hooks/pre-push` itself. It calls the hook that was there before, at `pre-push.before-jaypore`, first.
extern const std::string_view k_hook;
inline constexpr std::string_view k_hook_before = "pre-push.before-jaypore";

/// What a script that other tools keep as their hook begins with: calls us, and leaves its standard input as it was.
extern const std::string_view k_hook_block;

/// Whether a hook of this text calls us already.
bool calls_us(std::string_view hook);

}  // namespace jci::setup
