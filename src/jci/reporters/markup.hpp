// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace jci::report {

// Anyone's text as a part of a document, so that it stays inside of its element, cell, span, fence or label whatever it is.
// What is given may be any bytes.

/// For text and attribute values of HTML 5 and XML 1.0: nothing in it is markup, and no character that XML forbids is left. Lines stay lines.
std::string markup_text(std::string_view text);

/// Inline code of GitHub Flavored Markdown, also in a cell of a table; on one line. Services look for mentions, links and
/// shortcodes everywhere but in code, which is why foreign text is shown in no other way. At most `characters` of it.
std::string markdown_code(std::string_view text, std::size_t characters);

/// The same as HTML, for where Markdown is not read: in a `<summary>`.
std::string html_code(std::string_view text, std::size_t characters);

/// A fenced block, on lines of its own; `language` is ours.
std::string markdown_fence(std::string_view text, std::string_view language);

/// A label of Mermaid, quotes included, of at most `characters`.
std::string mermaid_label(std::string_view text, std::size_t characters);

}  // namespace jci::report
