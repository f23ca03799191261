// SPDX-License-Identifier: MIT
#include "jci/secrets/wiped.hpp"

#include <string.h>

namespace jci::secrets {

void wipe(std::string& text) {
  text.resize(text.capacity());  // what a longer text left behind too; allocates nothing
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace jci::secrets
