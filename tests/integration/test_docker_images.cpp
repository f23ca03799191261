// SPDX-License-Identifier: MIT
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "engine_fixture.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

/// A tar of one empty directory, `name`: a head of 512 bytes (POSIX ustar) and the two empty blocks of the end.
std::string tar_of_directory(const std::string& name) {
  std::string head(512, '\0');
  const auto put = [&](std::size_t at, std::string_view text) {
    head.replace(at, text.size(), text);
  };
  put(0, name);
  put(100, "0000755");
  put(108, "0000000");
  put(116, "0000000");
  put(124, "00000000000");
  put(136, "00000000000");
  put(148, "        ");
  put(156, "5");
  put(257, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  head[154] = '\0';
  return head + std::string(1024, '\0');
}

class DockerImages : public OnEngine {
 protected:
  const ProgressSink ignore_ = [](const json::object&) {};
};

TEST_F(DockerImages, AreKnownByTheirId) {
  const Image image = must(client_.inspect_image("busybox:local"));
  EXPECT_THAT(image.id, testing::StartsWith("sha256:"));
  EXPECT_THAT(image.repo_digests, IsEmpty());
  EXPECT_EQ(image.details.at("Os").as_string(), "linux");
}

TEST_F(DockerImages, ThatAreMissingAreToldAsSuch) {
  EXPECT_TRUE(error_of(client_.inspect_image("no/such:1")).has_status(404));
  EXPECT_TRUE(error_of(client_.remove_image("no/such:1", false)).has_status(404));
}

TEST_F(DockerImages, AreMadeFromATar) {
  const ImportRequest request{.repository = "jci-test-import",
                              .tag = "1",
                              .changes = {"CMD [\"/holder\"]", "LABEL " + label()}};
  const std::string id = must(client_.import_image(request, tar_of_directory("holder/")));
  const Image image = must(client_.inspect_image("jci-test-import:1"));
  EXPECT_EQ(image.id, id);
  EXPECT_EQ(json::serialize(image.details.at("Config").at("Cmd")), R"(["/holder"])");
  must(client_.remove_image(id, true));
}

TEST_F(DockerImages, AreNotMadeFromSomethingElse) {
  const ImportRequest request{.repository = "jci-test-import", .tag = "2"};
  const Error error = error_of(client_.import_image(request, std::string(2000, 'x')));
  EXPECT_EQ(error.kind, Error::Kind::refused) << error.text;
}

TEST_F(DockerImages, WithABadNameAreNotPulled) {
  const PullRequest request{.image = "UPPER", .tag = "1"};
  EXPECT_TRUE(error_of(client_.pull(request, ignore_)).has_status(400));
}

TEST_F(DockerImages, OfARegistryThatIsDownAreNotPulled) {
  const PullRequest request{.image = "127.0.0.1:1/a", .tag = "1"};
  const Error error = error_of(client_.pull(request, ignore_));
  EXPECT_EQ(error.kind, Error::Kind::refused);
  EXPECT_THAT(error.text, HasSubstr("connection refused"));
}

/// Beside a registry of tests/engine/with-registry, which wants `jci` and `secret`, with the image <registry>/a/b:1 in it.
class DockerRegistry : public DockerImages {
 protected:
  void SetUp() override {
    DockerImages::SetUp();
    const char* registry = std::getenv("REGISTRY");
    if (registry == nullptr) GTEST_SKIP() << "there is no registry";
    image_ = std::string(registry) + "/a/b";
    const std::string push = fmt::format(
        "docker login -u jci -p secret {0} >/dev/null 2>&1 && docker tag busybox:local {1}:1 && "
        "docker push -q {1}:1 "
        ">/dev/null && docker rmi {1}:1 >/dev/null",
        registry, image_);
    ASSERT_EQ(std::system(push.c_str()), 0);
  }

  std::string image_;
  // {"username":"jci","password":"secret"}, and with "wrong"
  const std::string right_ = "eyJ1c2VybmFtZSI6ImpjaSIsInBhc3N3b3JkIjoic2VjcmV0In0=";
  const std::string wrong_ = "eyJ1c2VybmFtZSI6ImpjaSIsInBhc3N3b3JkIjoid3JvbmcifQ==";
};

TEST_F(DockerRegistry, GivesImagesToThoseWhoMayHaveThem) {
  std::vector<std::string> told;
  const ProgressSink keep = [&](const json::object& progress) {
    told.emplace_back(progress.at("status").as_string());
  };
  must(client_.pull({.image = image_, .tag = "1", .auth = right_}, keep));
  EXPECT_THAT(told, Contains("Pulling from a/b"));
  const Image image = must(client_.inspect_image(image_ + ":1"));
  EXPECT_THAT(image.repo_digests, Contains(testing::StartsWith(image_ + "@sha256:")));
  must(client_.remove_image(image_ + ":1", true));
}

TEST_F(DockerRegistry, RefusesOthers) {
  const Error nobody = error_of(client_.pull({.image = image_, .tag = "1"}, ignore_));
  EXPECT_EQ(nobody.kind, Error::Kind::refused);
  EXPECT_THAT(nobody.text, HasSubstr("no basic auth credentials"));
  const Error wrong =
      error_of(client_.pull({.image = image_, .tag = "1", .auth = wrong_}, ignore_));
  EXPECT_EQ(wrong.kind, Error::Kind::refused);
  EXPECT_THAT(wrong.text, HasSubstr("unauthorized"));
}

TEST_F(DockerRegistry, HasNotWhatWasNeverPushed) {
  const PullRequest request{.image = image_, .tag = "nope", .auth = right_};
  EXPECT_TRUE(error_of(client_.pull(request, ignore_)).has_status(404));
}

}  // namespace
}  // namespace jci::docker
