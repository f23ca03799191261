// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/engine/publisher.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;
using Published = std::vector<std::pair<std::string, Status>>;

class ShaReporter final : public Reporter {
 public:
  std::string render(const PipelineView& view) override { return "report of " + view.sha; }
};

/// Keeps what it gets; blocks in its first publication until told, or fails as long as told.
class Recorder final : public Remote {
 public:
  std::string name() const override { return "recorder"; }
  void open() override { opened.set_value(); }
  void close() override { closed = true; }
  void publish(const std::string& report, const PipelineView& view) override {
    if (fails_for_now) throw RemoteApiFailed::for_now("nobody answers");
    if (fails) throw RemoteApiFailed("the server says 503");
    published.emplace_back(report, view.status);
    if (published.size() == 1 && block) {
      first.set_value();
      go_on.get_future().wait();
    }
  }

  std::promise<void> opened, first, go_on;
  bool block = false;
  bool fails = false;
  bool fails_for_now = false;
  bool closed = false;
  Published published;
};

PipelineView view_of(const std::string& sha, Status status) {
  PipelineView view;
  view.sha = sha;
  view.status = status;
  return view;
}

class PublisherTest : public testing::Test {
 protected:
  void tell_news(Publisher& publisher) {
    static const Job job;
    publisher.on_event(JobStarted{job, "1", {}});
  }

  static Pace pace(Milliseconds interval) { return {.interval = interval}; }
  static Publisher::Result finish(Publisher& publisher, PipelineView last) {
    publisher.end(std::make_shared<const PipelineView>(std::move(last)));
    return publisher.join();
  }

  std::shared_ptr<Reporter> reporter = std::make_shared<ShaReporter>();
  Recorder remote;
};

TEST_F(PublisherTest, PublishesTheFinalReportAtOnceWhateverTheInterval) {
  Publisher publisher(reporter, remote, pace(1h), [] { return PipelineView{}; });
  const auto result = finish(publisher, view_of("abc", Status::passed));
  EXPECT_EQ(result.problems, std::vector<std::string>{});
  EXPECT_TRUE(result.delivered);
  EXPECT_EQ(remote.published, (Published{{"report of abc", Status::passed}}));
  EXPECT_TRUE(remote.closed);
}

TEST_F(PublisherTest, SendsOnlyTheNewestReportAfterASlowOne) {
  remote.block = true;
  int snapshots = 0;
  Publisher publisher(reporter, remote, pace(0ms),
                      [&] { return view_of(std::to_string(++snapshots), Status::running); });
  tell_news(publisher);
  remote.first.get_future().wait();
  for (int i = 0; i < 100; ++i)
    tell_news(publisher);  // none of these is sent: the end overtakes them
  auto end = std::async(std::launch::async,
                        [&] { return finish(publisher, view_of("last", Status::failed)); });
  remote.go_on.set_value();
  end.get();
  EXPECT_EQ(remote.published.front(),
            (std::pair<std::string, Status>{"report of 1", Status::running}));
  EXPECT_EQ(remote.published.back(),
            (std::pair<std::string, Status>{"report of last", Status::failed}));
  EXPECT_LE(remote.published.size(), 3u);
}

TEST_F(PublisherTest, PublishesTheFinalStatusOnceOnly) {
  std::promise<void> looked;
  Publisher publisher(reporter, remote, pace(0ms), [&] {
    looked.set_value();
    return view_of("early", Status::passed);
  });
  tell_news(publisher);
  looked.get_future().wait();
  finish(publisher, view_of("last", Status::passed));
  EXPECT_EQ(remote.published, (Published{{"report of last", Status::passed}}));
}

TEST_F(PublisherTest, NamesARemoteThatFailedOnceAndNoMore) {
  remote.fails = true;
  Publisher publisher(reporter, remote, pace(0ms), [] { return PipelineView{}; });
  tell_news(publisher);
  EXPECT_EQ(finish(publisher, view_of("abc", Status::passed)).problems,
            (std::vector<std::string>{
                "the report was not published by remote `recorder`: the server says 503"}));
}

TEST_F(PublisherTest, NamesAFailureThatHasNotPassedByTheEndEvenIfTheRemoteClosesWell) {
  remote.fails_for_now = true;
  Publisher publisher(reporter, remote, {.patience = 0ms}, [] { return PipelineView{}; });
  const Publisher::Result result = finish(publisher, view_of("abc", Status::passed));
  EXPECT_EQ(result.problems,
            (std::vector<std::string>{
                "the report was not published by remote `recorder`: nobody answers"}));
  EXPECT_FALSE(result.delivered);
  EXPECT_TRUE(result.may_be_later);
  EXPECT_TRUE(remote.closed);
}

/// Fails as its script says, one failure a call; what is behind the script works.
class Faulty final : public Remote {
 public:
  explicit Faulty(std::vector<RemoteApiFailed> failures) : failures_(std::move(failures)) {}
  std::string name() const override { return "faulty"; }
  void publish(const std::string& report, const PipelineView&) override {
    ++calls;
    if (!failures_.empty()) {
      const RemoteApiFailed failure = failures_.front();
      failures_.erase(failures_.begin());
      throw failure;
    }
    published.push_back(report);
  }

  int calls = 0;
  std::vector<std::string> published;

 private:
  std::vector<RemoteApiFailed> failures_;
};

const RemoteApiFailed k_busy = RemoteApiFailed::for_now("the server says 503");
const RemoteApiFailed k_refused("the server says 403");
constexpr Pace k_quick{.interval = 0ms, .first_wait = 1ms, .patience = 10s};

TEST_F(PublisherTest, TriesAgainWhatMayPassAndThenHasNothingToSayOfIt) {
  Faulty faulty({k_busy, k_busy});
  Publisher publisher(reporter, faulty, k_quick, [] { return PipelineView{}; });
  const auto result = finish(publisher, view_of("abc", Status::failed));
  EXPECT_EQ(faulty.published, std::vector<std::string>{"report of abc"});
  EXPECT_EQ(result.problems, std::vector<std::string>{});
  EXPECT_TRUE(result.delivered);
}

TEST_F(PublisherTest, DoesNotTryAgainWhatWillNotPass) {
  Faulty faulty({k_refused, k_refused});
  Publisher publisher(reporter, faulty, k_quick, [] { return PipelineView{}; });
  const auto result = finish(publisher, view_of("abc", Status::passed));
  EXPECT_EQ(faulty.calls, 1);
  EXPECT_EQ(result.problems,
            std::vector<std::string>{
                "the report was not published by remote `faulty`: the server says 403"});
  EXPECT_FALSE(result.delivered);
  EXPECT_FALSE(result.may_be_later);
}

TEST_F(PublisherTest, LeavesItForLaterWhereTheRemoteAsksForMoreTimeThanThereIs) {
  Faulty faulty({RemoteApiFailed::for_now("too many requests", 1h)});
  Publisher publisher(reporter, faulty, k_quick, [] { return PipelineView{}; });
  const auto result = finish(publisher, view_of("abc", Status::passed));
  EXPECT_EQ(faulty.calls, 1);
  EXPECT_EQ(result.report, "report of abc");
  EXPECT_FALSE(result.delivered);
  EXPECT_TRUE(result.may_be_later);
}

TEST_F(PublisherTest, WaitsAsLongAsTheRemoteAskedForDuringTheRunToo) {
  Faulty faulty({RemoteApiFailed::for_now("too many requests", 1h)});
  std::promise<void> asked;
  Publisher publisher(reporter, faulty, k_quick, [&] {
    asked.set_value();
    return view_of("abc", Status::running);
  });
  tell_news(publisher);
  asked.get_future().wait();
  const auto result = finish(publisher, view_of("abc", Status::passed));
  EXPECT_EQ(faulty.calls, 1);
  EXPECT_TRUE(result.may_be_later);
}

/// Never answers, unless it is interrupted.
class Hanging final : public Remote {
 public:
  std::string name() const override { return "hanging"; }
  void publish(const std::string&, const PipelineView&) override {
    interrupted_.get_future().wait();
    throw RemoteApiFailed::for_now("no answer in time");
  }
  void interrupt() override { interrupted_.set_value(); }

 private:
  std::promise<void> interrupted_;
};

TEST_F(PublisherTest, InterruptsARemoteThatHangsWhenItsPatienceIsOver) {
  Hanging hanging;
  Publisher publisher(reporter, hanging, {.interval = 0ms, .first_wait = 1ms, .patience = 20ms},
                      [] { return PipelineView{}; });
  const auto result = finish(publisher, view_of("abc", Status::passed));
  EXPECT_EQ(result.problems,
            std::vector<std::string>{
                "the report was not published by remote `hanging`: no answer in time"});
  EXPECT_TRUE(result.may_be_later);
}

/// Keeps reports as a list of what happened to them.
Safekeeping noting(std::vector<std::string>& diary) {
  return {.keep =
              [&diary](const Remote&, const std::string& report, Status status) {
                diary.push_back("keep " + report + " " + std::string(to_string(status)));
                return std::string("name");
              },
          .drop = [&diary](const std::string& name) { diary.push_back("drop " + name); }};
}

TEST_F(PublisherTest, KeepsTheFinalReportSafeUntilTheRemoteHasIt) {
  std::vector<std::string> diary;
  Faulty faulty({k_busy});
  Publisher publisher(reporter, faulty, k_quick, [] { return PipelineView{}; }, noting(diary));
  const auto result = finish(publisher, view_of("abc", Status::failed));
  EXPECT_EQ(diary, (std::vector<std::string>{"keep report of abc FAILED", "drop name"}));
  EXPECT_FALSE(result.kept);
}

TEST_F(PublisherTest, LeavesInSafekeepingWhatMayArriveLaterAndOnlyThat) {
  std::vector<std::string> later, never;
  Faulty busy({RemoteApiFailed::for_now("too many requests", 1h)}), refusing({k_refused});
  Publisher one(reporter, busy, k_quick, [] { return PipelineView{}; }, noting(later));
  EXPECT_TRUE(finish(one, view_of("abc", Status::passed)).kept);
  EXPECT_EQ(later, std::vector<std::string>{"keep report of abc PASSED"});
  Publisher other(reporter, refusing, k_quick, [] { return PipelineView{}; }, noting(never));
  EXPECT_FALSE(finish(other, view_of("abc", Status::passed)).kept);
  EXPECT_EQ(never.back(), "drop name");
}

TEST_F(PublisherTest, PublishesEvenIfNothingCanBeKeptAndSaysSo) {
  const Safekeeping full{.keep = [](const Remote&, const std::string&, Status) -> std::string {
                           throw std::runtime_error("no space left");
                         },
                         .drop = {}};
  Publisher publisher(reporter, remote, k_quick, [] { return PipelineView{}; }, full);
  const auto result = finish(publisher, view_of("abc", Status::passed));
  EXPECT_EQ(remote.published, (Published{{"report of abc", Status::passed}}));
  EXPECT_EQ(result.problems,
            std::vector<std::string>{
                "the report for remote `recorder` is not kept for later: no space left"});
}

/// Is told only of ends.
class OnlyEnds final : public Remote {
 public:
  std::string name() const override { return "ends"; }
  bool wants(const PipelineView& view) override { return view.status == Status::failed; }
  void publish(const std::string& report, const PipelineView&) override {
    published.push_back(report);
  }
  std::vector<std::string> published;
};

TEST_F(PublisherTest, NeitherPublishesNorKeepsWhatTheRemoteDoesNotWant) {
  std::vector<std::string> diary;
  OnlyEnds ends;
  {
    Publisher publisher(reporter, ends, k_quick, [] { return PipelineView{}; }, noting(diary));
    EXPECT_EQ(finish(publisher, view_of("abc", Status::passed)).problems,
              std::vector<std::string>{});
  }
  EXPECT_EQ(ends.published, std::vector<std::string>{});
  EXPECT_EQ(diary, std::vector<std::string>{});
  Publisher publisher(reporter, ends, k_quick, [] { return PipelineView{}; });
  finish(publisher, view_of("abc", Status::failed));
  EXPECT_EQ(ends.published, std::vector<std::string>{"report of abc"});
}

TEST_F(PublisherTest, PublishesNothingWhenItIsThrownAway) {
  {
    const Publisher publisher(reporter, remote, pace(0ms), [] { return PipelineView{}; });
  }
  EXPECT_EQ(remote.published, Published{});
  EXPECT_TRUE(remote.closed);
}

TEST(Pace, GivesARemoteThatHangsNoMoreThanAMoment) {
  using namespace std::chrono_literals;
  const Pace pace{.patience = 5s};
  const Pace::Time end(1h);
  EXPECT_EQ(pace.out_of_patience(end, std::nullopt), end + 5s);
  EXPECT_EQ(pace.out_of_patience(end, end), end + 5s);
  EXPECT_EQ(pace.out_of_patience(end, end - 2s), end + 3s);
  EXPECT_EQ(pace.out_of_patience(end, end - 1min), end + 100ms);
}

}  // namespace
}  // namespace jci
