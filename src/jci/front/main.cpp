// SPDX-License-Identifier: MIT
// The program `jci`. It tells its version at once, as scripts ask for it often, and loads the command line, with all the libraries that
// come with that, for anything else.
#include <dlfcn.h>

#include <cstdio>
#include <cstring>

#include "jci/cli/command_line.hpp"

namespace {

constexpr int k_could_not_run = 1;

int cannot_load() {
  std::fprintf(stderr, "jci: error: this installation is not whole, install it again: %s\n",
               dlerror());
  return k_could_not_run;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0)
    return std::puts(jci::cli::k_version) >= 0 && std::fflush(stdout) == 0 ? 0 : k_could_not_run;
  // Found where this program's RUNPATH says. Bound lazily: a command calls few of the functions behind it.
  void* command_line = dlopen("libjci_cli.so", RTLD_LAZY | RTLD_LOCAL);
  if (command_line == nullptr) return cannot_load();
  auto* run =
      reinterpret_cast<decltype(&jci_command_line)>(dlsym(command_line, "jci_command_line"));
  if (run == nullptr) return cannot_load();
  return run(argc, argv);
}
