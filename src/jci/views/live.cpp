// SPDX-License-Identifier: MIT
#include "jci/views/live.hpp"

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/core/dot.hpp"
#include "jci/util/text.hpp"
#include "jci/views/endings.hpp"
#include "jci/views/output.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;

constexpr auto k_between_frames = 100ms;
constexpr auto k_rest_of_a_second = 1s - k_between_frames;
constexpr std::size_t k_least_name_columns = 15;
constexpr std::size_t k_most_name_columns = 40;
constexpr std::size_t k_most_rows = 20;

// ECMA-48 control sequences.
constexpr std::string_view k_erase_rest_of_line = "\x1B[K";
constexpr std::string_view k_erase_below = "\x1B[J";
std::string cursor_up(std::size_t rows) {
  return rows == 0 ? "\r" : fmt::format("\r\x1B[{}A", rows);
}

struct Size {
  std::size_t rows;
  std::size_t columns;
};

Size size_of(int terminal) {
  winsize size{};
  const bool known =
      ::ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
  return known ? Size{size.ws_row, size.ws_col} : Size{24, 80};
}

/// False while the user holds the terminal (Ctrl-S): a write would block until it is let go.
bool takes_output(int terminal) {
  pollfd asked{.fd = terminal, .events = POLLOUT, .revents = 0};
  return ::poll(&asked, 1, 0) != 0;
}

/// The lower part of the terminal, which is drawn again and again; what is printed goes above it for good.
class Region {
 public:
  explicit Region(int terminal) : terminal_(terminal), columns_(size_of(terminal).columns) {}

  /// A line that stays. Shown with the next frame.
  void print(std::string line) { printed_.push_back(std::move(line)); }

  /// Puts `rows` in the place of those drawn before; each must be narrower than the terminal.
  /// Erases behind what it writes, not before: a terminal that is erased from its top keeps what was there as history. But when
  /// its width has changed all goes first, so that it forgets which rows it has broken in two.
  void draw(const std::vector<std::string>& rows, Size size) {
    auto frame = cursor_up(height(size.columns));
    if (std::exchange(columns_, size.columns) != size.columns) frame += k_erase_below;
    for (const auto& line : std::exchange(printed_, {})) append(frame, line, size.columns);
    for (const auto& row : rows) append(frame, row, size.columns);
    frame += k_erase_below;
    write_all(terminal_, frame);
    widths_.clear();
    for (const auto& row : rows) widths_.push_back(display_width(row));
  }

 private:
  static void append(std::string& frame, const std::string& line, std::size_t columns) {
    frame += line;
    // Behind a line that fills its row the cursor still stands on the last character.
    const auto width = display_width(line);
    if (width == 0 || width % columns != 0) frame += k_erase_rest_of_line;
    frame += '\n';
  }

  /// Rows that the last frame takes now: a terminal that has become narrower has broken its lines.
  std::size_t height(std::size_t columns) const {
    std::size_t rows = 0;
    for (const auto width : widths_)
      rows += std::max<std::size_t>(1, (width + columns - 1) / columns);
    return rows;
  }

  int terminal_;
  std::vector<std::string> printed_;
  std::vector<std::size_t> widths_;  // of the rows of the last frame
  std::size_t columns_;              // of the terminal, then
};

class Live : public Observer {
 public:
  Live(const boost::asio::any_io_executor& loop, int terminal, std::function<WallTime()> now)
      : timer_(loop), terminal_(terminal), region_(terminal), now_(std::move(now)) {}

  void on_event(const Event& event) override {
    std::visit([this](const auto& happened) { tell(happened); }, event);
  }

 private:
  struct Running {
    std::string name;
    WallTime at;
  };
  // What the timer is set for.
  enum class Next { nothing, frame, end_of_pause, second };

  // --- what happened ---

  void tell(const RunStarted& run) {
    endings_.emplace(run.pipeline);
    started_at_ = run.at;
    waiting_ = run.pipeline.jobs().size();
    for (const auto& job : run.pipeline.jobs()) {
      name_columns_ = std::clamp(display_width(job.name), name_columns_, k_most_name_columns);
    }
    changed();
  }

  void tell(const JobWaits& waits) {
    held_up_.insert_or_assign(waits.job.id,
                              fmt::format("{}: {}", waits.job.name, sanitize_line(waits.what)));
    changed();
  }

  void tell(const JobStarted& started) {
    held_up_.erase(started.job.id);
    --waiting_;
    running_.emplace(started.job.id, Running{started.job.name, started.at});
    changed();
  }

  void tell(const ServiceUp& up) {
    running_.erase(up.job.id);
    ++services_up_;
    region_.print(job_line(Status::passed, up.job.name, up.took, "service"));
    changed();
  }

  void tell(const JobOutput& /*output*/) {}

  void tell(const JobFinished& ended) {
    const auto& [job, state, at] = ended;
    held_up_.erase(job.id);
    const bool was_running = running_.erase(job.id) > 0;
    const bool was_up = !was_running && job.is_service() && state.started_at;
    if (was_up) --services_up_;
    if (!was_running && !was_up) --waiting_;
    auto why = endings_->tell(ended);
    if (state.status == Status::skipped) why.insert(0, "skipped: ");
    if (was_up && state.status == Status::passed) return changed();  // was shown when it came up
    region_.print(job_line(state.status, job.name, state.took, why));
    changed();
  }

  void tell(const Warning& warning) {
    region_.print("warning: " + sanitize_line(warning.message));
    finished_ ? erase() : changed();
  }

  void tell(const RunFinished& /*run*/) {
    finished_ = true;
    timer_.cancel();
    erase();
  }

  // --- when to draw ---

  void changed() {
    changed_ = true;
    if (next_ == Next::nothing || next_ == Next::second) set_timer(Next::frame, 0ms);
  }

  void set_timer(Next next, std::chrono::milliseconds delay) {
    next_ = next;
    timer_.expires_after(delay);
    timer_.async_wait(
        [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& cancelled) {
          if (!cancelled && !alive.expired() && !finished_) on_timer();
        });
  }

  void on_timer() {
    const bool due = next_ != Next::end_of_pause || changed_;
    if (due && takes_output(terminal_)) {
      draw();
      set_timer(Next::end_of_pause, k_between_frames);
    } else if (due) {
      changed_ = true;
      set_timer(Next::end_of_pause, k_between_frames);
    } else if (!running_.empty() || !held_up_.empty()) {
      set_timer(Next::second, k_rest_of_a_second);
    } else {
      next_ = Next::nothing;
    }
  }

  // --- what to draw ---

  void draw() {
    changed_ = false;
    const auto size = size_of(terminal_);
    columns_ = size.columns;
    region_.draw(rows(size), size);
  }

  void erase() { region_.draw({}, size_of(terminal_)); }

  std::vector<std::string> rows(Size size) const {
    if (!endings_) return {};
    constexpr std::size_t k_others =
        3;  // the numbers, the cursor's row, and one above to see that there is more
    const auto room = std::min(std::max(size.rows, k_others) - k_others, k_most_rows);
    const bool all = running_.size() <= room;
    const auto shown = all ? running_.size() : room - std::min<std::size_t>(room, 1);
    std::vector<std::string> lines;
    for (auto job = running_.begin(); lines.size() < shown; ++job) {
      lines.push_back(row(job->second));
    }
    if (!all && room > 0) lines.push_back(fmt::format("... and {} more", running_.size() - shown));
    // Jobs that wait mostly wait for the same: one of them says it for all.
    if (!held_up_.empty() && lines.size() < room) lines.push_back(held_up_.begin()->second);
    lines.push_back(numbers());
    for (auto& line : lines) line = elide(line, size.columns - 1);
    return lines;
  }

  /// A running job. Of a name that is too long for the terminal its end goes, not the time behind it.
  std::string row(const Running& job) const {
    return job_line(Status::running, elide(job.name, name_room()), since(job.at), "");
  }

  std::string job_line(Status status, std::string_view name, std::optional<Nanoseconds> took,
                       std::string_view remark) const {
    const auto time = took ? minutes_seconds(*took) : "";
    auto line = fmt::format("{} {} {:>7} {}", dot(status), pad(name, name_room()), time, remark);
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  }

  std::size_t name_room() const {
    constexpr std::size_t k_others = 12;  // dot, blanks, time, and the last column left free
    return std::min(name_columns_, std::max(columns_, k_others) - k_others);
  }

  std::string numbers() const {
    auto text = fmt::format("{} running", running_.size());
    if (waiting_ > 0) text += fmt::format(", {} waiting", waiting_);
    if (services_up_ > 0) text += ", " + counted(services_up_, "service") + " up";
    if (const auto ended = endings_->summary(); !ended.empty()) text += ", " + ended;
    return text + " " + minutes_seconds(since(started_at_));
  }

  /// A wall clock may be set back.
  Nanoseconds since(WallTime at) const { return std::max<Nanoseconds>(0ns, now_() - at); }

  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // known to what waits in the loop
  boost::asio::steady_timer timer_;
  int terminal_;
  Region region_;
  std::function<WallTime()> now_;
  std::optional<Endings> endings_;  // from RunStarted on
  WallTime started_at_{};
  std::map<JobId, std::string> held_up_;  // before they start, and what for
  std::map<JobId, Running> running_;      // services only until they are up
  std::size_t waiting_ = 0;
  std::size_t services_up_ = 0;
  std::size_t name_columns_ = k_least_name_columns;
  std::size_t columns_ = size_of(terminal_).columns;  // at the last frame
  Next next_ = Next::nothing;
  bool changed_ = false;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Observer> make_live_view(boost::asio::any_io_executor loop, int fd,
                                         std::function<WallTime()> now) {
  return std::make_unique<Live>(loop, fd, std::move(now));
}

}  // namespace jci
