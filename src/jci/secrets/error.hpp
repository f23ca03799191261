// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "jci/core/errors.hpp"

namespace jci::secrets {

/// What is wrong with secrets, for code; the message says it to people.
enum class Problem {
  no_file,      ///< there is no `.enc` of that name
  no_key,       ///< no key was found at all
  unsafe_key,   ///< others may read the key's file
  wrong_key,    ///< keys were found, and none of them opens the file
  malformed,    ///< a key, a recipient, a file or a line of one is not what it has to be
  conflict,     ///< git's conflict markers are in the file
  tampered,     ///< something was changed by one who has no key, or is missing
  unsupported,  ///< well-formed, but only sops or age can handle it
};

struct Error : BadConfig {
  Error(Problem what, const std::string& message) : BadConfig(message), problem(what) {}

  Problem problem;
};

}  // namespace jci::secrets
