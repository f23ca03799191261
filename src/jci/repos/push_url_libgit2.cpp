// SPDX-License-Identifier: MIT
#include "jci/repos/push_url_libgit2.hpp"

#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace jci {
namespace {

/// An url that starts with `prefix` gets `base` in its place.
struct Rewrite {
  std::string base;
  std::string prefix;
};

struct Urls {
  std::vector<std::string> fetch;
  std::vector<std::string> push;
};

/// `section.middle.key` in its three parts; the middle may hold dots.
struct Name {
  explicit Name(std::string_view text) : section(text.substr(0, text.find('.'))) {
    const auto last = text.rfind('.');
    key = text.substr(last + 1);
    if (last > section.size()) middle = text.substr(section.size() + 1, last - section.size() - 1);
  }
  std::string_view section;
  std::string_view middle;
  std::string_view key;
};

class Settings {
 public:
  explicit Settings(git_repository* repository) {
    const auto config = git::make<git::Config>(git_repository_config_snapshot, repository);
    const auto entries = git::make<git::ConfigIterator>(git_config_iterator_new, config.get());
    git_config_entry* entry = nullptr;
    while (git_config_next(&entry, entries.get()) == 0)
      if (entry->value != nullptr) add(Name(entry->name), entry->value);
  }

  std::string push_url() const {
    const auto origin = remotes_.find("origin");
    const auto remote = origin != remotes_.end() ? origin : remotes_.begin();
    if (remote == remotes_.end()) return {};
    const auto& [fetch, push] = remote->second;
    if (!push.empty()) return rewritten(push.front(), instead_of_).value_or(push.front());
    const auto& url = fetch.front();
    if (auto special = rewritten(url, push_instead_of_)) return *special;
    return rewritten(url, instead_of_).value_or(url);
  }

 private:
  void add(const Name& name, const char* value) {
    const std::string middle(name.middle);
    if (name.section == "remote" && name.key == "url") remotes_[middle].fetch.emplace_back(value);
    if (name.section == "remote" && name.key == "pushurl")
      remotes_[middle].push.emplace_back(value);
    if (name.section == "url" && name.key == "insteadof") instead_of_.push_back({middle, value});
    if (name.section == "url" && name.key == "pushinsteadof")
      push_instead_of_.push_back({middle, value});
  }

  /// By the longest prefix; nothing where none fits.
  static std::optional<std::string> rewritten(const std::string& url,
                                              const std::vector<Rewrite>& rewrites) {
    const Rewrite* best = nullptr;
    for (const auto& rewrite : rewrites)
      if (url.starts_with(rewrite.prefix) &&
          (best == nullptr || rewrite.prefix.size() > best->prefix.size()))
        best = &rewrite;
    if (best == nullptr) return std::nullopt;
    return best->base + url.substr(best->prefix.size());
  }

  std::map<std::string, Urls> remotes_;
  std::vector<Rewrite> instead_of_;
  std::vector<Rewrite> push_instead_of_;
};

}  // namespace

std::string push_url(git_repository* repository) { return Settings(repository).push_url(); }

}  // namespace jci
