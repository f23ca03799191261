// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace jci {

// Our part of a text that is also written by people: the body of a pull request. It stands between two lines that Markdown does not show.

/// The line that begins the part of the pipeline that is called `context`; other pipelines have other parts.
std::string block_begin(std::string_view context);

/// Our part: the report between its two lines. A report of Text is put into a fence, any other is taken for Markdown. No line of it can
/// be taken for the part's end.
std::string make_block(std::string_view context, std::string_view report);

/// `body` with `block` in place of the part that is there, or behind it where there is none. Every byte of others stays as it is, whatever they wrote: a part
/// that lost one of its lines counts as theirs. Nothing is added where `body` holds `block` already.
std::string with_block(std::string_view body, std::string_view context, std::string_view block);

}  // namespace jci
