// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace jci {

// Text as people see it: in columns of a terminal, without anything that could drive the terminal.
//
// Columns follow Unicode's East Asian Width; what a terminal draws as one sign counts once: a letter with its combining marks,
// an emoji with its modifiers and joiners, a flag. A byte that is not UTF-8 counts as one U+FFFD.

/// The columns that `text`, one line, takes. Control characters take none.
std::size_t display_width(std::string_view text);

/// The longest beginning of `text` that takes at most `columns`, ending between two signs.
std::string_view cut(std::string_view text, std::size_t columns);

/// `text`, whole, with spaces behind it up to `columns`.
std::string pad(std::string_view text, std::size_t columns);

/// `text` where it fits into `columns`, else its beginning and "…".
std::string elide(std::string_view text, std::size_t columns);

/// The characters (code points) of `text`, which is valid UTF-8: services limit messages in these.
std::size_t count_characters(std::string_view text);

/// `text`, valid UTF-8, where it has at most `characters`, else its beginning and "…". Other than `elide` it also cuts what takes no column.
std::string shorten(std::string_view text, std::size_t characters);

/// `bytes` with each malformed sequence replaced by U+FFFD.
std::string to_valid_utf8(std::string_view bytes);

/// The same for bytes that come in pieces cut anywhere: holds back the beginning of a character until its end comes.
class Utf8Stream {
 public:
  std::string take(std::string_view bytes);
  /// What was held back, as U+FFFD; empty if nothing was.
  std::string finish();

 private:
  std::string held_;  // at most 3 bytes
};

/// Lines of anyone's output, safe to show: valid UTF-8 without escape sequences, control and text direction characters; tabs
/// become spaces up to the next multiple of 8; of a line that was rewritten with carriage returns the last version stays.
/// Newlines stay.
std::string sanitize(std::string_view bytes);

/// The same on one line: runs of newlines become one space, and there are none at the ends.
std::string sanitize_line(std::string_view bytes);

/// Without spaces, tabs and line ends at its ends.
std::string_view trim(std::string_view text);

/// "1 job", "2 jobs", "0 jobs"; `many` where it is not `one` with an s.
std::string counted(std::size_t number, std::string_view one, std::string_view many = {});

/// Whole minutes and seconds, rounded down: "0: 3", "12:34", "600: 0".
std::string minutes_seconds(std::chrono::nanoseconds duration);

/// For sentences, two units at most: "0 ms", "250 ms", "3.2 s", "2 min 5 s", "15 min", "1 h 2 min".
std::string human_duration(std::chrono::nanoseconds duration);

}  // namespace jci
