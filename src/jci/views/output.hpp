// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace jci {

/// Writes all of `text`, waiting where `fd` is full. False if it cannot be written: the reader has gone, the disk is full.
bool write_all(int fd, std::string_view text);

/// Text on its way to a descriptor that a view does not own. What comes in one turn of the loop goes out in one write.
/// After a write has failed the rest is thrown away: that nobody looks is no reason to stop a run.
class Output {
 public:
  Output(boost::asio::any_io_executor loop, int fd);
  /// Writes what is left.
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void append(std::string_view text);
  /// The loop has come to its end: writes what there is, and from now on everything at once. Nothing of it stays in the loop.
  void leave_loop();

 private:
  struct Buffer;
  boost::asio::any_io_executor loop_;
  bool has_loop_ = true;
  std::shared_ptr<Buffer> buffer_;  // shared with the flush that waits in the loop
};

}  // namespace jci
