// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "jci/executors/docker/git_objects.hpp"
#include "jci/util/temporary_directory.hpp"

namespace jci::docker {
namespace {

namespace fs = std::filesystem;

class DockerGitObjects : public testing::Test {
 protected:
  /// The directory of a repository's objects, which borrows as `alternates` says.
  fs::path repository(const std::string& name, const std::string& alternates) const {
    const fs::path objects = here.path() / name / ".git/objects";
    fs::create_directories(objects / "info");
    if (!alternates.empty()) std::ofstream(objects / "info/alternates") << alternates;
    return objects;
  }
  std::set<fs::path> borrowed_by(const std::string& name) const {
    return borrowed_objects(here.path() / name);
  }

  const TemporaryDirectory here{"git-objects"};
};

TEST_F(DockerGitObjects, AreNoneWhereNothingIsBorrowed) {
  repository("alone", "");
  EXPECT_EQ(borrowed_by("alone"), std::set<fs::path>());
  EXPECT_EQ(borrowed_by("no-repository"), std::set<fs::path>());
}

TEST_F(DockerGitObjects, AreThoseOfTheOthersToo) {
  const fs::path first = repository("first", "");
  const fs::path second = repository("second", "# shared by all\n../../../first/.git/objects/\n");
  repository("work", second.string() + "\n/no/such/objects\n");
  EXPECT_EQ(borrowed_by("work"), (std::set{first, second}));
}

TEST_F(DockerGitObjects, AreToldWhereTwoBorrowFromEachOther) {
  const fs::path first = repository("first", "../../../second/.git/objects");
  const fs::path second = repository("second", "../../../first/.git/objects");
  EXPECT_EQ(borrowed_by("first"), (std::set{first, second}));
}

}  // namespace
}  // namespace jci::docker
