// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cstdlib>
#include <system_error>

#include "jci/cli/secrets_commands.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

}  // namespace

fs::path repository_here() {
  const fs::path here = fs::current_path();
  std::error_code ignored;
  for (fs::path above = here;; above = above.parent_path()) {
    if (fs::exists(above / ".git", ignored)) {
      const fs::path relative = above.lexically_relative(here);
      return relative.empty() || relative == "." ? fs::path() : relative;
    }
    if (above == above.root_path()) return {};
  }
}

secrets::Environment environment_here(const std::string& name) {
  return {repository_here(), name, [](const char* variable) { return std::getenv(variable); }};
}

void make_secret_key(const secrets::Environment& environment) {
  const secrets::Identity key = environment.make_key();
  fmt::print(stderr, "`{}` is made: keep it out of git, and a copy of it in a safe place\n",
             environment.key_file().string());
  fmt::print("{}\n", key.recipient().text());
}

void add_secret_recipient(const secrets::Environment& environment, const std::string& text) {
  const auto recipient = secrets::Recipient::parse(text);
  const Fd lock = environment.lock();
  secrets::SopsDocument document = environment.open();
  if (!document.add_recipient(recipient)) {
    fmt::print("`{}` opens for {} already\n", environment.file().string(), recipient.text());
    return;
  }
  environment.save(document);
  fmt::print("`{}` opens for {} too\n", environment.file().string(), recipient.text());
}

void rotate_secrets(const secrets::Environment& environment,
                    const std::vector<std::string>& without) {
  std::vector<secrets::Recipient> gone;
  for (const std::string& text : without) gone.push_back(secrets::Recipient::parse(text));
  const Fd lock = environment.lock();
  secrets::SopsDocument document = environment.open();
  const std::size_t before = document.recipients().size();
  document.rotate(gone);
  if (document.recipients().size() + gone.size() > before)
    throw BadConfig(fmt::format("`{}` does not open for all that `--without` names",
                                environment.file().string()));
  environment.save(document);
  fmt::print("`{}` is encrypted anew; it opens for\n", environment.file().string());
  for (const std::string& recipient : document.recipients()) fmt::print("  {}\n", recipient);
}

}  // namespace jci::cli
