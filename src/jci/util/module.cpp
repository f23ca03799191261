// SPDX-License-Identifier: MIT
#include "jci/util/module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

#include "jci/util/assert.hpp"

namespace jci {
namespace {

/// Modules by file name. Never unloaded: their code may be on some stack until the very end.
class Modules {
 public:
  void* open(std::string_view file) {
    const std::lock_guard lock(mutex_);
    if (const auto known = handles_.find(file); known != handles_.end()) return known->second;
    const auto path = package_directory() / file;
    // Lazily bound: a run calls few of the thousands of functions behind a module. The linker has seen that each exists.
    void* handle = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (handle == nullptr)
      throw std::runtime_error(fmt::format("cannot load `{}`: {}", path.string(), dlerror()));
    return handles_.emplace(file, handle).first->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, void*, std::less<>> handles_;
};

}  // namespace

const std::filesystem::path& package_directory() {
  static const std::filesystem::path directory = [] {
    Dl_info self;
    JCI_ASSERT(dladdr(reinterpret_cast<const void*>(&package_directory), &self) != 0);
    return std::filesystem::canonical(self.dli_fname).parent_path();
  }();
  return directory;
}

void* load_symbol(std::string_view module_file, const char* symbol) {
  static Modules modules;
  void* address = dlsym(modules.open(module_file), symbol);
  if (address == nullptr)
    throw std::runtime_error(fmt::format("`{}` has no symbol `{}`", module_file, symbol));
  return address;
}

}  // namespace jci
