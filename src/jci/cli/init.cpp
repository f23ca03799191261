// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "jci/cli/commands.hpp"
#include "jci/core/errors.hpp"
#include "jci/repos/git.hpp"
#include "jci/setup/setup.hpp"
#include "jci/util/text.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;
using setup::Change;
using setup::Proposal;

struct InitFlags {
  bool yes = false;
  bool undo = false;
  std::string run_in = "jci";
  std::string push;
};

constexpr std::size_t k_subject_width = 26;

std::string_view verb_of(const Change& change) {
  if (std::holds_alternative<setup::AddedLines>(change) ||
      std::holds_alternative<setup::AddedBlock>(change))
    return "add to";
  if (std::holds_alternative<setup::Moved>(change)) return "move";
  if (std::holds_alternative<setup::Setting>(change)) return "set";
  return "make";
}

// A directory says nothing that its files do not.
bool is_listed(const Change& change) {
  return !std::holds_alternative<setup::NewDirectory>(change);
}

std::string detail_of(const Proposal& proposal) {
  if (const auto* lines = std::get_if<setup::AddedLines>(&proposal.change))
    return fmt::format("{}: {}", lines->lines.front(), proposal.purpose);
  if (const auto* moved = std::get_if<setup::Moved>(&proposal.change))
    return fmt::format("to {}, which is called first", moved->to.filename().string());
  if (const auto* setting = std::get_if<setup::Setting>(&proposal.change))
    return fmt::format("to `{}`: {}", setting->value, proposal.purpose);
  return proposal.purpose;
}

void print_line(std::string_view verb, const Change& change, const std::string& detail) {
  fmt::print("  {} {} {}\n", pad(verb, 7),
             pad(sanitize_line(setup::subject_of(change)), k_subject_width), detail);
}

void list(const std::vector<Proposal>& proposals) {
  for (const Proposal& proposal : proposals) {
    if (!is_listed(proposal.change)) continue;
    if (proposal.is_settled) {
      print_line("keep", proposal.change, "is there");
    } else {
      print_line(verb_of(proposal.change), proposal.change, detail_of(proposal));
    }
  }
}

bool agrees(const InitFlags& flags, std::string_view question) {
  if (flags.yes) return true;
  if (::isatty(STDIN_FILENO) == 0)
    throw BadConfig("nobody is there to ask; `-y` says yes to all of it");
  fmt::print("{} [Y/n] ", question);
  std::fflush(stdout);
  std::string answer;
  if (!std::getline(std::cin, answer)) return false;
  const auto said = trim(answer);
  return said.empty() || said == "y" || said == "Y" || said == "yes";
}

// What of the repository's files belongs into a commit beside what every repository gets.
std::string further_files(const setup::Proposals& proposals) {
  std::string names;
  for (const Proposal& proposal : proposals.changes) {
    const fs::path path = setup::subject_of(proposal.change);
    const fs::path top = *path.begin();
    const bool is_for_hook = std::holds_alternative<setup::AddedBlock>(proposal.change) ||
                             std::holds_alternative<setup::NewFile>(proposal.change);
    if (is_for_hook && path.is_relative() && top != "cicd" && top != "secrets" && top != ".git")
      names += " " + path.string();
  }
  return names;
}

void print_next_steps(const setup::Proposals& proposals) {
  if (!proposals.by_hand.empty()) fmt::print("\nBy hand: {}\n", proposals.by_hand);
  fmt::print(
      "\nNext: look at cicd/cicd.py, then\n"
      "  git add cicd secrets .gitignore .gitattributes{} && git commit -m \"Check what is "
      "pushed\"\n"
      "  git push\n"
      "`jci doctor` tells whether all is there that this needs.\n",
      further_files(proposals));
}

int set_up(const fs::path& root, const InitFlags& flags) {
  const setup::Wishes wishes{
      .run_in = flags.run_in == "container" ? setup::RunIn::container : setup::RunIn::jci,
      .push = flags.push};
  const auto proposals = setup::proposals_for(root, wishes);
  fmt::print("{}{}\n", root.string(),
             proposals.kind.empty() ? "" : fmt::format(", a {} project", proposals.kind));
  list(proposals.changes);
  if (std::ranges::all_of(proposals.changes, &Proposal::is_settled)) {
    fmt::print("All of it is there.\n");
    if (!proposals.by_hand.empty()) fmt::print("\nBy hand: {}\n", proposals.by_hand);
    return 0;
  }
  if (!agrees(flags, "Do this?")) {
    fmt::print("Nothing is changed.\n");
    return 1;
  }
  setup::Record record(root);
  for (const Proposal& proposal : proposals.changes) {
    if (proposal.is_settled) continue;
    setup::make(root, proposal.change);
    record.add(proposal.change);
  }
  print_next_steps(proposals);
  return 0;
}

int undo(const fs::path& root, const InitFlags& flags) {
  setup::Record record(root);
  if (record.changes().empty()) {
    fmt::print("`jci init` has changed nothing here.\n");
    return 0;
  }
  fmt::print("{}: takes back what `jci init` did, but not what you changed since\n", root.string());
  if (!agrees(flags, "Do this?")) {
    fmt::print("Nothing is changed.\n");
    return 1;
  }
  while (!record.changes().empty()) {
    const Change change = record.changes().back();
    const std::string done = setup::take_back(root, change);
    record.drop_last();
    if (is_listed(change) || done.starts_with("kept"))
      fmt::print("  {} {}\n", pad(sanitize_line(setup::subject_of(change)), k_subject_width), done);
  }
  return 0;
}

}  // namespace

void add_init(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "init", "Set this repository up: a pipeline that fits it, a hook that runs it at each push");
  auto flags = std::make_shared<InitFlags>();
  command->add_flag("-y,--yes", flags->yes, "Do not ask");
  command->add_option("--push", flags->push, "What pushes do: see `jci hook pre-push --help`")
      ->check(CLI::IsMember({"detach", "wait"}));
  command
      ->add_option("--run-in", flags->run_in,
                   "Where cicd/pre-push.sh has Jaypore CI run: as it is installed, or in an image")
      ->check(CLI::IsMember({"jci", "container"}))
      ->capture_default_str();
  command->add_flag("--undo", flags->undo, "Take back what `jci init` did here");
  command->footer(
      "Nothing that is there is changed, but for lines added to .gitignore and .gitattributes; a\n"
      "hook that is there is called first. May be run again, and then does what is missing.");
  command->callback([&exit_code, flags] {
    const fs::path root = git_root(fs::current_path());
    exit_code = flags->undo ? undo(root, *flags) : set_up(root, *flags);
  });
}

}  // namespace jci::cli
