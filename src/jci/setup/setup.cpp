// SPDX-License-Identifier: MIT
#include "jci/setup/setup.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <variant>

#include "jci/core/config_files.hpp"
#include "jci/core/errors.hpp"
#include "jci/secrets/shell.hpp"
#include "jci/setup/git_config.hpp"
#include "jci/setup/hook_place.hpp"
#include "jci/setup/project_kind.hpp"
#include "jci/util/atomic_file.hpp"
#include "jci/util/files.hpp"

namespace jci::setup {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// A ssh that says nothing for 20 seconds tells the server that it still is there.
constexpr const char* k_lasting_ssh = "ssh -o ServerAliveInterval=20 -o ServerAliveCountMax=45";

void propose_push(const Wishes& wishes, std::vector<Proposal>& changes) {
  if (wishes.push.empty()) return;
  changes.push_back({Setting{"jaypore.push", wishes.push},
                     wishes.push == "wait" ? "a push waits until its commits have passed"
                                           : "a push does not wait for its check"});
  if (wishes.push == "wait")
    changes.push_back({Setting{"core.sshCommand", k_lasting_ssh}, "keeps the connection alive"});
}

// A file's place is free once another change has moved away what is there.
bool is_freed(const Change& change, const std::vector<Proposal>& before) {
  const auto* const file = std::get_if<NewFile>(&change);
  return file != nullptr && std::ranges::any_of(before, [&](const Proposal& proposal) {
           const auto* const moved = std::get_if<Moved>(&proposal.change);
           return moved != nullptr && moved->from == file->path && !proposal.is_settled;
         });
}

void settle(const fs::path& root, std::vector<Proposal>& proposals) {
  for (Proposal& proposal : proposals)
    proposal.is_settled =
        is_settled(root, proposal.change) && !is_freed(proposal.change, proposals);
}

}  // namespace

Proposals proposals_for(const fs::path& root, const Wishes& wishes) {
  const ProjectKind kind = kind_of(root);
  Proposals all{.kind = kind.name, .changes = {}, .by_hand = {}};
  auto& changes = all.changes;
  changes.push_back({NewDirectory{"cicd"}, {}});
  if (!fs::exists(root / k_config_files[1]))  // a new one in Python would come before it
    changes.push_back(
        {NewFile{k_config_files[0], config_for(kind, fs::weakly_canonical(root).filename())},
         "the pipeline: yours to edit"});
  changes.push_back(
      {NewFile{"cicd/Dockerfile", kind.dockerfile}, "the image that its jobs run in"});
  changes.push_back(
      {NewFile{"cicd/pre-push.sh", pre_push_script(wishes.run_in), true}, "what a push runs"});
  changes.push_back({NewDirectory{"secrets"}, {}});
  changes.push_back({NewDirectory{"secrets/bin"}, {}});
  changes.push_back(
      {NewFile{"secrets/bin/edit_env.sh", std::string(secrets::k_edit_env_script), true},
       "edits secrets"});
  changes.push_back(
      {NewFile{"secrets/bin/set_env.sh", std::string(secrets::k_set_env_script), true},
       "exports them, to be sourced"});
  // Before the key: it never lies there without being ignored.
  changes.push_back({added_lines(root, ".gitignore", {"secrets/*.key"}), "keys stay out of git"});
  changes.push_back({added_lines(root, ".gitattributes", {"secrets/*.enc diff=jci-secrets"}),
                     "readable diffs of secrets"});
  changes.push_back({Setting{"diff.jci-secrets.textconv", "jci secrets textconv"},
                     "shows who has a key what is in them"});
  changes.push_back(
      {NewKey{"secrets/ci.key"}, "opens secrets/ci.enc: keep a copy in a safe place"});
  propose_push(wishes, changes);
  HookPlace place = hook_place(root);
  for (Change& change : place.changes)
    changes.push_back({std::move(change), "git calls it at each push"});
  all.by_hand = std::move(place.by_hand);
  settle(root, changes);
  return all;
}

Record::Record(const fs::path& root) : file_(git_common_directory(root) / "jaypore/init.json") {
  const std::string text = contents_of(file_);
  if (text.empty()) return;
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_array())
    throw BadConfig(
        fmt::format("`{}`, which says what `jci init` did, is damaged: {}; remove it to "
                    "begin anew",
                    file_.string(), error ? error.message() : "it is no list"));
  for (const json::value& entry : value.get_array())
    changes_.push_back(from_record(entry.is_object() ? entry.get_object() : json::object()));
}

void Record::add(const Change& change) {
  changes_.push_back(change);
  write();
}

void Record::drop_last() {
  changes_.pop_back();
  write();
}

void Record::write() const {
  if (changes_.empty()) {
    fs::remove(file_);
    std::error_code not_ours_alone;
    fs::remove(file_.parent_path(), not_ours_alone);
    return;
  }
  json::array records;
  for (const Change& change : changes_) records.push_back(to_record(change));
  fs::create_directories(file_.parent_path());
  write_atomically(file_, json::serialize(records) + "\n", 0600);
}

}  // namespace jci::setup
