// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

#include "jci/util/module.hpp"

namespace jci {
namespace {

TEST(Module, FindsTheDirectoryItsOwnLibraryLiesIn) {
  EXPECT_TRUE(package_directory().is_absolute());
  EXPECT_TRUE(std::filesystem::exists(package_directory() / "libjci_core.so"));
}

TEST(Module, NamesTheFileThatItCannotLoad) {
  const auto load = [] { load_symbol("libjci_nowhere.so", "make"); };
  const auto path = (package_directory() / "libjci_nowhere.so").string();
  EXPECT_THAT(load, testing::ThrowsMessage<std::runtime_error>(
                        "cannot load `" + path + "`: " + path +
                        ": cannot open shared object file: No such file or directory"));
}

TEST(Module, NamesTheSymbolThatAModuleLacks) {
  const auto load = [] { load_symbol("libjci_core.so", "no_such_symbol"); };
  EXPECT_THAT(load, testing::ThrowsMessage<std::runtime_error>(
                        "`libjci_core.so` has no symbol `no_such_symbol`"));
}

}  // namespace
}  // namespace jci
