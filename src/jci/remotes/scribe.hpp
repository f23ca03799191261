// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "jci/core/status.hpp"
#include "jci/util/side_process.hpp"

namespace jci::remotes {

/// The program that stored our reports is of no more use, for a reason that was not to be foreseen.
struct ScribeGone : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The program `jci-scribe` (scribe/main.cpp), which stores the reports of one commit in its repository. Calls come from one thread, but for
/// `interrupt`.
class Scribe {
 public:
  /// Throws RemoteApiFailed where it cannot be started.
  Scribe(const std::filesystem::path& repository, const std::string& sha);
  /// It ends by itself, when it has written what it has begun to write.
  ~Scribe();
  Scribe(const Scribe&) = delete;
  Scribe& operator=(const Scribe&) = delete;

  /// Returns when `report` is stored. Throws RemoteApiFailed with the reason why it is not, ScribeGone.
  void store(const std::string& report, Status status);

  /// `store` fails soon, now and from now on.
  void interrupt();

 private:
  void send(std::string_view bytes);
  void receive(char* bytes, std::size_t size);
  void await(short what);

  SideProcess beside_;
};

}  // namespace jci::remotes
