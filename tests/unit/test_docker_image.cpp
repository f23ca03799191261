// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "jci/executors/docker/image.hpp"

namespace jci::docker {

// For messages of tests.
std::ostream& operator<<(std::ostream& out, const ImageName& name) {
  return out << name.registry << ' ' << name.repository << ' ' << name.tag << ' ' << name.digest
             << ' ' << name.id;
}

namespace {

const std::string k_hex(64, 'a');
const std::string k_digest = "sha256:" + k_hex;

ImageName parsed(std::string_view text) {
  const auto name = parse_image(text);
  return name ? *name
              : ImageName{
                    .registry = name.error(), .repository = {}, .tag = {}, .digest = {}, .id = {}};
}

std::string complaint(std::string_view text) {
  const auto name = parse_image(text);
  return name ? "" : name.error();
}

TEST(ParseImage, FillsInWhatTheDockerCommandWould) {
  EXPECT_EQ(parsed("python"), (ImageName{"docker.io", "library/python", "latest", "", ""}));
  EXPECT_EQ(parsed("python:3.11"), (ImageName{"docker.io", "library/python", "3.11", "", ""}));
  EXPECT_EQ(parsed("arjoonn/jci"), (ImageName{"docker.io", "arjoonn/jci", "latest", "", ""}));
  EXPECT_EQ(parsed("docker.io/python"),
            (ImageName{"docker.io", "library/python", "latest", "", ""}));
  EXPECT_EQ(parsed("index.docker.io/a/b"), (ImageName{"docker.io", "a/b", "latest", "", ""}));
}

TEST(ParseImage, KnowsARegistryByItsDotPortOrName) {
  EXPECT_EQ(parsed("ghcr.io/a/b/c:1"), (ImageName{"ghcr.io", "a/b/c", "1", "", ""}));
  EXPECT_EQ(parsed("localhost/a"), (ImageName{"localhost", "a", "latest", "", ""}));
  EXPECT_EQ(parsed("localhost:5000/a:b"), (ImageName{"localhost:5000", "a", "b", "", ""}));
  EXPECT_EQ(parsed("registry:5000/a"), (ImageName{"registry:5000", "a", "latest", "", ""}));
  EXPECT_EQ(parsed("[::1]:5000/a"), (ImageName{"[::1]:5000", "a", "latest", "", ""}));
  EXPECT_EQ(parsed("Host/a"), (ImageName{"Host", "a", "latest", "", ""}));
  EXPECT_EQ(parsed("team/a"), (ImageName{"docker.io", "team/a", "latest", "", ""}));
}

TEST(ParseImage, KeepsDigestsAndIds) {
  EXPECT_EQ(parsed("a@" + k_digest), (ImageName{"docker.io", "library/a", "", k_digest, ""}));
  EXPECT_EQ(parsed("a:1@" + k_digest), (ImageName{"docker.io", "library/a", "1", k_digest, ""}));
  EXPECT_EQ(parsed(k_digest), (ImageName{"", "", "", "", k_digest}));
  EXPECT_EQ(parsed(k_hex), (ImageName{"", "", "", "", k_digest}));
}

TEST(ParseImage, TakesAllThatMayStandBetweenLettersOfAPath) {
  for (const auto* text : {"a.b", "a_b", "a__b", "a---b", "0/1", "a-b/c.d_e"})
    EXPECT_EQ(complaint(text), "");
  for (const auto* text :
       {"", "-a", "a-", "a..b", "a___b", "a._b", "a//b", "/a", "a b", "a\n", "\xc3\xa9"})
    EXPECT_TRUE(complaint(text).contains("is no repository name: ")) << text;
}

TEST(ParseImage, SaysWhatIsWrong) {
  EXPECT_EQ(complaint("Python"),
            "is `Python`, which names no image: the repository name `library/Python` must be in "
            "lower case");
  EXPECT_EQ(
      complaint("a:b:c"),
      "is `a:b:c`, which names no image: `library/a:b` is no repository name: write letters and "
      "digits with single `.`, `_` or `-` between them, and `/`");
  EXPECT_EQ(complaint("a:"),
            "is `a:`, which names no image: `` is no tag: write at most 128 letters, digits, `_`, "
            "`.` or `-`");
  EXPECT_EQ(complaint("a@sha256:12"),
            "is `a@sha256:12`, which names no image: `sha256:12` is no digest: write \"@sha256:\" "
            "and 64 hexadecimal digits");
  EXPECT_EQ(complaint("-x.io/a"),
            "is `-x.io/a`, which names no image: `-x.io` is no registry's address");
  EXPECT_EQ(complaint("x.io:/a"),
            "is `x.io:/a`, which names no image: `x.io:` is no registry's address");
  EXPECT_TRUE(complaint("a:" + std::string(129, 'x'))
                  .ends_with("is no tag: write at most 128 letters, digits, `_`, `.` or `-`"));
  EXPECT_EQ(complaint(std::string(237, 'x')), "");
  EXPECT_TRUE(complaint(std::string(238, 'x')).ends_with("its name is longer than 255 characters"));
}

TEST(ImageName, SaysWhatToPull) {
  EXPECT_EQ(parsed("python:3").pull_name(), "library/python");
  EXPECT_EQ(parsed("ghcr.io/a/b").pull_name(), "ghcr.io/a/b");
  EXPECT_EQ(parsed("docker.io/a.user/b").pull_name(), "docker.io/a.user/b");
  EXPECT_EQ(parsed("python:3").pull_tag(), "3");
  EXPECT_EQ(parsed("python:3@" + k_digest).pull_tag(), k_digest);
}

}  // namespace
}  // namespace jci::docker
