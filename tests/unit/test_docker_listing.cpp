// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "jci/executors/docker/listing.hpp"
#include "temporary_directory.hpp"

namespace jci::docker {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class Listings : public testing::Test {
 protected:
  Listings() {
    fs::create_directories(at("folder/inside"));
    write("file", "one");
    write("folder/file", "two");
    fs::create_symlink("file", at("link"));
    before_ = list_directory(top_.path());
  }
  fs::path at(const std::string& name) const { return top_.path() / name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(at(name)) << text;
  }
  Difference since() const { return difference(list_directory(top_.path()), before_); }

  TemporaryDirectory top_;
  Listing before_;
};

TEST_F(Listings, NameFilesFoldersAndLinksAndNothingElse) {
  ::mkfifo(at("fifo").c_str(), 0600);
  std::vector<std::string> names;
  for (const auto& [name, facts] : list_directory(top_.path())) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("", "file", "folder", "folder/file", "folder/inside", "link"));
}

TEST_F(Listings, KnowHowManyBytesTheyAre) {
  EXPECT_EQ(bytes_of(before_), 3U + 3U + 4U);  // the link's is the length of its target
}

TEST_F(Listings, OfTheSameAreTheSame) { EXPECT_TRUE(since().empty()); }

TEST_F(Listings, DifferWhereSomethingWasWrittenEvenIfItLooksTheSame) {
  const auto time = fs::last_write_time(at("file"));
  write("file", "ONE");
  fs::last_write_time(at("file"), time);
  EXPECT_THAT(since().changed, ElementsAre("file"));
  EXPECT_THAT(since().gone, IsEmpty());
}

TEST_F(Listings, DifferWhereAModeDoesOrALink) {
  ::chmod(at("folder").c_str(), 0700);
  fs::remove(at("link"));
  fs::create_symlink("elsewhere", at("link"));
  EXPECT_THAT(since().changed, ElementsAre("folder", "link"));
}

TEST_F(Listings, TellParentsBeforeWhatIsInThem) {
  fs::create_directories(at("new/deep"));
  write("new/deep/file", "three");
  fs::remove_all(at("folder"));
  EXPECT_THAT(since().changed, ElementsAre("new", "new/deep", "new/deep/file"));
  EXPECT_THAT(since().gone, ElementsAre("folder", "folder/file", "folder/inside"));
}

TEST_F(Listings, AreReadAsTheyWereWritten) {
  write("odd\nname\t", "");
  const Listing listing = list_directory(top_.path());
  EXPECT_EQ(read_listing(to_text(listing)), listing);
}

TEST_F(Listings, AreNotReadWhereTheyAreDamagedOrOfAnotherVersion) {
  const std::string text = to_text(before_);
  for (const std::string& damaged :
       {std::string(), std::string("jaypore-ci-listing 0\0", 21), text.substr(0, text.size() - 1)})
    EXPECT_EQ(read_listing(damaged), std::nullopt);
}

}  // namespace
}  // namespace jci::docker
