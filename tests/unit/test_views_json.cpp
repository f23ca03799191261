// SPDX-License-Identifier: MIT
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jci/views/json.hpp"
#include "told_run.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::ToldRun;
using testing::WrittenText;

class JsonLines : public ::testing::Test {
 protected:
  /// What was written since the last call.
  std::string written() {
    loop.poll();
    loop.restart();
    const auto all = sink.text();
    return all.substr(std::exchange(seen_, all.size()));
  }

  WrittenText sink;
  boost::asio::io_context loop;
  std::unique_ptr<JsonView> view = make_json_view(loop.get_executor(), sink.fd());
  ToldRun run{*view};

 private:
  std::size_t seen_ = 0;
};

TEST_F(JsonLines, BeginWithTheRunAndItsPlan) {
  run.info.commit_message = "Fix \"it\"\n";
  run.info.workspace = "/tmp/w";
  run.start();
  EXPECT_EQ(
      written(),
      R"({"v":1,"event":"run_started","at":"2026-11-28T12:03:04.000Z","run":"k3j90x2v1a",)"
      R"("sha":"edcb193bae3a9fcd2d0c9c2bd2e5b2e4b6d34f4b","branch":"main","remote":null,)"
      R"("commit_message":"Fix \"it\"\n","executor":"shell","repo_root":null,"workspace":"/tmp/w",)"
      R"("config":null,"dirty":false,"stages":[{"name":"Pipeline","jobs":[)"
      R"({"name":"Redis","command":null,"image":"arjoonn/jci","is_service":true,"timeout_ms":900000,"depends_on":[],"env":[]},)"
      R"({"name":"Black","command":"black --check .","image":"arjoonn/jci","is_service":false,"timeout_ms":900000,"depends_on":[],"env":[]},)"
      R"({"name":"IntTest","command":"run int_test.sh","image":"arjoonn/jci","is_service":false,"timeout_ms":900000,"depends_on":[],"env":[]},)"
      R"({"name":"FuzzTest","command":["bash","fuzzy.sh"],"image":"arjoonn/jci","is_service":false,"timeout_ms":900000,"depends_on":["IntTest"],"env":[]}]},)"
      R"({"name":"release","jobs":[)"
      R"({"name":"Publish","command":"twine upload","image":"arjoonn/jci","is_service":false,"timeout_ms":900000,"depends_on":[],"env":[]}]}]})"
      "\n");
}

TEST_F(JsonLines, TellTheLifeOfEachJob) {
  run.start();
  written();
  run.job_waits("Redis", "pulling image `redis`: 3 of 12 MB");
  run.job_started("Redis", "4242");
  run.service_up("Redis", 1200ms);
  run.job_started("IntTest", "28d4985f0e77");
  run.output("IntTest", Stream::err, "oh \x1B[31mno\n");
  run.ended("IntTest", Exited{3}, 15s + 1ms, "Cov: 65%\n");
  run.skipped("FuzzTest");
  run.could_not_start("Black", "no such program");
  run.ended("Redis", Cancelled{}, 20s, "", "sha256:4abcf2");
  run.warning("log is full");
  EXPECT_EQ(
      written(),
      R"({"v":1,"event":"job_waits","at":"2026-11-28T12:03:04.000Z","job":"Redis","stage":"Pipeline","what":"pulling image `redis`: 3 of 12 MB"})"
      "\n"
      R"({"v":1,"event":"job_started","at":"2026-11-28T12:03:04.000Z","job":"Redis","stage":"Pipeline","run_id":"4242"})"
      "\n"
      R"({"v":1,"event":"service_up","at":"2026-11-28T12:03:04.000Z","job":"Redis","stage":"Pipeline","took_ms":1200})"
      "\n"
      R"({"v":1,"event":"job_started","at":"2026-11-28T12:03:04.000Z","job":"IntTest","stage":"Pipeline","run_id":"28d4985f0e77"})"
      "\n"
      R"({"v":1,"event":"job_output","job":"IntTest","stream":"stderr","text":"oh \u001b[31mno\n"})"
      "\n"
      R"({"v":1,"event":"job_finished","at":"2026-11-28T12:03:04.000Z","job":"IntTest","stage":"Pipeline","status":"FAILED",)"
      R"("run_id":"28d4985f0e77","took_ms":15001,"outcome":{"kind":"exited","code":3},"reason":"exit code 3","report":"Cov: 65%\n","up_after_ms":null,"image_digest":null})"
      "\n"
      R"({"v":1,"event":"job_finished","at":"2026-11-28T12:03:04.000Z","job":"FuzzTest","stage":"Pipeline","status":"SKIPPED",)"
      R"("run_id":null,"took_ms":null,"outcome":null,"reason":"`IntTest` failed","report":null,"up_after_ms":null,"image_digest":null})"
      "\n"
      R"({"v":1,"event":"job_finished","at":"2026-11-28T12:03:04.000Z","job":"Black","stage":"Pipeline","status":"FAILED",)"
      R"("run_id":null,"took_ms":null,"outcome":{"kind":"could_not_start"},"reason":"could not start: no such program","report":null,"up_after_ms":null,"image_digest":null})"
      "\n"
      R"({"v":1,"event":"job_finished","at":"2026-11-28T12:03:04.000Z","job":"Redis","stage":"Pipeline","status":"PASSED",)"
      R"("run_id":"28d4985f0e77","took_ms":20000,"outcome":{"kind":"cancelled"},"reason":null,"report":null,"up_after_ms":1200,"image_digest":"sha256:4abcf2"})"
      "\n"
      R"({"v":1,"event":"warning","at":"2026-11-28T12:03:04.000Z","message":"log is full"})"
      "\n");
}

TEST_F(JsonLines, EndWithTheReportAndTheExitCode) {
  run.start();
  run.ended("Black", Exited{0}, 3s);
  run.ended("IntTest", TimedOut{}, 3s);
  run.skipped("FuzzTest");
  run.finish(Status::timeout, 15s);
  written();
  view->finish("╔ 🔴\n", 1);
  EXPECT_EQ(
      written(),
      R"({"v":1,"event":"report","text":"╔ 🔴\n"})"
      "\n"
      R"({"v":1,"event":"run_finished","at":"2026-11-28T12:03:04.000Z","status":"TIMEOUT","exit_code":1,"took_ms":15000,)"
      R"("jobs":{"PASSED":1,"FAILED":0,"TIMEOUT":1,"CANCELLED":0,"SKIPPED":1}})"
      "\n");
}

TEST_F(JsonLines, DoNotClaimAnEndThatWasNotReached) {
  run.start();
  written();
  view->finish("report", 1);
  EXPECT_EQ(written(), "{\"v\":1,\"event\":\"report\",\"text\":\"report\"}\n");
}

/// The texts of all `job_output` lines.
std::vector<std::string> texts(const std::string& lines) {
  std::vector<std::string> found;
  for (std::size_t from = 0; from < lines.size();) {
    const auto end = lines.find('\n', from);
    const auto line = boost::json::parse(lines.substr(from, end - from)).as_object();
    if (line.at("event") == "job_output") found.emplace_back(line.at("text").as_string());
    from = end + 1;
  }
  return found;
}

TEST_F(JsonLines, KeepCharactersWholeThatCameInPieces) {
  run.start();
  run.output("Black", Stream::out, "a\xF0\x9F");
  run.output("Black", Stream::err, "e\xC3");
  run.output("Black", Stream::out, "\x9F\xA2z");
  run.output("Black", Stream::out, "\xE2");
  run.ended("Black", Exited{0}, 3s);
  EXPECT_EQ(texts(written()), (std::vector<std::string>{"a", "e", "🟢z", "\uFFFD", "\uFFFD"}));
}

TEST_F(JsonLines, HaveABoundedLength) {
  run.start();
  const auto mark = std::string("🟢");
  std::string megabyte;
  while (megabyte.size() < 1'000'000) megabyte += mark;
  run.output("Black", Stream::out, megabyte);
  const auto pieces = texts(written());
  std::string all;
  for (const auto& piece : pieces) {
    EXPECT_LE(piece.size(), 16U * 1024 + 3);
    all += piece;
  }
  EXPECT_EQ(all, megabyte);
}

}  // namespace
}  // namespace jci
