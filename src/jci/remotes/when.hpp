// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jci/core/remote.hpp"
#include "jci/core/repo.hpp"

namespace jci {

/// Whether a text is the one meant. An empty one does not restrict.
using Filter = std::function<bool(const std::string&)>;

/// A text that one of `patterns` fits: `*` any characters, also `/`; `?` one; `[a-z]` one of these.
Filter one_of(std::vector<std::string> patterns, bool ignore_case = false);

/// When a remote is told. All that is said must hold.
struct Occasion {
  /// How the pipeline stands; with `stage` or `job`, how one of those jobs does.
  std::function<bool(Status)> status = {};
  Filter branch = {};
  Filter author = {};   ///< of the commit: "Name <mail@example.org>", or either part alone
  Filter stage = {};    ///< a job of this stage has ended, or stands as `status` says
  Filter job = {};      ///< this job has ended, or stands as `status` says
  Filter changed = {};  ///< one of the files that the commit changes
  std::function<std::vector<std::string>()> files_changed = {};  ///< asked at most once
  /// Only the end of a run that passed where the one before did not, or the other way round; a first run counts as one after a passed one.
  bool only_change = false;
};

/// "failed", "PASSED", ...: the status that a config names. Throws BadConfig.
Status wanted_status(const std::string& name);

/// Whether a status is one of those meant: FAILED means TIMEOUT too.
std::function<bool(Status)> one_of_statuses(std::vector<Status> wanted);

/// Those that differ from `revision`; where that is empty, those that the commit changes. Fails as `Remote::publish` does.
std::function<std::vector<std::string>()> files_changed_since(std::shared_ptr<const Repo> repo,
                                                              const std::string& revision);

/// `remote`, told on that occasion only, in the words of `reporter` where there is one.
std::shared_ptr<Remote> make_when_remote(std::shared_ptr<Remote> remote, Occasion occasion,
                                         std::shared_ptr<Reporter> reporter = nullptr);

}  // namespace jci
