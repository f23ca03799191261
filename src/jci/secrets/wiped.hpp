// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace jci::secrets {

/// Overwrites what `text` holds, and empties it.
void wipe(std::string& text);

/// A text, or bytes, that is overwritten when its life ends: a key, a value in the clear.
class Wiped {
 public:
  Wiped() = default;
  explicit Wiped(std::string text) : text_(std::move(text)) {}
  Wiped(const Wiped&) = default;
  Wiped(Wiped&&) noexcept = default;
  Wiped& operator=(Wiped other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~Wiped() { wipe(text_); }

  const std::string& text() const { return text_; }
  std::string_view view() const { return text_; }
  bool operator==(const Wiped&) const = default;

 private:
  std::string text_;
};

}  // namespace jci::secrets
