// SPDX-License-Identifier: MIT
#include <cstdio>
#include <string_view>

#include "jci/util/module.hpp"
#include "jci/version.hpp"

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    std::printf("jci %s\n", JCI_VERSION);
    return 0;
  }
  std::fprintf(stderr, "usage: jci --version (package in %s)\n", jci::package_directory().c_str());
  return 2;
}
