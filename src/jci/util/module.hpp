// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <filesystem>
#include <string_view>

namespace jci {

/// The directory that holds the shared objects and helper programs of this installation
/// (`libjci_core.so`, `libjci_git.so`, `jci-supervise` ...): the one this very code was loaded
/// from. Absolute; found once.
const std::filesystem::path& package_directory();

/// The address of `symbol` in `module_file` (such as `libjci_git.so`) of `package_directory()`.
///
/// The module is loaded by the first call and stays for the life of the process. Safe from any
/// thread. Throws std::runtime_error naming the file and the loader's reason.
void* load_symbol(std::string_view module_file, const char* symbol);

/// The table of functions that a module exports; loaded when it is first used, which may throw as `load_symbol` does.
template <class Table>
class Module {
 public:
  constexpr Module(const char* file, const char* symbol) : file_(file), symbol_(symbol) {}

  const Table* operator->() const { return load(); }

  const Table* load() const {
    const Table* table = table_.load(std::memory_order_acquire);
    if (table == nullptr) {
      table = static_cast<const Table*>(load_symbol(file_, symbol_));  // the same for all threads
      table_.store(table, std::memory_order_release);
    }
    return table;
  }

 private:
  const char* file_;
  const char* symbol_;
  mutable std::atomic<const Table*> table_ = nullptr;
};

}  // namespace jci
